//! A run that is killed at any moment and resumed ends in the same bytes as one left alone.

use std::collections::BTreeSet;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{FILES, Place, Running};
use ch11_core::nets::{DeepNet, build};
use ch11_core::train::Checkpoint;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Starts the run `kills` times with `--resume` and kills it a random time after a random epoch of at most `most_epochs`;
/// then lets it end. Returns how many of the kills came while it ran, and how many runs had gone on from an earlier one.
fn kill_and_resume(place: &Place, flags: &[&str], epoch: Duration, kills: usize, most_epochs: usize) -> (usize, usize) {
    let mut random = StdRng::seed_from_u64(11);
    let (mut hits, mut resumed) = (0, 0);
    for kill in 0..kills {
        let mut run = Running::start(place.command(Place::synthetic(flags).iter().chain(&["--resume".into()])));
        run.wait_for_epochs(random.gen_range(0..=most_epochs));
        // An epoch's line comes just before it is saved: every other kill falls in there.
        let longest = if kill % 2 == 0 { epoch } else { epoch / 8 };
        sleep(longest.mul_f64(random.gen_range(0.0..1.0)));
        hits += usize::from(run.child.try_wait().unwrap().is_none());
        run.child.kill().unwrap();
        let (_, text) = run.end();
        resumed += usize::from(text.contains("resumes from"));
    }
    place.run(Place::synthetic(flags).iter().chain(&["--resume".into()])).success();
    (hits, resumed)
}

/// Runs once undisturbed, into `undisturbed`, and returns how long an epoch took, with all that comes with it.
fn undisturbed(place: &Place, flags: &[&str], epochs: u32) -> Duration {
    let started = Instant::now();
    place.train(flags.iter().chain(&["--out", "undisturbed"])).success();
    started.elapsed() / epochs
}

#[test]
fn ten_kills_change_no_byte() {
    let place = Place::new();
    let flags = ["--epochs", "40", "--patience", "1000", "--checkpoint-every", "3"];
    let epoch = undisturbed(&place, &flags, 40);
    // The most that ten runs could train is 30 epochs: every kill comes before the end.
    let (hits, resumed) = kill_and_resume(&place, &flags, epoch, 10, 3);
    assert_eq!(hits, 10, "a run ended before it was killed");
    assert!((5..10).contains(&resumed), "{resumed} of the killed runs had gone on from another");

    let ended = place.all_contents(crate::common::RUN);
    assert_eq!(ended.names(), FILES, "a temporary file was left");
    place.contents(crate::common::RUN).assert_same(&place.contents("undisturbed/b/seed-42"), "killed");
}

#[test]
fn several_seeds_are_killed_and_resumed_together() {
    let place = Place::new();
    let flags = ["--epochs", "10", "--checkpoint-every", "2", "--seeds", "3", "--threads", "2"];
    let epoch = undisturbed(&place, &flags, 30);
    let (hits, resumed) = kill_and_resume(&place, &flags, epoch, 4, 6);
    assert_eq!(hits, 4, "a run ended before it was killed");
    assert!(resumed > 0);
    for seed in 42..45 {
        let folder = format!("b/seed-{seed}");
        let ended = place.contents(format!("runs/ex08/{folder}"));
        ended.assert_same(&place.contents(format!("undisturbed/{folder}")), &folder);
    }
}

/// What a reader sees at some moment is what a kill at that moment leaves.
#[test]
fn no_moment_shows_half_a_checkpoint() {
    let place = Place::new();
    let files = ["last.ckpt", "best.ckpt", "final.ckpt"].map(|name| place.path(crate::common::RUN).join(name));
    let flags = ["--epochs", "30", "--patience", "30", "--checkpoint-every", "1"];
    let mut run = Running::start(place.command(Place::synthetic(flags)));
    let (mut looks, mut epochs, mut shortest) = (0, BTreeSet::new(), u64::MAX);
    let mut network: DeepNet<5> = build(1);
    while run.child.try_wait().unwrap().is_none() {
        for file in files.iter().filter(|file| file.exists()) {
            // Read whole, its checksum with it.
            let checkpoint = Checkpoint::load(file, &mut network).unwrap();
            epochs.insert(checkpoint.history.len());
            looks += 1;
        }
        shortest = shortest.min(fs::metadata(&files[0]).map_or(u64::MAX, |file| file.len()));
    }
    // Five floats a parameter: weights, average, both moments, best weights.
    assert!((5 * 4 * 119_405..u64::MAX).contains(&shortest), "{shortest} bytes");
    assert!(looks > 100 && epochs.len() > 10, "{looks} looks at the states after {epochs:?}");
}
