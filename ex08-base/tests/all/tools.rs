//! What the binary does with a network that it has trained: a page to draw on, digits from pictures, logits, curves for TensorBoard.

use std::fs;
use std::path::Path;

use crate::common::{Place, assert_fails, stderr, stdout};
use ch11_core::checkpoint;
use ch11_core::nets::{Architecture, DeepNet, build};
use ch11_core::train::Checkpoint;
use image::{GrayImage, Luma};
use safetensors::SafeTensors;
use serde_json::Value;

/// A place with a network.
fn trained() -> Place {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    place
}

/// Saves a picture of a thick upright line, dark on light.
fn save_one(path: &Path) {
    let paint = |x: u32, y: u32| Luma([if (90..110).contains(&x) && (20..180).contains(&y) { 20 } else { 240 }]);
    GrayImage::from_fn(200, 200, paint).save(path).unwrap();
}

#[test]
fn without_a_trained_network_the_error_names_the_command_that_trains_it() {
    let place = Place::new();
    save_one(&place.path("one.png"));
    let says = ["found no trained network", "runs/ex08/b/seed-42/final.ckpt", "cargo run --release -p ex08-base -- b"];
    for args in
        [&["draw"][..], &["predict", "one.png"], &["onnx", "one.onnx"], &["logits", "logits.safetensors", "--offline"]]
    {
        assert_fails(place.tool(args), &says);
    }
    assert_fails(place.tool(["draw", "--out", "other", "--seed", "7"]), &["other/b/seed-7/final.ckpt"]);
    assert!(!place.path("runs").exists());
}

#[test]
fn a_damaged_network_is_an_error() {
    let place = trained();
    fs::write(place.path(crate::common::RUN).join("final.ckpt"), "damaged").unwrap();
    assert_fails(place.tool(["draw"]), &["cannot use this network", "final.ckpt", "7 bytes", "-- b"]);
}

#[test]
fn what_is_in_the_place_of_a_run_folder_is_named() {
    let place = Place::new();
    save_one(&place.path("one.png"));
    for out in ["one.png", "one.png/below"] {
        for tool in [&["draw"][..], &["predict", "one.png"], &["logits", "logits", "--offline"]] {
            let assert = place.tool(tool.iter().chain(&["--out", out]));
            assert_fails(assert, &["error: one.png: found a file, expected a run folder; train", "--out and --seed"]);
        }
    }
}

#[test]
fn weights_whose_logits_are_not_finite_answer_nothing() {
    let place = trained();
    save_one(&place.path("one.png"));
    let path = place.path(crate::common::RUN).join("final.ckpt");
    let architecture = build::<DeepNet<5>>(1).architecture();
    let mut saved: Checkpoint = checkpoint::read(&path, &architecture).unwrap();
    saved.tensors.iter_mut().for_each(|tensor| tensor.values.fill(f32::MAX));
    checkpoint::write(&path, &architecture, &saved).unwrap();
    for json in [&[][..], &["--json"]] {
        let assert = place.tool([&["predict", "one.png"], json].concat());
        assert!(!stdout(&assert).contains("one.png"), "{}", stdout(&assert));
        let says = ["b/seed-42/final.ckpt: found weights so large", "logits of one.png are not finite", "-- b"];
        assert_fails(assert, &says);
    }
}

