//! Flags: what `--help` tells of them, and what becomes of bad ones.

use crate::common::{Place, stderr, stdout};

#[test]
fn help_tells_of_every_flag() {
    let own = ["--candidates <N>", "--folds <K>", "--space <FILE>", "--halving", "--augment <NAME>"];
    Place::new().assert_help("abcdef", &own);
    let help = stdout(&Place::new().run(["--help"]).success());
    for value in ["auto", "mnist", "idx", "synthetic", "MNIST_DIR", "[default: 42]", "runs/"] {
        assert!(help.contains(value), "no {value} in:\n{help}");
    }
}

#[test]
fn help_keeps_flags_under_the_headings_that_they_belong_to() {
    let help = stdout(&Place::new().run(["-h"]).success());
    let (_, data) = help.split_once("\nData:\n").unwrap();
    let (data, _) = data.split_once("\n\n").unwrap();
    assert_eq!(data.lines().filter(|line| line.contains("  --")).count(), 3, "{data}");
    for flag in ["--data ", "--data-dir", "--offline"] {
        assert!(data.contains(flag), "no {flag} in:\n{data}");
    }
}

#[test]
fn version_names_the_binary() {
    let version = concat!("ex08-base ", env!("CARGO_PKG_VERSION"), "\n");
    Place::new().run(["-V"]).success().stdout(version);
}

#[test]
fn bad_usage_ends_with_status_2_and_names_the_flag() {
    Place::new().assert_bad_usage(&[
        (&["--seeds", "0"], "--seeds"),
        (&["--seeds", "18446744073709551615"], "--seeds"),
        (&["--seed", "-1"], "--seed"),
        (&["--seed", "x"], "--seed"),
        (&["--threads", "0"], "--threads"),
        (&["--threads", "1000000"], "--threads"),
        (&["--learning-rate", "nan"], "--learning-rate"),
        (&["--learning-rate", "inf"], "--learning-rate"),
        (&["--learning-rate", "0"], "--learning-rate"),
        (&["--learning-rate=-1"], "--learning-rate"),
        (&["--learning-rate", "-1"], "--learning-rate"),
        (&["--batch-size", "0"], "--batch-size"),
        (&["--batch-size", "1.5"], "--batch-size"),
        (&["--epochs", "0"], "--epochs"),
        (&["--patience", "x"], "--patience"),
        (&["--checkpoint-every", "0"], "--checkpoint-every"),
        (&["--averaging", "1"], "--averaging"),
        (&["--averaging", "nan"], "--averaging"),
        (&["--augment", "bent"], "--augment"),
        (&["--augment", "elastic"], "--augment"),
        (&["--data", "cifar"], "--data"),
        (&["--data-dir", ""], "--data-dir"),
        (&["--no-such-flag"], "--no-such-flag"),
        (&["z"], "'z' for '[PART]"),
    ]);
}

#[test]
fn extreme_values_are_taken_as_they_are() {
    let most = u64::MAX.to_string();
    let flags = ["--batch-size", &most, "--patience", &most, "--seed", &most, "--seeds", "2"];
    let place = Place::new();
    place.train(flags.iter().chain(&["--epochs", "1"])).success();
    assert!(place.path(format!("runs/ex08/b/seed-{most}/final.ckpt")).exists());
    assert!(place.path("runs/ex08/b/seed-0/final.ckpt").exists());
}

const MOST: &str = "18446744073709551615";
const ONE_TOO_MANY: &str = "18446744073709551616";

/// A numeric flag, its least and greatest values, and those just beyond.
type Bounds = (&'static str, &'static [&'static str], &'static [&'static str]);

const BOUNDS: [Bounds; 13] = [
    ("--seed", &["0", MOST], &["-1", ONE_TOO_MANY]),
    ("--seeds", &["1", "10000"], &["0", "10001"]),
    ("--threads", &["1", "1024"], &["0", "1025"]),
    ("--epochs", &["1", MOST], &["0", ONE_TOO_MANY]),
    ("--batch-size", &["1", MOST], &["0", ONE_TOO_MANY]),
    ("--patience", &["1", MOST], &["0", ONE_TOO_MANY]),
    ("--checkpoint-every", &["1", MOST], &["0", ONE_TOO_MANY]),
    // The least and the greatest 32-bit floats, and what is rounded to 0 and to infinity.
    ("--learning-rate", &["1e-45", "3.4028235e38"], &["0", "1e-46", "-1e-45", "3.5e38"]),
    ("--l2", &["0", "1e-45", "3.4028235e38"], &["-1e-45", "3.5e38"]),
    // The greatest below 1, and what is rounded to 1.
    ("--averaging", &["0", "0.99999994"], &["-1e-45", "0.99999999", "1"]),
    ("--candidates", &["1", "100000"], &["0", "100001"]),
    ("--folds", &["2", "100"], &["1", "101"]),
    ("--shard", &["1/1", "5/5", "1/18446744073709551615"], &["0/5", "6/5", "1/0", "1/18446744073709551616"]),
];

/// What is taken goes on to look for digits that are not there.
#[test]
fn each_numeric_flag_takes_its_bounds_and_nothing_beyond() {
    let place = Place::new();
    for (flag, within, beyond) in BOUNDS {
        let run = |value: &str| place.run(["c", "--data", "idx", "--data-dir", "missing", &format!("{flag}={value}")]);
        assert_bounds(flag, within, beyond, "missing", run);
    }
    for flag in ["--first", "--seed"] {
        let run = |value: &str| place.run(["logits", "file", &format!("{flag}={value}")]);
        let (least, below) = if flag == "--first" { ("1", "0") } else { ("0", "-1") };
        assert_bounds(flag, &[least, MOST], &[below, ONE_TOO_MANY], "found no trained network", run);
    }
    assert!(!place.path("runs").exists());
}

#[track_caller]
fn assert_bounds(
    flag: &str,
    within: &[&str],
    beyond: &[&str],
    then: &str,
    run: impl Fn(&str) -> assert_cmd::assert::Assert,
) {
    for value in within {
        let assert = run(value).code(1);
        assert!(stderr(&assert).contains(then), "{flag} {value}: {}", stderr(&assert));
    }
    for value in beyond {
        let assert = run(value).code(2);
        let text = stderr(&assert);
        assert!(text.starts_with("error: ") && text.contains(flag) && text.contains(value), "{flag} {value}: {text}");
    }
}
