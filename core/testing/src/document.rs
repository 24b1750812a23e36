//! What a document that `--json` writes says of several seeds.

use serde_json::Value;

use crate::{ROW, keys, sorted};

/// What a verdict has.
const VERDICT: [&str; 9] =
    ["question", "answer", "difference", "interval", "p", "uncorrected_p", "test", "seeds", "test_loss"];

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

/// Fails unless each of these parts, and no other, has so many verdicts, each with its keys.
#[track_caller]
pub fn assert_verdicts<const PARTS: usize>(parts: &Value, expected: [(&str, usize); PARTS]) {
    let of = |part: &Value| part["verdicts"].as_array().cloned().unwrap_or_default();
    let found = parts.as_object().into_iter().flatten().map(|(part, found)| (part.as_str(), of(found)));
    let found: Vec<(&str, Vec<Value>)> = found.filter(|(_, verdicts)| !verdicts.is_empty()).collect();
    assert_eq!(found.iter().map(|(part, verdicts)| (*part, verdicts.len())).collect::<Vec<_>>(), expected);
    for verdict in found.iter().flat_map(|(_, verdicts)| verdicts) {
        assert_eq!(keys(verdict), sorted(VERDICT));
        assert!(verdict["p"].as_f64().unwrap() >= verdict["uncorrected_p"].as_f64().unwrap(), "{verdict}");
    }
}

/// Takes the verdicts out of the parts of a document: they are corrected for how many questions a run asks.
pub fn without_verdicts(parts: &Value) -> Value {
    let mut parts = parts.clone();
    for part in parts.as_object_mut().into_iter().flat_map(|parts| parts.values_mut()) {
        part.as_object_mut().into_iter().for_each(|part| drop(part.remove("verdicts")));
    }
    parts
}
