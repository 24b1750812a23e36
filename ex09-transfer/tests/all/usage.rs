//! Flags and parts: what `--help` tells of them, and what becomes of bad ones.

use crate::common::{Place, stderr, stdout};
use predicates::prelude::*;

#[test]
fn help_tells_of_every_part_and_of_the_network_to_reuse() {
    for flag in ["--help", "-h"] {
        let help = stdout(&Place::new().run([flag]).success());
        for part in ["--pretrained <DIR|FILE>", "runs/ex08", "[PART]", "Examples:"] {
            assert!(help.contains(part), "no {part} in:\n{help}");
        }
    }
    let help = stdout(&Place::new().run(["--help"]).success());
    for part in ["a", "b", "c", "d", "e", "f"] {
        assert!(help.contains(&format!("({part}) ")), "part {part} is not explained in:\n{help}");
        assert!(help.contains(&format!("  - {part}: ")), "part {part} is not listed in:\n{help}");
    }
}

#[test]
fn version_names_the_binary() {
    let version = concat!("ex09-transfer ", env!("CARGO_PKG_VERSION"), "\n");
    Place::new().run(["-V"]).success().stdout(version);
}

#[test]
fn bad_usage_ends_with_status_2_and_names_the_flag() {
    let place = Place::new();
    let bad: [(&[&str], &str); 6] = [
        (&["z"], "'z' for '[PART]"),
        (&["b", "g"], "'g' for '[PART]"),
        (&["bc"], "'bc' for '[PART]"),
        (&["--pretrained"], "--pretrained"),
        (&["--pretrained", ""], "--pretrained"),
        (&["--pretrianed", "runs"], "--pretrianed"),
    ];
    for (args, named) in bad {
        // Last, so that a flag without its value stays without.
        let assert = place.run(["--quick", "--data", "synthetic", "--offline"].iter().chain(args));
        let text = stderr(&assert);
        assert.code(2).stdout("").stderr(predicate::str::starts_with("error: ").and(predicate::str::contains(named)));
        assert!(!text.contains("panicked"), "{args:?}: {text}");
    }
    assert!(!place.path("runs").exists(), "bad usage left a run folder");
}
