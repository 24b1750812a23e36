//! Output that cannot be written: a reader that has gone away stops nothing, a lost document is an error.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Command, Stdio};

use common::{FILES, Place, RUN, synthetic};

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
        let text = run_unread(place.command(synthetic(more)), unread_stdout);
        assert!(text.contains(says), "{more:?}: {text}");
        assert_eq!(place.all_contents(RUN).names(), FILES);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_that_cannot_be_written_is_an_error() {
    let place = Place::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = place.command(synthetic(["--epochs", "1", "--json"])).stdout(full).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error: cannot write the results to stdout"), "{text}");
    assert_eq!(place.all_contents(RUN).names(), FILES, "the run itself is saved");
}
