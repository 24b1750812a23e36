//! Flags and parts: what `--help` tells of them, and what becomes of bad ones.

use crate::common::Place;

#[test]
fn help_tells_of_every_part() {
    Place::new().assert_help("abcdef", &["--augment <NAME>"]);
}

#[test]
fn version_names_the_binary() {
    let version = concat!("ex10-pretrain ", env!("CARGO_PKG_VERSION"), "\n");
    Place::new().run(["-V"]).success().stdout(version);
}

#[test]
fn bad_usage_ends_with_status_2_and_names_the_flag() {
    Place::new().assert_bad_usage(&[
        (&["g"], "'g' for '[PART]"),
        (&["--optimizer", "sgd"], "--optimizer"),
        (&["--epochs", "0"], "--epochs"),
        (&["--batch-size", "0"], "--batch-size"),
        (&["--learning-rate", "-1"], "--learning-rate"),
        (&["d", "--augment", "off"], "--augment is for part f alone: ex10-pretrain f --augment off"),
        (&["--no-such-flag"], "--no-such-flag"),
    ]);
}