#[test]
fn a_page_to_draw_on_is_written_into_the_run_folder() {
    let place = trained();
    let assert = place.tool(["draw"]).success();
    assert!(stdout(&assert).contains("runs/ex08/draw.html"), "{}", stdout(&assert));
    let page = fs::read_to_string(place.path("runs/ex08/draw.html")).unwrap();
    assert!(page.contains("trained on synthetic digits (not MNIST), digits 0 to 4."), "not what it was trained on");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn pictures_are_told_as_bars_and_as_json() {
    let place = trained();
    save_one(&place.path("one.png"));
    fs::copy(place.path("one.png"), place.path("again.png")).unwrap();
    let assert = place.tool(["predict", "one.png"]).success();
    let text = stdout(&assert);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("one.png: ") && lines.len() == 1 + 5, "{text}");
    let percent = |line: &&str| line.trim_end_matches(" %").rsplit(' ').next().unwrap().parse::<f64>().unwrap();
    assert!((lines[1..].iter().map(percent).sum::<f64>() - 100.0).abs() < 0.1, "{text}");
    assert!(stderr(&assert).contains("synthetic digits (not MNIST), digits 0 to 4"), "{}", stderr(&assert));

    let document: Value =
        serde_json::from_str(&stdout(&place.tool(["predict", "one.png", "again.png", "--json"]).success())).unwrap();
    let pictures = document["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 2);
    assert_eq!((&pictures[0]["file"], &pictures[1]["file"]), (&"one.png".into(), &"again.png".into()));
    assert_eq!(pictures[0]["probabilities"], pictures[1]["probabilities"]);
    let probabilities = pictures[0]["probabilities"].as_object().unwrap();
    assert_eq!(probabilities.keys().collect::<Vec<_>>(), ["0", "1", "2", "3", "4"]);
    let best = probabilities.iter().max_by(|one, other| one.1.as_f64().unwrap().total_cmp(&other.1.as_f64().unwrap()));
    assert_eq!(pictures[0]["digit"].to_string(), *best.unwrap().0);
}

#[test]
fn what_is_no_picture_is_an_error_that_names_it() {
    let place = trained();
    fs::write(place.path("empty.png"), "").unwrap();
    fs::write(place.path("text.png"), "a text").unwrap();
    GrayImage::new(50, 50).save(place.path("blank.png")).unwrap();
    fs::create_dir(place.path("folder.png")).unwrap();
    save_one(&place.path("half.jpg"));
    let jpeg = fs::read(place.path("half.jpg")).unwrap();
    fs::write(place.path("half.jpg"), &jpeg[..jpeg.len() / 2]).unwrap();
    let wrong = [
        ("missing.png", "cannot open"),
        ("empty.png", "an empty file"),
        ("text.png", "a file of another kind"),
        ("blank.png", "expected a digit that stands out"),
        ("folder.png", "cannot read"),
        ("half.jpg", "found a file that was cut short"),
    ];
    for (file, says) in wrong {
        assert_fails(place.tool(["predict", file]), &[file, says]);
    }
    place.tool(["predict"]).code(2);
}

#[test]
fn a_network_is_written_as_onnx() {
    let place = trained();
    place.tool(["onnx", "network.onnx"]).success();
    let bytes = fs::read(place.path("network.onnx")).unwrap();
    let weights = 4 * 119_405;
    assert!((weights..weights + 2_000).contains(&bytes.len()), "{} bytes", bytes.len());
    for text in ["Gemm", "Elu", "hidden5.weight", "images", "logits", "the digits 0 to 4"] {
        assert!(bytes.windows(text.len()).any(|part| part == text.as_bytes()), "no {text} in it");
    }
    assert_fails(place.tool(["onnx", "no/folder/network.onnx"]), &["no/folder", "cannot write", "another file"]);
}

#[test]
fn logits_are_those_of_the_test_images() {
    let place = trained();
    let args = ["logits", "logits.safetensors", "--first", "30", "--data", "synthetic", "--offline"];
    place.tool(args).success();
    let bytes = fs::read(place.path("logits.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!((shape("images"), shape("labels"), shape("logits")), (vec![30, 784], vec![30], vec![30, 5]));
    let floats = |name: &str| -> Vec<f32> {
        let tensor = file.tensor(name).unwrap();
        tensor.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    };
    let predicted = floats("logits")
        .chunks_exact(5)
        .map(|row| (0..5_u8).max_by(|&one, &other| row[usize::from(one)].total_cmp(&row[usize::from(other)])).unwrap())
        .collect::<Vec<_>>();
    let right =
        floats("labels").iter().zip(predicted).filter(|&(label, predicted)| *label == f32::from(predicted)).count();
    assert!(right >= 20, "{right} of 30 right");
    assert_fails(
        place.tool([&args[..1], &["no/folder/logits.safetensors"], &args[2..]].concat()),
        &["no/folder", "cannot write"],
    );
}

/// Links are followed, the user's own files stay, and nothing takes the place of what is no file.
#[cfg(unix)]
#[test]
fn what_tools_write_replaces_nothing_but_the_file_itself() {
    use std::os::unix::fs::{FileTypeExt, symlink};

    let place = trained();
    let logits = |file: &str| place.tool(["logits", file, "--first", "3", "--data", "synthetic", "--offline"]);
    fs::create_dir(place.path("elsewhere")).unwrap();
    fs::write(place.path("elsewhere/logits"), "old").unwrap();
    fs::write(place.path("logits.tmp"), "mine").unwrap();
    symlink("elsewhere/logits", place.path("logits")).unwrap();
    logits("logits").success();
    SafeTensors::deserialize(&fs::read(place.path("elsewhere/logits")).unwrap()).unwrap();

    let page = place.path("runs/ex08/draw.html");
    fs::write(page.with_extension("html.tmp"), "mine").unwrap();
    symlink(place.path("elsewhere/page"), &page).unwrap();
    place.tool(["draw"]).success();
    assert!(fs::read_to_string(place.path("elsewhere/page")).unwrap().ends_with("</html>\n"));

    for link in [place.path("logits"), page.clone()] {
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
    }
    for own in [place.path("logits.tmp"), page.with_extension("html.tmp")] {
        assert_eq!(fs::read(own).unwrap(), b"mine");
    }
    assert_eq!(place.all_contents("elsewhere").names(), ["logits", "page"]);

    let pipe = place.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (file, found) in [("pipe", "a pipe"), ("elsewhere", "a folder"), ("/dev/null", "a device")] {
        assert_fails(logits(file), &[file, found, "expected a file", "name another"]);
    }
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    fs::remove_file(&page).unwrap();
    symlink(&pipe, &page).unwrap();
    assert_fails(place.tool(["draw"]), &["draw.html", "a pipe", "expected a file"]);
}

#[test]
fn curves_for_tensorboard_are_whole_after_a_resumed_run() {
    let place = Place::new();
    place.train(["--epochs", "2"]).success();
    let path = place.path(crate::common::RUN).join("events.out.tfevents.ch11");
    assert!(!path.exists());
    place.train(["--epochs", "3", "--resume", "--tensorboard"]).success();
    // The version, three epochs, and the weights as a picture.
    assert_eq!(records(&fs::read(&path).unwrap()), 1 + 3 + 1);
}

#[test]
fn how_signals_spread_is_measured_in_every_epoch_and_changes_no_bit() {
    let (plain, watched) = (Place::new(), Place::new());
    plain.train(["--epochs", "3"]).success();
    watched.train(["--epochs", "2", "--tensorboard"]).success();
    watched.train(["--epochs", "3", "--resume", "--tensorboard"]).success();
    let weights = |place: &Place| fs::read(place.path(crate::common::RUN).join("final.safetensors")).unwrap();
    assert!(weights(&plain) == weights(&watched), "other weights");
    let events = fs::read(watched.path(crate::common::RUN).join("events.out.tfevents.ch11")).unwrap();
    // The initial weights have histograms, too.
    assert_eq!(records(&events), 1 + 1 + 3 + 1);
    let text = String::from_utf8_lossy(&events);
    for tag in ["activations/hidden1", "gradients/hidden5", "gradients/output"] {
        assert_eq!(text.matches(tag).count(), 4, "{tag}");
    }
    let report = |place: &Place| fs::read_to_string(place.path("runs/ex08/report.html")).unwrap();
    let says = "before the first epoch and after each";
    assert!(report(&watched).contains(says) && !report(&plain).contains(says));
}

/// Counts the records of an event file by their lengths.
fn records(mut file: &[u8]) -> usize {
    let mut count = 0;
    while let Some((length, _)) = file.split_first_chunk() {
        file = &file[8 + 4 + u64::from_le_bytes(*length) as usize + 4..];
        count += 1;
    }
    assert!(file.is_empty());
    count
}
