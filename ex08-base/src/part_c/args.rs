//! The flags of the search.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ch11_harness::program::OwnFlags;
use ch11_harness::search::Shard;

use crate::Part;

/// The flags of the search.
#[derive(Debug, Clone, clap::Args)]
pub struct SearchArgs {
    /// Candidates to draw from the space [default: 24, with --quick 3]
    #[arg(long, value_name = "N", help_heading = "Search (part c)")]
    candidates: Option<NonZeroUsize>,

    /// Folds of the cross-validation [default: 3, with --quick 2]
    #[arg(long, value_name = "K", help_heading = "Search (part c)", value_parser = folds)]
    folds: Option<usize>,

    /// TOML file of what to choose from; ex08-base/spaces has examples [default: its default.toml]
    #[arg(long, value_name = "FILE", help_heading = "Search (part c)")]
    pub space: Option<PathBuf>,

    /// Drop losing candidates after a few epochs, by successive halving
    #[arg(long, help_heading = "Search (part c)")]
    pub halving: bool,

    /// Run the share I of N of the fits, while other processes run the other shares in the same folder
    #[arg(long, value_name = "I/N", help_heading = "Search (part c)", default_value_t = Shard::WHOLE, hide_default_value = true)]
    pub shard: Shard,
}

impl OwnFlags<Part> for SearchArgs {
    fn check(&self, parts: &[Part]) -> Result<(), String> {
        if self.shard == Shard::WHOLE || parts == [Part::C] {
            return Ok(());
        }
        Err("--shard shares part c alone: ex08-base c --shard I/N".to_owned())
    }
}

impl SearchArgs {
    /// Returns how many candidates to draw.
    pub fn candidates(&self, quick: bool) -> NonZeroUsize {
        let default = const { [NonZeroUsize::new(24).unwrap(), NonZeroUsize::new(3).unwrap()] };
        self.candidates.unwrap_or(default[usize::from(quick)])
    }

    /// Returns the number of folds.
    pub fn folds(&self, quick: bool) -> usize {
        self.folds.unwrap_or(if quick { 2 } else { 3 })
    }
}

fn folds(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(folds) if (2..=100).contains(&folds) => Ok(folds),
        _ => Err("a number from 2 to 100 is needed".to_owned()),
    }
}
