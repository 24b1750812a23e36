//! `--json`: one document on stdout, with the names that others may rely on.

use crate::common::{FOLDER, Place, ROW, assert_run, assert_spreads, assert_verdicts, keys, sorted, stderr, stdout};
use serde_json::{Value, json};

/// Every row of the document, by its part and its key there; part e has rows of its own.
const ROWS: [(&str, &str); 11] = [
    ("c", "pairs_single_output"),
    ("c", "pairs_hidden"),
    ("c", "pairs_distance"),
    ("d", "frozen_a"),
    ("d", "fine_tuned"),
    ("d", "scratch"),
    ("d", "ceiling"),
    ("f", "pairs_hidden"),
    ("f", "frozen_a"),
    ("f", "scratch"),
    ("f", "ceiling"),
];

/// The rows of part e from each of these numbers of labels.
const LABELS: [&str; 2] = ["1", "10"];
const ROWS_BY_LABELS: [&str; 2] = ["frozen_a", "scratch"];

fn assert_keys(document: &Value) {
    let parts = &document["parts"];
    assert_eq!(keys(document), sorted(["exercise", "dataset", "seed", "seeds", "threads", "quick", "parts"]));
    assert_eq!(keys(parts), ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(
        keys(&parts["c"]),
        sorted(["pairs_single_output", "pairs_hidden", "pairs_distance", "additive_bound", "verdicts"])
    );
    assert_eq!(keys(&parts["d"]), sorted(["frozen_a", "fine_tuned", "scratch", "ceiling", "verdicts"]));
    assert_eq!(
        keys(&parts["f"]),
        sorted(["pairs_hidden", "frozen_a", "scratch", "ceiling", "augmentation", "verdicts"])
    );
    assert_eq!(parts["f"]["augmentation"], "elastic");
    assert_eq!(keys(&parts["e"]), ["labels_per_digit", "over_labels", "verdicts"]);
    assert!(parts["e"]["over_labels"].as_str().unwrap().starts_with("Pretraining on pairs "), "{}", parts["e"]);
    assert_eq!(keys(&parts["e"]["labels_per_digit"]), LABELS);
    for labels in LABELS {
        let rows = &parts["e"]["labels_per_digit"][labels];
        assert_eq!(keys(rows), ROWS_BY_LABELS);
        assert!(ROWS_BY_LABELS.iter().all(|&row| keys(&rows[row]) == sorted(ROW)), "{rows}");
    }
    assert_verdicts(parts, [("c", 2), ("d", 3), ("e", LABELS.len()), ("f", 6)]);
    for (part, row) in ROWS {
        assert_eq!(keys(&parts[part][row]), sorted(ROW), "{part} {row}");
    }
}

#[test]
fn without_distortion_no_verdict_speaks_of_it() {
    let place = Place::new();
    let assert = place.run(Place::synthetic(["d", "f", "--augment", "off", "--epochs", "1", "--json"])).success();
    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let verdicts = document["parts"]["f"]["verdicts"].as_array().unwrap();
    let questions: Vec<&str> = verdicts.iter().map(|verdict| verdict["question"].as_str().unwrap()).collect();
    assert!(questions[0].starts_with("Settings for distorted images, with none distorted, "), "{questions:?}");
    assert!(!questions.iter().any(|question| question.contains("Distorting")), "{questions:?}");
}

#[test]
fn one_seed_gives_one_document_of_numbers() {
    let place = Place::new();
    let assert = place.run(Place::synthetic(["--threads", "2", "--json"])).success();
    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let text = stderr(&assert);
    for part in ["dataset: synthetic digits (not MNIST)", "239,821", "reference notebook", "logistic neuron"] {
        assert!(text.contains(part), "no {part} on stderr:\n{text}");
    }

    assert_keys(&document);
    assert_run(&document, "10", 2);
    let parts = &document["parts"];
    // 5 hidden layers each for A and B, 784 x 100 + 4 x 100 x 100 weights and 500 biases; then 200 weights and a bias, or 200 x 10
    // weights, 10 biases, 10 weights and a bias.
    let towers = 2 * (784 * 100 + 4 * 100 * 100 + 500);
    assert_eq!(parts["a"]["single_output"]["parameters"], json!(towers + 201));
    assert_eq!(parts["a"]["hidden"]["parameters"], json!(towers + 2_021));
    assert_eq!(parts["b"]["pairs_per_epoch"], json!(5_000));

    let number = |part: &str, row: &str, key: &str| parts[part][row][key].as_f64().unwrap();
    for (part, row) in ROWS {
        assert!(number(part, row, "best_epoch") <= number(part, row, "epochs"), "{row}");
        assert!(0.0 < number(part, row, "epoch_seconds"), "{row}");
        assert!(number(part, row, "epoch_seconds") < number(part, row, "seconds"), "{row}");
    }
    let report = place.report(FOLDER);
    for (part, row) in ROWS {
        report.assert_has(&parts[part][row]);
        let fit = if part == "f" { format!("augmented/{row}") } else { row.to_owned() };
        assert_eq!(report.best_epoch(&fit, 42), Some(&parts[part][row]["best_epoch"]));
        assert_eq!(json!(report.fits()[&(fit.as_str(), 42)]), parts[part][row]["epochs"]);
    }
    for labels in LABELS {
        for row in ROWS_BY_LABELS {
            let by_labels = &parts["e"]["labels_per_digit"][labels][row];
            assert_eq!(json!(report.fits()[&(format!("labels-{labels}/{row}").as_str(), 42)]), by_labels["epochs"]);
        }
    }
    assert_learnt(parts);
}

/// Checks what even a short run learns, and what it cannot learn.
fn assert_learnt(parts: &Value) {
    let number = |part: &str, row: &str, key: &str| parts[part][row][key].as_f64().unwrap();
    let bound = parts["c"]["additive_bound"]["loss"].as_f64().unwrap();
    // A model without effect loses ln 2. What 19 numbers fitted to n pairs gain on it is chi-squared over 2 n (Wilks, 1938), and one such
    // gain in a thousand is above 43.82 / 2 n.
    let chi_squared = 2.0 * parts["b"]["test_pairs"].as_f64().unwrap() * (std::f64::consts::LN_2 - bound);
    assert!((0.0..43.82).contains(&chi_squared), "{bound}: {chi_squared}");
    assert!(number("c", "pairs_single_output", "test_loss") > bound, "{}", parts["c"]);
    assert!((0.40..0.60).contains(&number("c", "pairs_single_output", "test_accuracy")), "{}", parts["c"]);
    assert!(number("c", "pairs_hidden", "test_accuracy") > 0.70, "{}", parts["c"]);
    // One neuron is enough if what it reads is no sum.
    assert!(number("c", "pairs_distance", "test_accuracy") > 0.70, "{}", parts["c"]);
    for row in ["frozen_a", "fine_tuned", "scratch"] {
        assert!(number("d", row, "test_accuracy") > 0.45, "{}", parts["d"]);
        assert!(number("d", "ceiling", "test_accuracy") > number("d", row, "test_accuracy"), "{}", parts["d"]);
    }
    // More labels teach more.
    let by_labels =
        |labels: &str, row: &str| parts["e"]["labels_per_digit"][labels][row]["test_accuracy"].as_f64().unwrap();
    for row in ROWS_BY_LABELS {
        assert!(by_labels("1", row) < by_labels("10", row), "{}", parts["e"]);
    }
}

#[test]
fn several_seeds_give_spreads_of_what_each_gives_alone() {
    let place = Place::new();
    let both = place.document(["--seed", "7", "--seeds", "2", "--epochs", "1"]);
    let alone = ["7", "8"].map(|seed| place.document(["--seed", seed, "--epochs", "1", "--out", seed]));

    assert_keys(&both);
    assert_eq!((&both["seed"], &both["seeds"]), (&json!(7), &json!(2)));
    for (part, row) in ROWS {
        assert_spreads(&both["parts"][part][row], alone.each_ref().map(|it| &it["parts"][part][row]));
    }
    for labels in LABELS {
        for row in ROWS_BY_LABELS {
            let of = |document: &Value| document["parts"]["e"]["labels_per_digit"][labels][row].clone();
            let alone = alone.each_ref().map(of);
            assert_spreads(&of(&both), alone.each_ref());
            assert_ne!(alone[0]["test_accuracy"], alone[1]["test_accuracy"], "each seed draws its own images");
        }
    }
}
