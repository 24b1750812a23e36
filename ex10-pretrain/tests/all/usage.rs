//! Flags and parts: what `--help` tells of them, and what becomes of bad ones.

use crate::common::{Place, stderr, stdout};

#[test]
fn help_tells_of_every_part() {
    for flag in ["--help", "-h"] {
        let help = stdout(&Place::new().run([flag]).success());
        for part in ["[PART]", "--optimizer <NAME>", "Examples:"] {
            assert!(help.contains(part), "no {part} in:\n{help}");
        }
    }
    let help = stdout(&Place::new().run(["--help"]).success());
    for part in ["a", "b", "c", "d"] {
        assert!(help.contains(&format!("({part}) ")), "part {part} is not explained in:\n{help}");
        assert!(help.contains(&format!("  - {part}: ")), "part {part} is not listed in:\n{help}");
    }
}

#[test]
fn version_names_the_binary() {
    let version = concat!("ex10-pretrain ", env!("CARGO_PKG_VERSION"), "\n");
    Place::new().run(["-V"]).success().stdout(version);
}

#[test]
fn bad_usage_ends_with_status_2_and_names_the_flag() {
    let place = Place::new();
    let bad: [&[&str]; 6] = [
        &["e"],
        &["--optimizer", "sgd"],
        &["--epochs", "0"],
        &["--batch-size", "0"],
        &["--learning-rate", "-1"],
        &["--no-such-flag"],
    ];
    for args in bad {
        let text = stderr(&place.run(["--quick", "--data", "synthetic"].iter().chain(args)).code(2));
        assert!(text.starts_with("error: ") && text.contains(args[0]), "{args:?}: {text}");
        assert!(!text.contains("panicked"), "{args:?}: {text}");
    }
    assert!(!place.path("runs").exists(), "bad usage left a run folder");
}
