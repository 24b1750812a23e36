//! The real digits, where the environment variable `MNIST_DIR` names a folder of them.

use crate::common::{Place, stderr, stdout};
use serde_json::{Value, json};

#[test]
fn frozen_layers_transfer_on_mnist_and_caching_them_is_faster() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        eprintln!("skipped: MNIST_DIR is not set");
        return;
    };
    let place = Place::new();
    let mut command = place.command(["b", "c", "d", "--quick", "--json", "--seeds", "1", "--data", "mnist"]);
    command.env("MNIST_DIR", std::path::absolute(folder).unwrap());
    let assert = assert_cmd::Command::from_std(command).assert().success();

    // 29,404 of MNIST's training images show 5 to 9, 2,442 of them among the first 5,000.
    let text = stderr(&assert);
    assert!(text.contains("dataset: MNIST, from "), "{text}");
    assert!(text.contains("26,962 train, 2,442 validation, 4,861 test"), "{text}");

    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!((&document["dataset"], &document["quick"]), (&json!("mnist"), &json!(true)));
    let parts = &document["parts"];
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(number(&parts["b"]["frozen5"]["test_accuracy"]) > 0.75, "{}", parts["b"]);
    assert!(number(&parts["d"]["frozen4"]["test_accuracy"]) > 0.80, "{}", parts["d"]);
    assert!(number(&parts["c"]["speedup"]["per_epoch"]) > 1.0, "{}", parts["c"]);
}
