//! The real digits, where the environment variable `MNIST_DIR` names a folder of them.

use crate::common::{Place, stderr, stdout};
use serde_json::{Value, json};

#[test]
fn pairs_of_mnist_are_told_apart_with_a_hidden_layer_and_not_without() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        eprintln!("skipped: MNIST_DIR is not set");
        return;
    };
    let place = Place::new();
    let mut command = place.command(["c", "d", "--json", "--quick", "--epochs", "5", "--data", "mnist"]);
    command.env("MNIST_DIR", std::path::absolute(folder).unwrap());
    let assert = assert_cmd::Command::from_std(command).assert().success();

    let text = stderr(&assert);
    assert!(text.contains("dataset: MNIST, from "), "{text}");
    assert!(text.contains("55,000 train, 5,000 validation, 10,000 test"), "{text}");

    let document: Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!((&document["dataset"], &document["quick"]), (&json!("mnist"), &json!(true)));
    let accuracy = |part: &str, row: &str| document["parts"][part][row]["test_accuracy"].as_f64().unwrap();
    // Five epochs from seeds 42 to 44: ...
    assert!(accuracy("c", "pairs_hidden") > 0.90, "{}", document["parts"]["c"]);
    assert!((0.45..0.55).contains(&accuracy("c", "pairs_single_output")), "{}", document["parts"]["c"]);
    assert!(accuracy("c", "pairs_distance") > 0.90, "{}", document["parts"]["c"]);
    assert!(accuracy("d", "frozen_a") > 0.90, "{}", document["parts"]["d"]);
}
