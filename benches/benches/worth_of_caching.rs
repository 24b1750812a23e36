//! Times nothing: shows what `frozen_vs_cached` has measured, in the terminal, as `caching.md` and as `caching.svg`.
//!
//! Cargo runs this after the other benchmarks, so that `cargo bench -p benches` ends with the table. `cargo bench -p benches --bench
//! worth_of_caching` shows it again.
#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;
use benches::{Comparisons, Images, digits, images_of_exercise_9, print_dataset, time_multiply_adds};

/// The layers whose times are drawn; four differ little.
const DRAWN: usize = 5;
/// How often the processor's speed is measured: the shortest time counts, since other work only makes it longer.
const ROUNDS: usize = 49;

fn main() -> Result<()> {
    // Cargo passes all benchmarks what was meant for criterion.
    if env::args().any(|argument| ["--list", "--test"].contains(&argument.as_str())) {
        return Ok(());
    }
    let folder = criterion_folder();
    let digits = digits()?;
    print_dataset(&digits);
    let images = images_of_exercise_9(digits).map(|data| Images::of(&data));
    let comparisons = Comparisons::read(&folder, images, multiply_add())?;
    if comparisons.is_empty() {
        println!("Nothing is measured yet in {}: run `cargo bench -p benches`.", folder.display());
        return Ok(());
    }
    let [table, figure] = ["caching.md", "caching.svg"].map(|name| folder.join(name));
    fs::write(&table, comparisons.to_markdown())?;
    fs::write(&figure, comparisons.to_svg(DRAWN)?)?;
    println!(
        "\nWhat caching is worth: medians, and the 95 % bootstrap interval of their ratio\n{}",
        comparisons.to_text()
    );
    println!("\nThe same as Markdown and as a picture: {} and {}", table.display(), figure.display());
    Ok(())
}

/// Measures the nanoseconds of a multiply-add.
fn multiply_add() -> f64 {
    let rounds = (0..ROUNDS).map(|_| time_multiply_adds(NonZeroUsize::MIN));
    rounds.min().unwrap_or_default().as_secs_f64()
}

/// Returns where criterion keeps its samples, by the rule that it goes by itself.
fn criterion_folder() -> PathBuf {
    let target = || env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let folder = || target().unwrap_or_else(workspace).join("criterion");
    env::var_os("CRITERION_HOME").map_or_else(folder, PathBuf::from)
}
