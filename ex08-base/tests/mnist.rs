//! The real digits, where the environment variable `MNIST_DIR` names a folder of them.

mod common;

use common::{Place, stderr, stdout};
use serde_json::{Value, json};

#[test]
fn three_epochs_on_mnist_reach_98_percent() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        eprintln!("skipped: MNIST_DIR is not set");
        return;
    };
    let place = Place::new();
    let mut command = place.command(["b", "--json", "--epochs", "3", "--data", "mnist"]);
    let folder = std::path::absolute(folder).unwrap();
    command.env("MNIST_DIR", folder);
    let assert = assert_cmd::Command::from_std(command).assert().success();

    // 30,596 of MNIST's training images show 0 to 4, 2,558 of them among the first 5,000.
    let text = stderr(&assert);
    assert!(text.contains("dataset: MNIST, from "), "{text}");
    assert!(text.contains("28,038 train, 2,558 validation, 5,139 test"), "{text}");

    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!((&document["dataset"], &document["quick"]), (&json!("mnist"), &json!(false)));
    let accuracy = document["parts"]["b"]["test_accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.98, "{accuracy}");
}
