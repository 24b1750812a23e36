//! A run that is killed at any moment and resumed ends in the same bytes as one left alone: the pairs that it draws are those that it
//! would have drawn.

use std::thread::sleep;
use std::time::Duration;

use crate::common::{Place, Running, stderr};

/// Kills the run after each of these many lines of an epoch, with `--resume` after the first; then lets it end.
fn kill_and_resume(flags: &[&str], epochs: &[usize]) {
    let place = Place::new();
    place.train(flags.iter().chain(&["--out", "undisturbed"])).success();
    let resuming = || Place::synthetic(flags).into_iter().chain(["--resume".into()]);
    for (kill, &epochs) in epochs.iter().enumerate() {
        let mut run = Running::start(place.command(resuming()));
        assert!(run.wait_for_epochs(epochs), "the run ended before it was killed");
        // An epoch's line comes just before it is saved.
        sleep(Duration::from_millis(3 * kill as u64));
        run.child.kill().unwrap();
        let (status, text) = run.end();
        assert!(!status.success(), "the run ended before it was killed");
        assert_eq!(text.contains("resumes from"), kill > 0, "{text}");
    }
    let text = stderr(&place.run(resuming()).success());
    assert!(text.contains("resumes from"), "{text}");
    place.contents("runs/ex10").assert_same(&place.contents("undisturbed"), "killed");
}

#[test]
fn kills_while_both_heads_train_change_no_byte() {
    kill_and_resume(&["c", "--epochs", "7", "--patience", "100", "--checkpoint-every", "2"], &[3, 2, 3]);
}

#[test]
fn a_kill_under_nesterov_s_momentum_changes_no_byte() {
    let optimizer = ["--optimizer", "nesterov", "--learning-rate", "0.01", "--averaging", "0"];
    let flags = ["d", "--epochs", "6", "--patience", "100", "--checkpoint-every", "1"];
    kill_and_resume(&[&flags[..], &optimizer].concat(), &[2, 2]);
}

#[test]
fn another_optimizer_is_refused() {
    let place = Place::new();
    place.train(["d", "--epochs", "1"]).success();
    let assert = place.train(["d", "--epochs", "2", "--optimizer", "nesterov", "--resume"]);
    crate::common::assert_fails(assert, &["last.ckpt", "--optimizer adam", "nesterov 0.95", "without --resume"]);
}
