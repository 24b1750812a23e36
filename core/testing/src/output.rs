//! What a binary wrote.

use assert_cmd::assert::Assert;
use serde_json::Value;

/// What a row of results holds.
pub const ROW: [&str; 8] = [
    "test_accuracy",
    "test_precision",
    "test_loss",
    "validation_loss",
    "epochs",
    "best_epoch",
    "seconds",
    "epoch_seconds",
];

/// Returns what a run wrote to stdout.
pub fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Returns what a run wrote to stderr.
pub fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// Returns the first line that starts with these words.
#[track_caller]
pub fn line_of<'a>(text: &'a str, start: &str) -> &'a str {
    let found = text.lines().find(|line| line.starts_with(start));
    found.unwrap_or_else(|| panic!("no line starts with `{start}` in:\n{text}"))
}

/// Fails unless a run ended with status 1 and exactly one error, which says all of `says`.
#[track_caller]
pub fn assert_fails(assert: Assert, says: &[&str]) {
    let assert = assert.code(1);
    let text = stderr(&assert);
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    assert!(text.ends_with(&format!("{}\n", errors[0])), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    assert!(text.matches("os error").count() <= 1, "a cause is told twice: {text}");
    for part in says {
        assert!(errors[0].contains(part), "no `{part}` in: {text}");
    }
}

/// Takes the parts of a document, without the times in them and what follows from those.
pub fn timeless(document: &Value) -> Value {
    let mut parts = document["parts"].clone();
    remove_times(&mut parts);
    parts
}

fn remove_times(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|key, _| !key.ends_with("seconds") && key != "speedup");
        members.values_mut().for_each(remove_times);
    }
}

/// Returns the keys of an object, sorted.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Sorts names, to be held against [`keys`].
pub fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
}
