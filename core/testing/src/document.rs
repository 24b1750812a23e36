//! What a document that `--json` writes says of several seeds.

use serde_json::Value;

use crate::{ROW, keys};

/// Takes the two values of a spread over two seeds.
#[track_caller]
pub fn values(spread: &Value) -> [f64; 2] {
    assert_eq!(keys(spread), ["mean", "std", "values"]);
    let values: Vec<f64> = spread["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    values.try_into().unwrap()
}

/// Fails unless a row over two seeds is the spread of what each seed gives alone, and the seeds differ.
#[track_caller]
pub fn assert_spreads(both: &Value, alone: [&Value; 2]) {
    for name in ROW {
        let [a, b] = values(&both[name]);
        // Of two values, the sample standard deviation is their distance over the square root of 2.
        assert!((both[name]["mean"].as_f64().unwrap() - (a + b) / 2.0).abs() < 1e-12, "{name}: {both}");
        assert!((both[name]["std"].as_f64().unwrap() - (a - b).abs() / 2.0_f64.sqrt()).abs() < 1e-12, "{name}: {both}");
        if !name.ends_with("seconds") {
            assert_eq!([a, b], alone.map(|row| row[name].as_f64().unwrap()), "{name}");
        }
    }
    let [a, b] = values(&both["test_loss"]);
    assert!((a - b).abs() > 0.0, "both seeds start from the same weights: {both}");
}

/// Fails unless a document says this of the run that it is of.
#[track_caller]
pub fn assert_run(document: &Value, exercise: &str, threads: u64) {
    let numbers = ["seed", "seeds", "threads"].map(|key| document[key].as_u64().unwrap());
    assert_eq!((numbers, &document["quick"]), ([42, 1, threads], &Value::Bool(true)));
    assert_eq!((document["exercise"].as_str(), document["dataset"].as_str()), (Some(exercise), Some("synthetic")));
}
