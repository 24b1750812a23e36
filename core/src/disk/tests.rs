//! Every call that changes what is on disk fails once, in every way: nothing that was saved is lost, and going on ends
//! in the same.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::faults::{FAULTS, Fault, assert_tells, at_every_call, on_an_overlay, without_fault};
use super::{DiskFile, clear_leftovers, flush_folder_of, persist};
use crate::Result;
use crate::data::Dataset;
use crate::nets::{Hidden, Linear, build};
use crate::train::{
    Checkpoint, Decay, Ending, Fitted, History, Observer, Recipe, RunFolder, Settings, Unattended, fit,
};

type Network = (Hidden<2, 4>, Linear<4, 2>);

const FILES: [&str; 4] = ["last.ckpt", "best.ckpt", "final.ckpt", "final.safetensors"];

fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn settings() -> Settings {
    Recipe {
        learning_rate: 0.01,
        batch_size: number(8),
        ema_decay: Decay::new(0.9),
        epochs: number(4),
        patience: number(4),
        ..Recipe::DEEP_NET
    }
    .seeded(7)
}

/// Stops after a number of epochs.
struct StopAfter(usize, usize);

impl Observer for StopAfter {
    fn epoch_ended(&mut self, history: &History) {
        self.1 = history.len();
    }

    fn wants_to_stop(&self) -> bool {
        self.1 >= self.0
    }
}

/// A short fit in a folder, with a checkpoint after every second epoch.
fn train(folder: &Path, resume: bool, observer: &mut dyn Observer) -> Result<Fitted<Network>> {
    let points = |seed: u8| (0..40_u8).map(|index| index.wrapping_mul(seed)).collect::<Vec<_>>();
    let dataset = |seed| {
        let points = points(seed);
        let labels = points.chunks(2).map(|point| u8::from(point[0] < point[1])).collect();
        Dataset::from_pixels(points, labels, 2)
    };
    let (folder, _) = RunFolder::open(folder, "points", 2, resume)?;
    fit(build::<Network>(3), &dataset(37), &dataset(91), &settings(), Some(&folder), observer)
}

/// Returns how many epochs the state in a folder has; 0 without one. A damaged one fails the test.
fn epochs_saved(folder: &Path) -> usize {
    let last = folder.join("last.ckpt");
    if !last.exists() {
        return 0;
    }
    Checkpoint::load(&last, &mut build::<Network>(1)).unwrap().history.len()
}

