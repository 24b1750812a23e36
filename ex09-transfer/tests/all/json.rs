//! `--json`: one document on stdout, with the names that others may rely on.

use std::fs;

use crate::common::{
    FOLDER, Place, ROW, assert_run, assert_spreads, assert_verdicts, keys, sorted, stderr, stdout, values,
};
use serde_json::{Value, json};

/// Every row of the document, by its part and its key there.
const ROWS: [(&str, &str); 19] = [
    ("b", "frozen5"),
    ("c", "cached5"),
    ("d", "frozen4"),
    ("e", "unfrozen2"),
    ("e", "unfrozen_all"),
    ("e", "scratch"),
    ("e", "softmax_regression"),
    ("f", "frozen5"),
    ("f", "frozen4"),
    ("f", "unfrozen2"),
    ("f", "unfrozen_all"),
    ("h", "frozen5_8b"),
    ("h", "frozen5_8f"),
    ("h", "frozen5"),
    ("h", "cached_copies"),
    ("h", "unfrozen_all_8b"),
    ("h", "unfrozen_all_8f"),
    ("h", "unfrozen_all"),
    ("h", "scratch"),
];

const SPEED_UP: [&str; 3] = ["per_epoch", "total", "break_even_epoch"];

/// What caching must not change.
const RESULTS: [&str; 6] = ["test_accuracy", "test_precision", "test_loss", "validation_loss", "epochs", "best_epoch"];

