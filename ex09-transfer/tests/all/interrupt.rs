//! Ctrl-C, while exercise 8's network is trained first or in a later stage: all is saved, and the command to go on with is shown.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{Place, TIMEOUT};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Starts a run, interrupts it as soon as a fit has saved its first epoch in `fit`, and returns its exit status and what it wrote
/// to stderr.
fn interrupt(place: &Place, fit: &str, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = place.command(Place::synthetic(flags));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (started, saved) = (Instant::now(), place.path(fit).join("best.ckpt"));
    while !saved.exists() && started.elapsed() < TIMEOUT {
        sleep(Duration::from_millis(1));
    }
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Takes the command out of the message of an interrupted run.
fn resume_command(text: &str) -> &str {
    let (_, message) = text.split_once("interrupted; ").unwrap_or_else(|| panic!("{text}"));
    let (_, command) = message.split_once("resume with:\n").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(command.lines().count(), 1, "{text}");
    command
}

/// Interrupts a run in a fit, does as it says, and checks that it ends in the bytes of one that was left alone.
fn assert_resumes(flags: &[&str], fit: &str, unfinished: &str) {
    let undisturbed = Place::new();
    undisturbed.train(flags).success();

    let place = Place::new();
    let (code, text) = interrupt(&place, fit, flags);
    assert_eq!(code, Some(130), "{text}");
    assert!(!text.contains("error: "), "{text}");
    assert!(place.path(fit).join("last.ckpt").exists(), "nothing to resume: {text}");
    assert!(!place.path(fit).join("final.ckpt").exists(), "the fit had ended: {text}");

    let mut shell = Command::new("sh");
    shell.args(["-c", resume_command(&text)]);
    place.clean(&mut shell);
    let output = shell.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains(&format!("9 {unfinished}: resumes from {fit}/last.ckpt")), "{text}");
    place.contents("runs").assert_same(&undisturbed.contents("runs"), unfinished);
}

#[test]
fn interrupted_while_the_network_is_trained_first() {
    assert_resumes(&["b", "c", "--epochs", "2"], "runs/ex08/b/seed-42", "pretrained");
}

#[test]
fn interrupted_in_a_stage_upon_others() {
    // The state is saved though its turn has not come.
    let flags = ["e", "--epochs", "30", "--checkpoint-every", "1000"];
    assert_resumes(&flags, "runs/ex09/unfrozen_all/seed-42", "unfrozen_all");
}
