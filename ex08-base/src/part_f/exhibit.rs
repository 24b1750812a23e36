//! Training digits beside what a network sees of them.

use ch11_core::data::Augmentation;
use ch11_harness::cli::Session;
use ch11_harness::report::{Picture, grey_levels};

/// How many digits are shown.
const SHOWN: usize = 16;

/// Says what the pictures are.
pub fn note(augmentation: Augmentation) -> String {
    format!("The first training digits, and each as it is drawn once with `{augmentation}`.")
}

/// Shows the first training digits as they are, and as they are drawn.
pub fn pictures(session: &Session, augmentation: Augmentation) -> Vec<Picture> {
    let train = &session.digits.train;
    let digits = train.select(&(0..SHOWN.min(train.len())).collect::<Vec<_>>());
    let drawn = augmentation.distorter().distorted(&digits, session.args.seed);
    let picture = |row: usize| Picture {
        images: vec![grey_levels(&digits, row), grey_levels(&drawn, row)],
        caption: vec![digits.labels()[row].to_string()],
        wrong: false,
    };
    (0..digits.len()).map(picture).collect()
}
