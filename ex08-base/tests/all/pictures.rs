//! Digits on paper as people have it: photographed, scanned, shaded, ruled; and pictures that show none, or several.

use std::fs;
use std::path::Path;
use std::thread;

use crate::common::{Place, assert_fails, stdout};
use ch11_testing::Paper;
use image::{GrayImage, Luma};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use safetensors::SafeTensors;
use serde_json::Value;

/// Of what a network gets on clean paper, it gets at least this part on any other.
const LEAST: f64 = 0.95;

#[test]
fn test_digits_of_mnist_are_told_on_any_paper() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        eprintln!("skipped: MNIST_DIR is not set");
        return;
    };
    let folder = std::path::absolute(folder).unwrap().display().to_string();
    let place = Place::new();
    place.run(["b", "--epochs", "2", "--data", "mnist", "--data-dir", &folder]).success();
    told_on_any_paper(&place, 100, &["--data-dir", &folder]);
}

#[test]
fn drawn_digits_are_told_on_any_paper() {
    let place = Place::new();
    place.run(Place::synthetic(["--epochs", "6"])).success();
    told_on_any_paper(&place, 24, &["--data", "synthetic"]);
}

/// Has a trained network tell pictures of the first so many test digits on each kind of paper.
fn told_on_any_paper(place: &Place, count: usize, data: &[&str]) {
    let count_word = count.to_string();
    let args = ["logits", "test.safetensors", "--first", &count_word, "--offline"];
    place.tool(args.iter().chain(data)).success();
    let bytes = fs::read(place.path("test.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| -> Vec<f32> {
        let tensor = file.tensor(name).unwrap();
        tensor.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    };
    let (images, labels) = (floats("images"), floats("labels"));
    // Two processes at once: there are two cores at least where time matters.
    let (some, others) = Paper::ALL.split_at(Paper::ALL.len() / 2);
    let right: Vec<(Paper, usize)> = thread::scope(|scope| {
        let told =
            |papers: &[Paper]| papers.iter().map(|&paper| (paper, right_on(place, paper, &images, &labels))).collect();
        let other = scope.spawn(move || told(others));
        let one: Vec<_> = told(some);
        [one, other.join().unwrap()].concat()
    });
    let clean = right[0].1;
    assert!(clean as f64 >= 0.9 * count as f64, "{right:?} of {count}");
    assert!(right.iter().all(|(_, right)| *right >= (LEAST * clean as f64) as usize), "{right:?} of {count}");
    eprintln!("{right:?} of {count}");
}

/// Counts the pictures that are told right.
fn right_on(place: &Place, paper: Paper, images: &[f32], labels: &[f32]) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(14);
    let names: Vec<String> = (0..labels.len()).map(|index| format!("{paper:?}-{index}.png")).collect();
    for (name, digit) in names.iter().zip(images.chunks_exact(784)) {
        paper.picture(digit, &mut random).save(place.path(name)).unwrap();
    }
    let pictures = told(place, &names);
    let digits = pictures.iter().map(|picture| picture["digit"].as_f64());
    digits.zip(labels).filter(|(digit, label)| *digit == Some(f64::from(**label))).count()
}

/// Returns what `predict --json` says of pictures, whatever its status.
fn told(place: &Place, names: &[String]) -> Vec<Value> {
    let words = ["predict", "--json"].into_iter().chain(names.iter().map(String::as_str));
    let document: Value = serde_json::from_str(&stdout(&place.tool(words))).unwrap();
    document["pictures"].as_array().unwrap().clone()
}

/// Saves a picture of upright strokes at these places across, and of a frame.
fn save_strokes(path: &Path, places: &[u32]) {
    let is_stroke = |x: u32, y: u32| (40..160).contains(&y) && places.iter().any(|&place| x.abs_diff(place) < 9);
    let is_frame = |x: u32, y: u32| x.min(y).min(299 - x).min(199 - y) < 3;
    let paint = |x, y| Luma([if is_stroke(x, y) || is_frame(x, y) { 40 } else { 225 }]);
    GrayImage::from_fn(300, 200, paint).save(path).unwrap();
}

#[test]
fn where_it_cannot_tell_it_says_so_and_tells_the_others() {
    let place = Place::new();
    place.run(Place::synthetic(["--epochs", "1"])).success();
    save_strokes(&place.path("none.png"), &[]);
    save_strokes(&place.path("one.png"), &[150]);
    save_strokes(&place.path("two.png"), &[100, 200]);
    let (none, two) = ("nothing but lines, specks or edges", "2 shapes, each of which might be a digit");
    assert_fails(place.tool(["predict", "none.png"]), &["none.png", none, "take a picture of one digit"]);
    assert_fails(place.tool(["predict", "one.png", "two.png"]), &["two.png", two, "take a picture of one digit"]);

    let names = ["none.png", "two.png", "one.png"];
    let assert = place.tool(["predict"].iter().chain(&names));
    let text = stdout(&assert);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("none.png: cannot tell, found {none}"));
    assert_eq!(lines[1], format!("two.png: cannot tell, found {two}"));
    assert!(lines[2].starts_with("one.png: ") && lines.len() == 2 + 1 + 5, "{text}");
    assert_fails(assert, &["2 of 3 pictures show no digit, or several: none.png, two.png;"]);

    let pictures = told(&place, &names.map(str::to_owned));
    for (picture, found) in pictures.iter().zip([none, two]) {
        assert_eq!((&picture["digit"], &picture["probabilities"]), (&Value::Null, &Value::Null));
        assert_eq!(picture["found"], found);
    }
    assert!(pictures[2]["digit"].is_u64() && pictures[2].get("found").is_none(), "{}", pictures[2]);
    place.tool(["predict", "one.png"]).success();
}
