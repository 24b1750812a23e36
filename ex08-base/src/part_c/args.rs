//! The flags of the search.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ch11_harness::cli::Args;
use ch11_harness::program::OwnFlags;
use ch11_harness::search::{FoldCount, Search};

use crate::Part;

/// The flags of the search.
#[derive(Debug, Clone, clap::Args)]
pub struct SearchArgs {
    /// Candidates to draw from the space [default: 24, with --quick 3]
    #[arg(long, value_name = "N", help_heading = "Search (part c)", value_parser = candidates)]
    candidates: Option<NonZeroUsize>,

    /// Folds of the cross-validation [default: 3, with --quick 2]
    #[arg(long, value_name = "K", help_heading = "Search (part c)", value_parser = folds)]
    folds: Option<FoldCount>,

    /// TOML file of what to choose from; ex08-base/spaces has examples [default: its default.toml]
    #[arg(long, value_name = "FILE", help_heading = "Search (part c)")]
    pub space: Option<PathBuf>,

    /// Drop losing candidates after a few epochs, by successive halving
    #[arg(long, help_heading = "Search (part c)")]
    pub halving: bool,
}

impl OwnFlags<Part> for SearchArgs {
    fn check(&self, parts: &[Part], args: &Args) -> Result<(), String> {
        match args.shard {
            Some(_) if parts == [Part::C] => Ok(()),
            Some(_) if parts.contains(&Part::C) => {
                Err("--shard shares the search, ex08-base c --shard I/N, or the seeds of other parts, ex08-base b --seeds K --shard I/N".to_owned())
            }
            _ => args.has_seeds_for_each_shard(),
        }
    }
}

impl SearchArgs {
    /// Returns how many candidates to draw.
    pub fn candidates(&self, quick: bool) -> NonZeroUsize {
        let default = const { [NonZeroUsize::new(24).unwrap(), NonZeroUsize::new(3).unwrap()] };
        self.candidates.unwrap_or(default[usize::from(quick)])
    }

    /// Returns the number of folds.
    pub fn folds(&self, quick: bool) -> FoldCount {
        let default = const { [FoldCount::new(3).unwrap(), FoldCount::new(2).unwrap()] };
        self.folds.unwrap_or(default[usize::from(quick)])
    }
}

fn candidates(text: &str) -> Result<NonZeroUsize, String> {
    let candidates = text.parse().ok().filter(|&candidates| candidates <= Search::MOST_CANDIDATES);
    candidates.ok_or_else(|| format!("a number from 1 to {} is needed", Search::MOST_CANDIDATES))
}

fn folds(text: &str) -> Result<FoldCount, String> {
    let folds = text.parse().ok().and_then(FoldCount::new);
    folds.ok_or_else(|| "a number from 2 to 100 is needed".to_owned())
}
