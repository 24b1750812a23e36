//! Part f: networks that see digits distorted.

use crate::common::{FOLDER, Place, ROW, assert_verdicts, keys, sorted, stderr, stdout};
use serde_json::Value;

const SHORT: [&str; 5] = ["f", "--quick", "--data", "synthetic", "--epochs"];

fn document(place: &Place, more: &[&str]) -> Value {
    let args = SHORT.iter().chain(&["2", "--json"]).chain(more);
    serde_json::from_str(&stdout(&place.run(args).success())).unwrap()
}

#[test]
fn each_way_has_a_row_a_curve_and_a_verdict_and_what_is_wrong_is_shown() {
    let place = Place::new();
    let parts = &document(&place, &[])["parts"];
    let f = &parts["f"];
    let ways = ["plain", "shift", "affine", "elastic"];
    assert_eq!(keys(f), sorted(["plain", "shift", "affine", "elastic", "training_loss", "still_wrong", "verdicts"]));
    assert_verdicts(parts, [("f", 3)]);
    let report = place.report(FOLDER);
    for way in ways {
        assert_eq!(keys(&f[way]), sorted(ROW), "{way}");
        assert!(f["training_loss"][way].as_f64().unwrap() > 0.0, "{f}");
        report.assert_has(&f[way]);
    }
    let loss = |way: &str| f["training_loss"][way].as_f64().unwrap();
    assert!(loss("elastic") > loss("affine") && loss("affine") > loss("plain"), "harder to learn: {f}");

    let wrong = f["still_wrong"].as_array().unwrap();
    let accuracy = f["elastic"]["test_accuracy"].as_f64().unwrap();
    assert_eq!(wrong.len(), (514.0 * (1.0 - accuracy)).round() as usize, "of the last way, from one seed");
    for mistake in wrong {
        assert_eq!(keys(mistake), ["digit", "seeds", "taken_for", "test_digit"]);
        assert!(mistake["digit"] != mistake["taken_for"] && mistake["seeds"] == 1, "{mistake}");
        assert!(mistake["test_digit"].as_u64().unwrap() < 514, "{mistake}");
    }
    assert!(report.html.contains("The first training digits, and each as it is drawn once with `elastic`."));
    assert!(report.html.contains("the network still took for another"), "no pictures of mistakes");
}

#[test]
fn one_way_alone_is_trained_beside_none() {
    let place = Place::new();
    let parts = &document(&place, &["--augment", "affine"])["parts"];
    assert_eq!(keys(&parts["f"]), ["affine", "plain", "still_wrong", "training_loss", "verdicts"]);
    assert_verdicts(parts, [("f", 1)]);
    let question = |parts: &Value| parts["f"]["verdicts"][0]["question"].as_str().unwrap().to_owned();
    assert!(question(parts).starts_with("An affine map for each digit: "), "{}", question(parts));
    let elastic = document(&place, &["--augment", "elastic", "--out", "elastic"]);
    let asked = question(&elastic["parts"]);
    assert!(asked.starts_with("An affine map and elastic displacement for each digit: "), "{asked}");
    let off = document(&place, &["--augment", "off", "--out", "off"]);
    assert_eq!(keys(&off["parts"]["f"]), ["plain", "still_wrong", "training_loss"]);
    let error = stderr(&place.run(["b", "d", "--augment", "shift", "--data", "synthetic"]).code(2));
    assert!(error.contains("--augment is for part f alone: ex08-base f --augment shift"), "{error}");
}

#[test]
fn threads_and_an_interruption_change_no_byte() {
    let place = Place::new();
    let train = |out: &str, epochs: &str, more: &[&str]| {
        let flags = [epochs, "--decay", "none", "--augment", "elastic", "--out", out];
        place.run(SHORT.iter().chain(&flags).chain(more)).success();
    };
    train("one", "3", &["--threads", "1"]);
    // Two threads for each of two fits.
    train("four", "3", &["--threads", "4"]);
    train("resumed", "1", &["--threads", "2"]);
    train("resumed", "3", &["--threads", "4", "--resume"]);
    for fit in ["f/plain/seed-42", "f/elastic/seed-42"] {
        let alone = place.contents(format!("one/{fit}"));
        for out in ["four", "resumed"] {
            place.contents(format!("{out}/{fit}")).assert_same(&alone, out);
        }
    }
}

#[test]
fn another_augmentation_in_its_place_is_refused_and_named() {
    let place = Place::new();
    document(&place, &["--augment", "affine"]);
    assert!(!place.path("runs/ex08/f/elastic").exists(), "what was not asked for is left alone");
    std::fs::rename(place.path("runs/ex08/f/affine"), place.path("runs/ex08/f/elastic")).unwrap();
    let error = stderr(&place.run(SHORT.iter().chain(&["2", "--augment", "elastic", "--resume"])).code(1));
    assert!(error.contains("train, augmented (affine), ") && error.contains("train, augmented (elastic), "), "{error}");
}

#[test]
fn the_tools_take_the_network_that_knows_drawn_digits_best() {
    let place = Place::new();
    let drawn_for = || stderr(&place.tool(["draw"]).success());
    place.train(["--epochs", "1"]).success();
    assert!(drawn_for().contains("network: runs/ex08/b/seed-42/final.ckpt"), "{}", drawn_for());
    document(&place, &["--augment", "affine"]);
    assert!(drawn_for().contains("network: runs/ex08/f/affine/seed-42/final.ckpt"), "{}", drawn_for());
    document(&place, &[]);
    assert!(drawn_for().contains("network: runs/ex08/f/elastic/seed-42/final.ckpt"), "{}", drawn_for());
}
