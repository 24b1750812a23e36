//! Flags and parts: what `--help` tells of them, and what becomes of bad ones.

use crate::common::{Place, stdout};

#[test]
fn help_tells_of_every_part_and_of_the_network_to_reuse() {
    Place::new().assert_help("abcdefgh", &["--pretrained <DIR|FILE>", "--augment <NAME>"]);
    assert!(stdout(&Place::new().run(["-h"]).success()).contains("runs/ex08"));
}

#[test]
fn version_names_the_binary() {
    let version = concat!("ex09-transfer ", env!("CARGO_PKG_VERSION"), "\n");
    Place::new().run(["-V"]).success().stdout(version);
}

#[test]
fn bad_usage_ends_with_status_2_and_names_the_flag() {
    Place::new().assert_bad_usage(&[
        (&["z"], "'z' for '[PART]"),
        (&["b", "i"], "'i' for '[PART]"),
        (&["bc"], "'bc' for '[PART]"),
        (&["--pretrained"], "--pretrained"),
        (&["--pretrained", ""], "--pretrained"),
        (&["--pretrianed", "runs"], "--pretrianed"),
        (&["b", "--augment", "shift"], "--augment is for part h alone: ex09-transfer h --augment shift"),
        (&["h", "--augment", "bent"], "--augment"),
    ]);
}
