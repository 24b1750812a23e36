//! Checkpoints that are damaged, or not this network's: each is an error that names the file, and stays as it is.

use std::fs;

use crate::common::{FOLDER, Place, RUN, assert_fails};
use ch11_core::checkpoint;
use ch11_core::nets::{Architecture, DeepNet, build};

#[test]
fn a_damaged_state_is_an_error_and_nothing_is_overwritten() {
    let place = Place::new();
    place.train(["--epochs", "2"]).success();
    let last = place.path(RUN).join("last.ckpt");
    let whole = fs::read(&last).unwrap();
    let weights_alone = fs::read(place.path(RUN).join("best.ckpt")).unwrap();
    let flipped = |byte: usize| {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1;
        bytes
    };
    let of_version = |version: u8| {
        let mut bytes = whole.clone();
        bytes[8] = version;
        bytes
    };

    let damages: [(Vec<u8>, &str); 11] = [
        (flipped(whole.len() / 2), "checksum"),
        (flipped(whole.len() - 1), "checksum"),
        (flipped(30), "checksum"),
        (flipped(14), "damaged"),
        (whole[..whole.len() / 2].to_vec(), "cut short"),
        (whole[..10].to_vec(), "10 bytes"),
        (Vec::new(), "0 bytes"),
        (b"no checkpoint at all, though long enough to be read as one".to_vec(), "another kind"),
        (of_version(3), "a checkpoint of format version 3"),
        (of_version(1), "a checkpoint of format version 1"),
        (weights_alone, "weights without a state"),
    ];
    for (bytes, says) in damages {
        fs::write(&last, bytes).unwrap();
        let before = place.all_contents(RUN);
        let assert = place.train(["--epochs", "4", "--resume"]);
        assert_fails(assert, &[RUN, "last.ckpt", says, "start afresh without --resume"]);
        place.all_contents(RUN).assert_same(&before, says);
    }

    // The remedy that the error names.
    fs::remove_file(&last).unwrap();
    place.train(["--epochs", "2", "--resume"]).success();
    assert!(fs::read(&last).unwrap() == whole);
}

#[test]
fn a_state_of_another_network_is_an_error() {
    let place = Place::new();
    fs::create_dir_all(place.path(RUN)).unwrap();
    let last = place.path(RUN).join("last.ckpt");
    let own = build::<DeepNet<5>>(1).architecture();
    let contents = ("what another program saves", [1.0_f32; 3]);

    let foreign: [(&str, &[&str]); 2] =
        [("784-7 ELU 7-5", &["the network 784-7 ELU 7-5", &own]), (&own, &["do not decode"])];
    for (architecture, says) in foreign {
        checkpoint::write(&last, architecture, &contents).unwrap();
        let before = place.all_contents(RUN);
        assert_fails(place.train(["--resume"]), &[says, &["last.ckpt"]].concat());
        place.all_contents(RUN).assert_same(&before, architecture);
    }
}

#[test]
fn a_folder_in_the_place_of_a_state_is_an_error() {
    let place = Place::new();
    fs::create_dir_all(place.path(RUN).join("last.ckpt/inside")).unwrap();
    assert_fails(place.train(["--resume"]), &["last.ckpt", "cannot"]);
    assert!(place.path(RUN).join("last.ckpt/inside").exists());
}

#[test]
fn damaged_times_are_no_error() {
    let place = Place::new();
    place.train(["--epochs", "2"]).success();
    let before = place.contents(RUN);
    fs::write(place.path(RUN).join("seconds.json"), "{").unwrap();
    place.train(["--epochs", "2", "--resume"]).success();
    place.contents(RUN).assert_same(&before, "after damaged times");
    assert!(place.report(FOLDER).epochs.iter().all(|epoch| epoch["seconds"].is_null()), "times of nothing");

    // Those of later epochs are not taken for theirs.
    place.train(["--epochs", "4", "--resume"]).success();
    assert!(place.report(FOLDER).epochs.iter().all(|epoch| epoch["seconds"].is_null()), "times of other epochs");
}
