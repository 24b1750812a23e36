//! Output that cannot be written: a reader that has gone away stops nothing, lost results are an error.

use std::process::{Command, Stdio};

use crate::common::{FILES, Place, RUN};

/// Runs a command whose stdout or stderr has nobody to read it, and returns what it wrote to the other.
fn run_unread(mut command: Command, unread_stdout: bool) -> String {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if unread_stdout {
        drop(child.stdout.take());
    } else {
        drop(child.stderr.take());
    }
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn a_reader_that_has_gone_away_stops_nothing() {
    let place = Place::new();
    for (more, unread_stdout, says) in [
        (&["--epochs", "2"][..], true, "epoch   2"),
        (&["--epochs", "2", "--json"], true, "reference notebook"),
        (&["--epochs", "2"], false, "reference notebook"),
        (&["--epochs", "2", "--json"], false, "\"test_accuracy\""),
    ] {
        let text = run_unread(place.command(Place::synthetic(more)), unread_stdout);
        assert!(text.contains(says), "{more:?}: {text}");
        assert_eq!(place.all_contents(RUN).names(), FILES);
    }
}

/// Runs a command whose stdout has no room, and returns what it wrote to stderr.
#[cfg(target_os = "linux")]
#[track_caller]
fn run_without_room(mut command: Command) -> String {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error: cannot ") && text.contains("No space left on device"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_an_error() {
    for more in [&[][..], &["--json"]] {
        let place = Place::new();
        let text = run_without_room(place.command(Place::synthetic(["--epochs", "1"].iter().chain(more))));
        assert!(text.contains("error: cannot write the results to stdout"), "{text}");
        assert_eq!(place.all_contents(RUN).names(), FILES, "the run itself is saved");
        place.report("runs/ex08");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_tools_help_and_completions_cannot_write_is_an_error() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    image::GrayImage::from_fn(60, 60, |x, _| image::Luma([if (25..35).contains(&x) { 0 } else { 255 }]))
        .save(place.path("one.png"))
        .unwrap();
    for args in [
        &["predict", "one.png"][..],
        &["predict", "one.png", "--json"],
        &["draw"],
        &["logits", "logits", "--data", "synthetic", "--offline"],
        &["completions", "bash"],
        &["--help"],
        &["-h"],
        &["--version"],
        &["predict", "--help"],
        &["help", "draw"],
    ] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex08-base"));
        place.clean(command.args(args));
        run_without_room(command);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex08-base"));
        place.clean(command.args(args));
        run_unread(command, true);
    }
    assert!(place.path("logits").exists() && place.path("runs/ex08/draw.html").exists());
}
