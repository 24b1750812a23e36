//! Networks of exercise 8 that cannot be reused: each is an error that names the file and the remedy, and stays as it is.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use crate::common::{NETWORK, Place, assert_fails, place_with_network, stderr, stdout};
use ch11_core::checkpoint;
use ch11_core::nets::{Architecture, DeepNet, NormalisedDeepNet, build};
use ch11_core::train::Checkpoint;

const REMEDY: [&str; 2] = ["cargo run --release -p ex08-base", "--pretrained"];

/// Fails unless the network at [`NETWORK`] is refused for what `says` and left alone.
#[track_caller]
fn assert_refused(place: &Place, says: &[&str]) {
    let before = place.all_contents("runs");
    assert_fails(place.train(["b", "d", "--epochs", "1"]), &[&[NETWORK][..], &REMEDY, says].concat());
    place.all_contents("runs").assert_same(&before, says[0]);
}

#[test]
fn a_damaged_network_is_an_error_and_nothing_is_overwritten() {
    let place = place_with_network();
    let network = place.path(NETWORK);
    let whole = fs::read(&network).unwrap();
    let flipped = |byte: usize| {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1;
        bytes
    };
    let damages: [(Vec<u8>, &str); 5] = [
        (flipped(whole.len() / 2), "checksum"),
        (flipped(14), "damaged"),
        (whole[..whole.len() / 2].to_vec(), "cut short"),
        (Vec::new(), "0 bytes"),
        (b"no checkpoint at all, though long enough to be read as one".to_vec(), "another kind"),
    ];
    for (bytes, says) in damages {
        fs::write(&network, bytes).unwrap();
        assert_refused(&place, &[says]);
    }

    fs::write(&network, whole).unwrap();
    place.train(["d", "--epochs", "1"]).success();
}

#[test]
fn a_network_of_another_shape_is_an_error() {
    let place = place_with_network();
    let own = build::<DeepNet<5>>(1).architecture();
    let contents = ("what another program saves", [1.0_f32; 3]);
    let wider = build::<DeepNet<5, 200>>(1).architecture();
    let foreign: [(&str, &[&str]); 3] = [
        ("784-7 ELU 7-5", &["the network 784-7 ELU 7-5", &own]),
        (&wider, &["the network", &wider, &own]),
        (&own, &["do not decode"]),
    ];
    for (architecture, says) in foreign {
        checkpoint::write(&place.path(NETWORK), architecture, &contents).unwrap();
        assert_refused(&place, says);
    }
}

#[test]
fn a_network_trained_on_other_digits_is_an_error() {
    let place = place_with_network();
    let own = build::<DeepNet<5>>(1).architecture();
    let mut saved: Checkpoint = checkpoint::read(&place.path(NETWORK), &own).unwrap();
    let trained_on = saved.fit.dataset.clone();
    assert!(trained_on.starts_with("synthetic digits (not MNIST), digits 0 to 4: 2,803 train"), "{trained_on}");
    let others = [
        trained_on.replace("synthetic digits (not MNIST)", "MNIST"),
        trained_on.replace("0 to 4", "5 to 9"),
        String::new(),
    ];
    for dataset in others {
        saved.fit.dataset.clone_from(&dataset);
        checkpoint::write(&place.path(NETWORK), &own, &saved).unwrap();
        let says = format!("trained on {dataset}, expected synthetic digits (not MNIST), digits 0 to 4");
        assert_refused(&place, &[&says]);
    }
}

