//! The flags that say where digits come from.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use ch11_core::data::{self, synthetic};

/// The values of `--data`.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Choice {
    /// MNIST wherever it is found, or else synthetic digits
    Auto,
    /// MNIST, and nothing else
    Mnist,
    /// The IDX files in the named folder, whatever they show
    Idx,
    /// Digits drawn by this program
    Synthetic,
}

impl From<Choice> for data::Choice {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Auto => Self::Auto,
            Choice::Mnist => Self::Mnist,
            Choice::Idx => Self::Idx,
            Choice::Synthetic => Self::Synthetic,
        }
    }
}

/// The flags that say where digits come from.
#[derive(Debug, Clone, clap::Args)]
pub struct DataArgs {
    /// Which digits to use
    #[arg(long = "data", help_heading = "Data", value_name = "SOURCE", value_enum, default_value_t = Choice::Auto)]
    choice: Choice,

    /// Folder of MNIST's four files, plain or gzipped, or of torchvision's MNIST/raw [env: MNIST_DIR]
    #[arg(long = "data-dir", help_heading = "Data", value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Never open a network connection
    #[arg(long, help_heading = "Data")]
    offline: bool,
}

impl DataArgs {
    /// Returns which digits to load; synthetic ones are drawn in MNIST's number, or with `quick` in a tenth of it.
    pub fn request(&self, quick: bool) -> data::Request {
        let mnist = synthetic::Size::MNIST;
        let tenth = synthetic::Size { training: mnist.training / 10, test: mnist.test / 10 };
        data::Request {
            choice: self.choice.into(),
            folder: self.folder.clone().or_else(|| folder_from(env::var_os("MNIST_DIR"))),
            offline: self.offline,
            synthetic: synthetic::DrawnDigits {
                size: if quick { tenth } else { mnist },
                ..synthetic::DrawnDigits::default()
            },
        }
    }
}

/// Takes an environment variable as a folder; an empty one counts as none.
fn folder_from(variable: Option<OsString>) -> Option<PathBuf> {
    variable.filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_no_folder() {
        assert_eq!(folder_from(Some("".into())), None);
        assert_eq!(folder_from(Some("digits".into())), Some("digits".into()));
    }
}