#[track_caller]
fn assert_same_files(folder: &Path, undisturbed: &Path, what: &str) {
    for file in FILES {
        assert!(fs::read(folder.join(file)).unwrap() == fs::read(undisturbed.join(file)).unwrap(), "{what}: {file}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(io::Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A folder with a whole fit.
fn undisturbed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    train(&folder.path().join("run"), false, &mut Unattended).unwrap();
    folder
}

#[test]
fn a_fit_whose_disk_fails_at_any_call_goes_on_to_the_same_bytes() {
    let undisturbed = undisturbed();
    for fault in FAULTS {
        let run = |place: &Path| train(&place.join("run"), false, &mut Unattended);
        let calls = at_every_call(
            fault,
            |_| {},
            run,
            |place, result, what| {
                assert_tells(fault, &result, what);
                let run = place.join("run");
                epochs_saved(&run);
                without_fault(|| train(&run, true, &mut Unattended)).unwrap();
                assert_same_files(&run, &undisturbed.path().join("run"), what);
                assert!(!place.join("run.previous-1").exists(), "{what}: the fit was taken for another");
            },
        );
        assert!(calls > 50, "{calls} calls");
    }
}

#[test]
fn a_disk_that_fails_while_a_fit_goes_on_spares_the_state_before() {
    let undisturbed = undisturbed();
    let interrupted = tempfile::tempdir().unwrap();
    let interrupted = interrupted.path().join("run");
    let cut = train(&interrupted, false, &mut StopAfter(3, 0)).unwrap();
    assert_eq!((cut.ending, epochs_saved(&interrupted)), (Ending::Interrupted, 3));
    for fault in FAULTS {
        let prepare = |place: &Path| copy(&interrupted, &place.join("run"));
        let run = |place: &Path| train(&place.join("run"), true, &mut Unattended);
        at_every_call(fault, prepare, run, |place, result, what| {
            assert_tells(fault, &result, what);
            let run = place.join("run");
            assert!(epochs_saved(&run) >= 3, "{what}: the state before is lost");
            without_fault(|| train(&run, true, &mut Unattended)).unwrap();
            assert_same_files(&run, &undisturbed.path().join("run"), what);
        });
    }
}

/// Starts another fit in the folder of a whole one, on disks that fail at any call; `around` is done around each start.
/// The fit before is where it was or aside, whole.
fn assert_a_new_fit_spares_the_fit_before(around: impl Fn(&mut dyn FnMut())) {
    let undisturbed = undisturbed();
    let before = undisturbed.path().join("run");
    for fault in FAULTS {
        let prepare = |place: &Path| copy(&before, &place.join("run"));
        let run = |place: &Path| around(&mut || drop(train(&place.join("run"), false, &mut StopAfter(1, 0))));
        at_every_call(fault, prepare, run, |place, (), what| {
            let aside = place.join("run.previous-1");
            let earlier = if aside.exists() { aside } else { place.join("run") };
            assert_same_files(&earlier, &before, what);
        });
    }
}

#[test]
fn a_disk_that_fails_in_a_new_fit_spares_the_fit_before() {
    assert_a_new_fit_spares_the_fit_before(|start| start());
}

#[test]
fn the_same_where_a_folder_cannot_be_renamed() {
    assert_a_new_fit_spares_the_fit_before(|start| on_an_overlay(start));
}

#[test]
fn a_folder_that_cannot_be_renamed_is_copied_whole() {
    let undisturbed = undisturbed();
    let run = undisturbed.path().join("run");
    fs::create_dir_all(run.join("below/and below")).unwrap();
    fs::write(run.join("below/and below/notes"), "mine").unwrap();
    let before = tempfile::tempdir().unwrap();
    let before = before.path().join("before");
    fs::create_dir(&before).unwrap();
    for file in FILES {
        fs::copy(run.join(file), before.join(file)).unwrap();
    }

    on_an_overlay(|| train(&run, false, &mut StopAfter(1, 0))).unwrap();
    let aside = undisturbed.path().join("run.previous-1");
    assert_same_files(&aside, &before, "copied");
    assert_eq!(fs::read(aside.join("below/and below/notes")).unwrap(), b"mine");
    assert!(!run.join("below").exists() && epochs_saved(&run) == 1);
    let names: Vec<_> = fs::read_dir(undisturbed.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "a folder, the one before, and a lock: {names:?}");
}

#[test]
fn a_file_that_is_replaced_is_the_old_or_the_new_one_and_leaves_no_other() {
    for fault in FAULTS {
        let calls = at_every_call(
            fault,
            |place| fs::write(place.join("file"), b"old").unwrap(),
            |place| persist(&place.join("file"), b"new"),
            |place, result, what| {
                assert_tells(fault, &result, what);
                let found = fs::read(place.join("file")).unwrap();
                // Who has lost power is told nothing.
                let may_be_old = result.is_err() || fault == Fault::PowerCutThatLosesNames;
                assert!(found == b"new" || found == b"old" && may_be_old, "{what}: {found:?}");
                clear_leftovers(place, Duration::ZERO);
                assert_eq!(fs::read_dir(place).unwrap().count(), 1, "{what}");
            },
        );
        assert_eq!(calls, 5);
    }
}

/// The tests above would notice a program that does not flush.
#[test]
fn a_file_that_is_renamed_before_it_is_flushed_is_spoilt_by_a_power_cut() {
    let careless = |path: &Path| {
        let mut file = DiskFile::create(&path.with_extension("tmp"))?;
        file.write(b"new")?;
        file.rename(path)
    };
    let careless_and_more = |place: &Path| {
        let path = place.join("file");
        careless(&path).and_then(|()| careless(&place.join("other")))
    };
    let spoilt = |fault| {
        let spoilt = std::cell::Cell::new(0);
        let prepare = |place: &Path| fs::write(place.join("file"), b"old").unwrap();
        at_every_call(fault, prepare, careless_and_more, |place, _, _| {
            let found = fs::read(place.join("file")).unwrap();
            spoilt.set(spoilt.get() + usize::from(found != b"old" && found != b"new"));
        });
        spoilt.get()
    };
    assert_eq!([Fault::Once, Fault::FromThenOn, Fault::PowerCutThatLosesNames].map(spoilt), [0; 3]);
    assert_eq!(spoilt(Fault::PowerCut), 3);
}

#[test]
fn a_new_name_is_certain_once_its_folder_is_flushed() {
    let flushed_late = |place: &Path| {
        for name in ["one", "two"] {
            let mut file = DiskFile::create(&place.join(name))?;
            file.write(b"new")?;
            file.flush()?;
        }
        flush_folder_of(&place.join("one"));
        DiskFile::create(&place.join("three")).map(drop)
    };
    let left = std::cell::RefCell::new(Vec::new());
    at_every_call(
        Fault::PowerCutThatLosesNames,
        |_| {},
        flushed_late,
        |place, _, _| {
            left.borrow_mut().push(fs::read_dir(place).unwrap().count());
        },
    );
    assert_eq!(left.into_inner(), [0, 0, 0, 0, 0, 0, 0, 2, 3]);
}