/// Writes a data set of MNIST's form whose images depend on `seed`.
fn write_idx(folder: &Path, seed: usize) {
    fs::create_dir(folder).unwrap();
    for (name, count) in [("train", 240), ("t10k", 40)] {
        let [header, label_header] = [[0, 0, 8, 3].as_slice(), &[0, 0, 8, 1]].map(<[u8]>::to_vec);
        let numbers = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
        let pixels = (0..count * 784).map(|pixel| ((pixel * seed) % 251) as u8).collect();
        let labels = (0..count).map(|image| (image % 10) as u8).collect();
        let images = [header, numbers(&[count as u32, 28, 28]), pixels].concat();
        fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        let labels = [label_header, numbers(&[count as u32]), labels].concat();
        fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}

#[test]
fn a_network_of_another_data_set_of_the_same_kind_is_an_error() {
    let place = Place::new();
    write_idx(&place.path("one"), 37);
    write_idx(&place.path("other"), 91);
    let run = |data: &str| place.run(["a", "--quick", "--data", "idx", "--data-dir", data]);
    run("one").success();
    run("one").success();
    let before = place.all_contents("runs");
    let assert = run("other");
    let text = stderr(&assert);
    let data = "IDX files (not checked to be MNIST), digits 0 to 4: 110 train, 10 validation (";
    assert_fails(assert, &[&[NETWORK, "trained on", ", expected ", data][..], &REMEDY].concat());
    let sha256: Vec<&str> = text.split(data).skip(1).map(|rest| rest.split_once(')').unwrap().0).collect();
    assert!(sha256.len() == 2 && sha256[0].len() == 16 && sha256[0] != sha256[1], "{text}");
    place.all_contents("runs").assert_same(&before, "refused");
}

#[test]
fn what_is_known_of_the_network_is_in_the_header_the_report_and_the_document() {
    let place = place_with_network();
    let tells = |more: &[&str], text: &str, data: bool, cut_short: &[u64]| {
        let assert = place.train([&["b", "--epochs", "1", "--json"], more].concat()).success();
        let document: serde_json::Value = serde_json::from_str(&stdout(&assert)).unwrap();
        let reused = &document["pretrained"];
        assert_eq!((reused["trained_on"].is_string(), &reused["cut_short"]), (data, &serde_json::json!(cut_short)));
        let header = stderr(&assert);
        let line = header.lines().find(|line| line.starts_with("pretrained: ")).unwrap();
        assert!(line.contains(text), "{line}");
        assert_eq!(place.report("runs/ex09").facts()["pretrained"], &line["pretrained: ".len()..]);
    };
    let quick = "; cut short after 5 epochs at most, as by --quick: seed 42";
    tells(&[], "from runs/ex08/b, trained on synthetic digits (not MNIST), digits 0 to 4: 2,803 train", true, &[42]);
    tells(&[], quick, true, &[42]);
    let file = "runs/ex08/b/seed-42/final.safetensors";
    tells(&["--pretrained", file], "trained on unknown data: the file does not say", false, &[]);

    let own = build::<DeepNet<5>>(1).architecture();
    let mut saved: Checkpoint = checkpoint::read(&place.path(NETWORK), &own).unwrap();
    saved.fit.settings.recipe.epochs = NonZeroUsize::new(1000).unwrap();
    checkpoint::write(&place.path(NETWORK), &own, &saved).unwrap();
    tells(&[], "validation", true, &[]);
}

#[test]
fn a_network_with_other_tensors_than_its_shape_says_is_an_error() {
    let place = place_with_network();
    let own = build::<DeepNet<5>>(1).architecture();
    let mut saved: Checkpoint = checkpoint::read(&place.path(NETWORK), &own).unwrap();
    saved.tensors.pop();
    checkpoint::write(&place.path(NETWORK), &own, &saved).unwrap();
    assert_refused(&place, &["the network's own tensors"]);
}

#[test]
fn a_folder_in_the_place_of_a_network_is_an_error() {
    let place = Place::new();
    fs::create_dir_all(place.path(NETWORK).join("inside")).unwrap();
    assert_fails(place.train(["b"]), &[&[NETWORK, "cannot"][..], &REMEDY].concat());
    assert!(place.path(NETWORK).join("inside").exists());
}

#[test]
fn a_damaged_network_is_found_before_another_is_trained() {
    let place = Place::new();
    let damaged = place.path("runs/ex08/b/seed-43/final.ckpt");
    fs::create_dir_all(damaged.parent().unwrap()).unwrap();
    fs::write(&damaged, "damaged").unwrap();
    let says = ["runs/ex08/b/seed-43/final.ckpt", "7 bytes"];
    assert_fails(place.train(["b", "--seeds", "2"]), &[&says[..], &REMEDY].concat());
    assert_eq!(place.all_contents("runs").names(), ["ex08/b/seed-43/final.ckpt"]);
}

/// What exercise 8 has begun is gone on with, asked or not: an error must not tell to leave `--resume` away.
#[test]
fn what_exercise_8_began_and_cannot_be_gone_on_with_is_an_error_with_a_remedy_that_works() {
    let place = place_with_network();
    let folder = "runs/ex08/b/seed-42";
    fs::remove_file(place.path(NETWORK)).unwrap();
    fs::write(place.path(folder).join("last.ckpt"), "damaged").unwrap();
    let before = place.all_contents(folder);
    let assert = place.train(["a"]);
    assert!(!stderr(&assert).contains("--resume"), "{}", stderr(&assert));
    assert_fails(assert, &[folder, "last.ckpt", "7 bytes", "remove its folder"]);
    place.all_contents(folder).assert_same(&before, "refused");
    fs::remove_dir_all(place.path(folder)).unwrap();
    place.train(["a"]).success();
}

#[test]
fn part_f_trains_its_own_network_anew_unless_resumed() {
    let place = Place::new();
    let own = "runs/ex09/to-transfer/seed-42";
    place.train(["f", "--epochs", "1"]).success();
    let first = place.contents(own);

    let (last, architecture) = (place.path(own).join("last.ckpt"), build::<NormalisedDeepNet<5>>(1).architecture());
    let mut saved: Checkpoint = checkpoint::read(&last, &architecture).unwrap();
    saved.fit.dataset = "MNIST, digits 0 to 4".to_owned();
    checkpoint::write(&last, &architecture, &saved).unwrap();
    assert_fails(place.train(["f", "--epochs", "1", "--resume"]), &[own, "the data MNIST", "without --resume"]);
    place.train(["f", "--epochs", "1"]).success();
    place.contents(own).assert_same(&first, "trained anew");
}

#[test]
fn networks_that_are_there_are_left_alone_when_others_are_trained() {
    let place = place_with_network();
    let there = place.all_contents("runs/ex08/b/seed-42");
    // As exercise 8 may have trained it: with other settings, and nothing to go on from.
    fs::remove_file(place.path("runs/ex08/b/seed-42/last.ckpt")).unwrap();
    place.train(["a", "--seeds", "2"]).success();
    let mut after = place.all_contents("runs/ex08/b/seed-42");
    after.0.insert("last.ckpt".to_owned(), there.0["last.ckpt"].clone());
    after.assert_same(&there, "seed 42");
    assert!(place.path("runs/ex08/b/seed-43/final.ckpt").exists());
}

#[test]
fn frozen_layers_of_another_network_are_not_resumed() {
    let place = place_with_network();
    place.train(["a", "--seed", "43"]).success();
    place.train(["b", "--epochs", "2"]).success();
    let begun = place.contents("runs/ex09");

    fs::copy(place.path("runs/ex08/b/seed-43/final.ckpt"), place.path(NETWORK)).unwrap();
    let assert = place.train(["b", "--epochs", "2", "--resume"]);
    assert_fails(assert, &["runs/ex09/frozen5/seed-42", "begun with the initial weights", "without --resume"]);
    place.contents("runs/ex09").assert_same(&begun, "refused");
    place.train(["b", "c", "--epochs", "2"]).success();
}

#[test]
fn a_network_with_numbers_that_are_not_finite_is_an_error_that_names_the_tensor() {
    let place = place_with_network();
    let own = build::<DeepNet<5>>(1).architecture();
    let mut saved: Checkpoint = checkpoint::read(&place.path(NETWORK), &own).unwrap();
    saved.tensors[3].values[7] = f32::NAN;
    checkpoint::write(&place.path(NETWORK), &own, &saved).unwrap();
    assert_refused(&place, &["found NaN at [7] of hidden2.bias, expected finite numbers"]);
}
