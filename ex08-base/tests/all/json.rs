//! `--json`: one document on stdout, with the names that others may rely on.

use crate::common::{FOLDER, Place, ROW, assert_run, assert_spreads, assert_verdicts, keys, sorted, stderr, stdout};
use serde_json::{Value, json};

/// What part b has beside the row of its network.
const VALIDATION: &str = "validation_within_12_epochs";

fn sorted_with_validation() -> Vec<&'static str> {
    let mut keys: Vec<&str> = ROW.into_iter().chain([VALIDATION]).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn one_seed_gives_one_document_of_numbers() {
    let place = Place::new();
    let assert = place.run(["--quick", "--data", "synthetic", "--threads", "1", "--json"]).success();
    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let text = stderr(&assert);
    for part in ["dataset: synthetic digits (not MNIST)", "119,405", "reference notebook", "recall"] {
        assert!(text.contains(part), "no {part} on stderr:\n{text}");
    }

    assert_eq!(keys(&document), sorted(["exercise", "dataset", "seed", "seeds", "threads", "quick", "parts"]));
    assert_run(&document, "8", 1);
    assert_eq!(document["parts"]["a"]["parameters"], json!(119_405));

    let row = &document["parts"]["b"];
    assert_eq!(keys(row), sorted_with_validation());
    let early = &row[VALIDATION];
    assert!(early["accuracy"].as_f64().unwrap() > 0.8 && early["loss"].as_f64().unwrap() < 0.5, "{row}");
    assert!(row["epochs"] == json!(5) && row["best_epoch"].as_u64().unwrap() <= 5, "{row}");
    let number = |key: &str| row[key].as_f64().unwrap();
    // From seeds 1, 3, 5, 7 and 42: 93.0 % to 95.3 %.
    assert!((0.88..=0.99).contains(&number("test_accuracy")), "{row}");
    assert!((0.88..=0.99).contains(&number("test_precision")), "{row}");
    assert!((0.05..=0.40).contains(&number("test_loss")), "{row}");
    assert!(0.0 < number("epoch_seconds") && number("epoch_seconds") < number("seconds"), "{row}");

    assert!(text.ends_with("\nThe report is in runs/ex08/report.html.\n"), "{text}");
    let (report, parts) = (place.report(FOLDER), &document["parts"]);
    let (d, e) = (&parts["d"], &parts["e"]);
    assert!(text.contains("8c. On the held-out folds, it reached ") && text.contains("That is optimistic"), "{text}");
    assert_verdicts(parts, [("c", 1), ("d", 3), ("e", 5), ("f", 3)]);
    for row in [row, &parts["c"]["refitted"], &d["plain"], &d["batch_norm"], &e["plain"], &e["dropout"]] {
        report.assert_has(row);
    }
    for network in ["plain", "batch_norm"] {
        for row in [format!("{network}_at_its_best_rate"), format!("{network}_last_weights")] {
            report.assert_has(&d[row]);
        }
        assert_eq!(d["rates"][network]["tried"].as_array().unwrap().len(), 5, "{d}");
    }
    let levels: Vec<f64> =
        d["levels"].as_array().unwrap().iter().filter_map(|it| it["validation_loss"].as_f64()).collect();
    assert_eq!(levels, [0.05, 0.03, 0.02].repeat(2), "as they are, then at the best rates");
    for level in d["levels"].as_array().unwrap() {
        let answer = level["epochs"]["answer"].as_str().unwrap();
        assert!(answer.ends_with(" on this seed") || answer == "neither", "{level}");
    }
    assert!(
        d["levels"][0]["seconds"].is_object() && d["levels"][3]["seconds"].is_null(),
        "the sweep shares its threads"
    );
    the_chosen_dropout_has_the_lowest_loss(e);
    assert_eq!(report.best_epoch("b", 42), Some(&row["best_epoch"]));
}

/// Fails unless part e has chosen rates by the loss on digits that were held out.
#[track_caller]
fn the_chosen_dropout_has_the_lowest_loss(e: &Value) {
    let rates = e["rates"].as_array().unwrap();
    let loss = |it: &Value| it["held_out_loss"].as_f64().unwrap();
    let best = rates.iter().min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap();
    assert_eq!((rates.len(), &e["rate"], &e["pixel_rate"]), (5, &best["rate"], &best["pixel_rate"]), "{e}");
    assert_eq!(e["dropout"]["test_accuracy"], best["row"]["test_accuracy"], "{e}");
    assert!(e["plain"]["train_loss"].is_f64() && e["plain"]["last_validation_loss"].is_f64(), "{e}");
}

#[test]
fn the_chosen_dropout_has_the_lowest_loss_on_held_out_training_digits() {
    let place = Place::new();
    let flags = ["e", "--quick", "--data", "synthetic", "--epochs", "2", "--json"];
    let document: Value = serde_json::from_str(&stdout(&place.run(flags).success())).unwrap();
    the_chosen_dropout_has_the_lowest_loss(&document["parts"]["e"]);
}

#[test]
fn several_seeds_give_spreads_of_what_each_gives_alone() {
    let place = Place::new();
    let both = place.document(["--seed", "7", "--seeds", "2", "--epochs", "2"]);
    let alone = ["7", "8"].map(|seed| place.document(["--seed", seed, "--epochs", "2", "--out", seed]));

    assert_eq!((&both["seed"], &both["seeds"]), (&json!(7), &json!(2)));
    let row = &both["parts"]["b"];
    assert_eq!(keys(row), sorted_with_validation());
    assert_eq!(row[VALIDATION]["loss"]["values"].as_array().unwrap().len(), 2, "{row}");
    assert_spreads(row, alone.each_ref().map(|it| &it["parts"]["b"]));
    let report = place.report(FOLDER);
    report.assert_has(row);
    assert_eq!(report.fits().into_iter().collect::<Vec<_>>(), [(("b", 7), 2), (("b", 8), 2)]);
}
