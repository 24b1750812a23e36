//! What `--help` tells of flags and parts, and what becomes of bad ones.

use crate::{Binary, Place, stderr, stdout};

/// The flags of every exercise, with what they take.
const SHARED_FLAGS: [&str; 23] = [
    "--averaging <X>",
    "--batch-size <N>",
    "--checkpoint-every <N>",
    "--data <SOURCE>",
    "--data-dir <DIR>",
    "--decay <NAME>",
    "--epochs <N>",
    "--help",
    "--json",
    "--l2 <X>",
    "--learning-rate <X>",
    "--offline",
    "--optimizer <NAME>",
    "--out <DIR>",
    "--patience <N>",
    "--quick",
    "--resume",
    "--seed <N>",
    "--seeds <K>",
    "--shard <I/N>",
    "--tensorboard",
    "--threads <N>",
    "--version",
];

impl<B: Binary> Place<B> {
    /// Fails unless `--help` explains each of these parts, `-h` and `--help` list the flags of every exercise and this
    /// one's `own`, and neither lists another.
    #[track_caller]
    pub fn assert_help(&self, parts: &str, own: &[&str]) {
        let mut flags: Vec<&str> = SHARED_FLAGS.iter().chain(own).copied().collect();
        flags.sort_unstable();
        let [short, long] = ["-h", "--help"].map(|flag| stdout(&self.run([flag]).success()));
        for help in [&short, &long] {
            assert_eq!(flags_of(help), flags, "{help}");
            assert!(help.contains("Examples:"), "{help}");
        }
        for part in parts.chars() {
            assert!(long.contains(&format!("({part}) ")), "part {part} is not explained in:\n{long}");
            assert!(long.contains(&format!("  - {part}: ")), "part {part} is not listed in:\n{long}");
        }
    }

    /// Fails unless each of these command lines, after [`Binary::SYNTHETIC`], is bad usage whose error names what is
    /// beside it.
    #[track_caller]
    pub fn assert_bad_usage(&self, lines: &[(&[&str], &str)]) {
        for (args, named) in lines {
            // The arguments stand last, so that a flag without its value stays without.
            let assert = self.run(B::SYNTHETIC.iter().chain(*args)).code(2).stdout("");
            let text = stderr(&assert);
            assert!(text.starts_with("error: ") && text.contains(named), "{args:?}: {text}");
            assert!(!text.contains("panicked"), "{args:?}: {text}");
        }
        assert!(!self.path("runs").exists(), "bad usage left a run folder");
    }
}

/// Lists the flags that a help text explains, sorted.
fn flags_of(help: &str) -> Vec<&str> {
    let lines = help.lines().filter_map(|line| line.trim_start().strip_prefix("-V, ").or(Some(line)));
    let lines = lines.map(|line| line.trim_start().strip_prefix("-h, ").unwrap_or(line).trim_start());
    let mut flags: Vec<&str> = lines
        .filter(|line| line.starts_with("--"))
        .map(|line| line.split_once("  ").map_or(line, |(flag, _)| flag))
        .collect();
    flags.sort_unstable();
    flags
}
