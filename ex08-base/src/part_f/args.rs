//! The flag of the part.

use ch11_core::data::Augmentation;
use ch11_harness::cli::{augments_part, named};

use crate::Part;

/// The flag of the part.
#[derive(Debug, Clone, clap::Args)]
pub struct AugmentArgs {
    /// How training digits are distorted, beside a network that sees them as they are [default: each way in turn]
    #[arg(long, value_name = "NAME", help_heading = "Augmentation (part f)", value_parser = named::<Augmentation, _>(Augmentation::NAMES))]
    augment: Option<Augmentation>,
}

impl AugmentArgs {
    /// Checks that the part that heeds the flag is one of those that are run.
    pub fn check(&self, parts: &[Part]) -> Result<(), String> {
        augments_part(self.augment, ("ex08-base", Part::F), parts)
    }

    /// Returns whether a network is trained in this way.
    pub fn includes(&self, augmentation: Augmentation) -> bool {
        augmentation.is_off() || self.augment.is_none_or(|asked| asked == augmentation)
    }
}
