//! Ctrl-C, and a request to terminate: the state is saved, and the command to go on with is shown.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{FOLDER, Place, RUN, Running};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn send(signal: Signal, run: &Running) {
    kill(Pid::from_raw(run.child.id().try_into().unwrap()), signal).unwrap();
}

/// Starts a run, sends it a signal after its second epoch, and returns its exit status and what it wrote to stderr.
fn interrupt(place: &Place, signal: Signal, flags: &[&str]) -> (Option<i32>, String) {
    let mut run = Running::start(place.command(Place::synthetic(flags)));
    assert!(run.wait_for_epochs(2), "{:?}", run.lines);
    send(signal, &run);
    let (status, text) = run.end();
    (status.code(), text)
}

/// Takes the command out of the message of an interrupted run.
fn resume_command(text: &str) -> &str {
    let (_, message) = text.split_once("interrupted; ").unwrap_or_else(|| panic!("{text}"));
    let (_, command) = message.split_once("resume with:\n").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(command.lines().count(), 1, "{text}");
    command
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_ends_in_the_same_bytes() {
    let place = Place::new();
    // The state after epoch 2 or soon after is saved though its turn has not come.
    let flags = ["--epochs", "25", "--patience", "1000", "--checkpoint-every", "1000"];
    place.train(flags.iter().chain(&["--out", "undisturbed"])).success();
    let undisturbed = place.contents("undisturbed/b/seed-42");

    for (signal, status, out) in [(Signal::SIGINT, 130, "a run's folder"), (Signal::SIGTERM, 143, "terminated")] {
        let flags: Vec<&str> = flags.iter().chain(&["--out", out]).copied().collect();
        let (code, text) = interrupt(&place, signal, &flags);
        assert_eq!(code, Some(status), "{signal}: {text}");
        let run = format!("{out}/b/seed-42");
        assert!(!place.path(&run).join("final.ckpt").exists(), "the run had ended");

        let mut shell = Command::new("sh");
        shell.args(["-c", resume_command(&text)]);
        place.clean(&mut shell);
        let mut resumed = Running::start(shell);
        let (status, text) = resumed.end();
        assert!(status.success(), "{text}");
        assert!(text.contains("resumes from") && !text.contains("epoch   1 "), "{text}");
        place.contents(&run).assert_same(&undisturbed, &format!("after {signal}"));
    }
}

#[test]
fn the_report_of_an_earlier_run_outlives_an_interrupted_one() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    let earlier = place.report(FOLDER).html;

    let (code, text) = interrupt(&place, Signal::SIGINT, &["--epochs", "30", "--patience", "1000"]);
    assert_eq!(code, Some(130), "{text}");
    assert!(!place.path("runs/ex08/report.html").exists(), "a report of fits that were moved aside");
    place.train(["--epochs", "30", "--patience", "1000", "--resume"]).success();
    assert_eq!(place.report(FOLDER).fits().into_values().collect::<Vec<_>>(), [30]);
    assert_eq!(fs::read_to_string(place.path("runs/ex08/report.previous-1.html")).unwrap(), earlier);
}

#[test]
fn the_report_shows_the_parts_that_ended_before_an_interruption() {
    let place = Place::new();
    let words = ["b", "d", "--quick", "--data", "synthetic", "--epochs", "15", "--patience", "1000"];
    let mut run = Running::start(place.command(words));
    assert!(run.wait_for_line("8d: epoch   2"), "{:?}", run.lines);
    send(Signal::SIGINT, &run);
    let (status, text) = run.end();
    assert_eq!(status.code(), Some(130), "{text}");
    let report = place.report(FOLDER);
    assert_eq!(
        report.sections(),
        ["8a. The network: 784-100-100-100-100-100-5, ELU, He initialisation", "8b. Adam and early stopping"]
    );
    assert_eq!(report.fits().into_values().collect::<Vec<_>>(), [15]);
}

#[test]
fn a_run_can_be_interrupted_again_and_again() {
    let place = Place::new();
    let flags = ["--epochs", "60", "--patience", "1000", "--resume", "--seeds", "2"];
    for _ in 0..3 {
        let (code, text) = interrupt(&place, Signal::SIGINT, &flags);
        assert_eq!(code, Some(130), "{text}");
        assert_eq!(resume_command(&text).matches("--resume").count(), 1, "{text}");
    }
    assert!(place.path(RUN).join("last.ckpt").exists());
}

#[test]
fn the_command_to_go_on_with_is_right_after_a_double_dash() {
    let place = Place::new();
    let args = ["--quick", "--data", "synthetic", "--epochs", "60", "--offline", "--", "b"];
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex08-base"));
    command.args(args);
    place.clean(&mut command);
    let mut run = Running::start(command);
    assert!(run.wait_for_epochs(1), "{:?}", run.lines);
    send(Signal::SIGINT, &run);
    let (_, text) = run.end();
    let command = resume_command(&text);
    assert!(command.ends_with(" --resume -- b"), "{command}");
}

#[test]
fn a_second_signal_ends_a_run_at_once() {
    for (second, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        // An epoch that ends between the two signals ends the run by itself, and so does a state that is still being
        // saved when the first signal comes: each attempt leaves the saving more time.
        let in_mid_epoch = (0..10).any(|attempt| {
            let (text, seconds) = interrupt_twice(second, status, Duration::from_millis(50 * attempt));
            assert!(seconds < 1.0, "{seconds}: {text}");
            !text.contains("interrupted")
        });
        assert!(in_mid_epoch, "{second}: no run was ended by it");
    }
}

/// Sends a run two signals, the first `delay` after an epoch, and returns what it said and how many seconds it lived
/// after the first.
fn interrupt_twice(second: Signal, status: i32, delay: Duration) -> (String, f64) {
    let place = Place::new();
    // Epochs of steps of one image each are long.
    let mut run = Running::start(place.command(Place::synthetic(["--batch-size", "1", "--epochs", "1000"])));
    assert!(run.wait_for_epochs(1), "{:?}", run.lines);
    std::thread::sleep(delay);
    let started = Instant::now();
    send(Signal::SIGINT, &run);
    // Two signals of one kind that come at once may count as one.
    std::thread::sleep(Duration::from_millis(20));
    send(second, &run);
    let (ended, text) = run.end();
    if !text.contains("interrupted") {
        assert_eq!(ended.code(), Some(status), "{second}: {text}");
    }
    (text, started.elapsed().as_secs_f64())
}

#[test]
fn an_interrupted_search_says_how_to_go_on_and_ends_in_the_same_table() {
    let table = |place: &Place| {
        let text = fs::read_to_string(place.path("runs/ex08/c/candidates.csv")).unwrap();
        text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    let flags = ["c", "--data", "synthetic", "--quick", "--candidates", "4", "--folds", "2"];
    let undisturbed = Place::new();
    undisturbed.run(flags).success();

    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let place = Place::new();
        let mut run = Running::start(place.command(flags));
        assert!(run.wait_for_line("8c: fit 2 of 8"), "{:?}", run.lines);
        send(signal, &run);
        let (ended, text) = run.end();
        assert_eq!(ended.code(), Some(status), "{signal}: {text}");

        let mut shell = Command::new("sh");
        shell.args(["-c", resume_command(&text)]);
        place.clean(&mut shell);
        let (ended, text) = Running::start(shell).end();
        assert!(ended.success(), "{text}");
        assert!(text.contains("8c: goes on from runs/ex08/c, which holds ") && !text.contains("fit 1 of 8"), "{text}");
        assert_eq!(table(&place), table(&undisturbed), "after {signal}");
    }
}