fn assert_keys(document: &Value) {
    let parts = &document["parts"];
    assert_eq!(
        keys(document),
        sorted([
            "exercise",
            "dataset",
            "seed",
            "seeds",
            "threads",
            "quick",
            "parts",
            "pretrained",
            "pretrained_augmented"
        ])
    );
    assert_eq!(keys(parts), ["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert_eq!(keys(&parts["b"]), ["frozen5"]);
    assert_eq!(keys(&parts["c"]), ["cached5", "speedup"]);
    assert_eq!(keys(&parts["c"]["speedup"]), sorted(SPEED_UP));
    assert_eq!(keys(&parts["d"]), ["frozen4", "verdicts"]);
    assert_eq!(
        keys(&parts["e"]),
        sorted(["unfrozen2", "unfrozen_all", "scratch", "softmax_regression", "nearest_neighbour", "verdicts"])
    );
    assert_eq!(keys(&parts["f"]), sorted(["frozen5", "frozen4", "unfrozen2", "unfrozen_all", "verdicts"]));
    assert_eq!(
        keys(&parts["h"]),
        sorted([
            "frozen5_8b",
            "frozen5_8f",
            "frozen5",
            "cached_copies",
            "unfrozen_all_8b",
            "unfrozen_all_8f",
            "unfrozen_all",
            "scratch",
            "augmentation",
            "speedup",
            "verdicts"
        ])
    );
    assert_eq!(parts["h"]["augmentation"], "elastic");
    assert_eq!(keys(&parts["h"]["speedup"]), sorted(SPEED_UP));
    let by_number = &parts["g"]["images_per_digit"];
    assert_eq!(keys(by_number), ["10", "100"]);
    for rows in ["10", "100"].map(|number| &by_number[number]) {
        assert_eq!(
            keys(rows),
            sorted(["frozen4", "unfrozen_all", "scratch", "softmax_regression", "nearest_neighbour"])
        );
    }
    assert_verdicts(parts, [("d", 1), ("e", 7), ("f", 4), ("h", 7), ("g", 1)]);
    assert!(parts["g"]["over_labels"].as_str().unwrap().starts_with("Transfer "), "{}", parts["g"]);
    for networks in ["pretrained", "pretrained_augmented"] {
        assert_eq!(keys(&document[networks]), sorted(["from", "trained_on", "cut_short"]));
    }
    for (part, row) in ROWS {
        assert_eq!(keys(&parts[part][row]), sorted(ROW), "{part} {row}");
    }
}

#[test]
fn one_seed_gives_one_document_of_numbers() {
    let place = Place::new();
    let assert = place.run(Place::synthetic(["--threads", "2", "--json"])).success();
    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let text = stderr(&assert);
    for part in ["dataset: synthetic digits (not MNIST)", "119,405", "reference notebook", "bit for bit"] {
        assert!(text.contains(part), "no {part} on stderr:\n{text}");
    }

    assert_keys(&document);
    assert_run(&document, "9", 2);
    let parts = &document["parts"];
    assert_eq!((&parts["a"]["parameters"], &parts["a"]["trainable"]), (&json!(119_405), &json!(505)));
    for key in RESULTS {
        assert_eq!(parts["b"]["frozen5"][key], parts["c"]["cached5"][key], "{key}");
    }

    // From as many images, part g trains as part e does; and what is nearest is no matter of chance.
    let hundred = &parts["g"]["images_per_digit"]["100"];
    for row in ["unfrozen_all", "scratch", "softmax_regression", "nearest_neighbour"] {
        assert_eq!(hundred[row]["test_accuracy"], parts["e"][row]["test_accuracy"], "{row}");
    }
    assert_eq!(hundred["nearest_neighbour"]["test_loss"], Value::Null);

    let report = place.report(FOLDER);
    for (part, row) in ROWS {
        let row = &parts[part][row];
        let number = |key: &str| row[key].as_f64().unwrap();
        assert!(row["epochs"].as_u64().unwrap() <= 20 && row["best_epoch"].as_u64() <= row["epochs"].as_u64(), "{row}");
        // Five digits: a network that has learnt nothing gets one in five. From seeds 42 to 46: 68.9 % to 93.6 %.
        assert!((0.5..1.0).contains(&number("test_accuracy")), "{row}");
        assert!(0.0 < number("epoch_seconds") && number("epoch_seconds") < number("seconds"), "{row}");
        report.assert_has(row);
    }
    for key in ["per_epoch", "total"] {
        assert!(parts["c"]["speedup"][key].as_f64().unwrap() > 1.0, "{}", parts["c"]);
    }
    assert!((1.0..=21.0).contains(&parts["c"]["speedup"]["break_even_epoch"].as_f64().unwrap()), "{}", parts["c"]);
}

#[test]
fn nothing_is_made_of_times_that_were_lost() {
    let place = Place::new();
    let parts = ["b", "c", "--epochs", "3"];
    place.train(parts).success();
    for fit in ["frozen5", "cached5"] {
        let seconds = place.path(format!("{FOLDER}/{fit}/seed-42/seconds.json"));
        let times = fs::read(&seconds).unwrap();
        fs::remove_file(&seconds).unwrap();
        let assert = place.run(Place::synthetic(["b", "c", "--epochs", "3", "--resume", "--json"])).success();
        let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
        let (parts, text) = (&document["parts"], stderr(&assert));
        let row = if fit == "frozen5" { &parts["b"][fit] } else { &parts["c"][fit] };
        assert_eq!((&row["seconds"], &row["epoch_seconds"]), (&Value::Null, &Value::Null));
        assert_eq!(parts["c"]["speedup"], Value::Null);
        assert!(text.contains("How much time the cache saves is unknown"), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        let report = place.report(FOLDER);
        report.assert_has(row);
        assert!(!report.cells().iter().any(|cell| cell.contains("NaN")), "{:?}", report.cells());
        fs::write(&seconds, times).unwrap();
    }
}

#[test]
fn several_seeds_give_spreads_of_what_each_gives_alone() {
    let place = Place::new();
    let both = place.document(["--seed", "7", "--seeds", "2", "--epochs", "3"]);
    let alone = ["7", "8"].map(|seed| place.document(["--seed", seed, "--epochs", "3", "--out", seed]));

    assert_keys(&both);
    assert_eq!((&both["seed"], &both["seeds"]), (&json!(7), &json!(2)));
    for (part, row) in ROWS {
        assert_spreads(&both["parts"][part][row], alone.each_ref().map(|it| &it["parts"][part][row]));
    }
    let speed_up = &both["parts"]["c"]["speedup"];
    // On a busy machine the cache of so few epochs may not have paid for itself.
    for name in SPEED_UP.iter().filter(|&&name| name != "break_even_epoch" || !speed_up[name].is_null()) {
        values(&speed_up[*name]);
    }
    let report = place.report(FOLDER);
    ROWS.iter().for_each(|(part, row)| report.assert_has(&both["parts"][part][row]));
}
