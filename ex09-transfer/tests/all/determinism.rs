//! The same seed gives the same bytes, whatever the number of threads, and whoever trained exercise 8's network.

use crate::common::{Place, keys, place_with_network, stderr, timeless};

#[test]
fn threads_change_no_byte_and_a_second_run_reuses_the_network() {
    let place = Place::new();
    let flags = ["--epochs", "2"];
    let first = place.document(flags.iter().chain(&["--threads", "1"]));
    let (network, weights) = (place.all_contents("runs/ex08"), place.contents("runs/ex09"));

    // With two seeds, two fits do run at once.
    let other = Place::new();
    other.train(flags.iter().chain(&["--threads", "2", "--seeds", "2"])).success();
    let mut both = other.contents("runs/ex09");
    assert_eq!(both.fits().len(), 2 * weights.fits().len());
    both.0.retain(|name, _| name.contains("/seed-42/"));
    both.assert_same(&weights, "two threads");
    let trained_there = other.contents("runs/ex08/b/seed-42");
    trained_there.assert_same(&place.contents("runs/ex08/b/seed-42"), "exercise 8's network");

    let assert = place.train(flags.iter().chain(&["--threads", "2", "--out", "again"])).success();
    assert!(!stderr(&assert).contains("trained first"), "{}", stderr(&assert));
    place.all_contents("runs/ex08").assert_same(&network, "exercise 8's folder");
    place.contents("again").assert_same(&weights, "a second run");

    // What is finished is not trained again.
    let resumed = place.document(flags.iter().chain(&["--resume"]));
    assert_eq!(timeless(&resumed), timeless(&first));
    place.contents("runs/ex09").assert_same(&weights, "resumed when finished");
}

#[test]
fn shares_of_the_seeds_lead_to_the_results_of_one_process() {
    let (place, whole) = (Place::new(), Place::new());
    let flags = ["b", "e", "--seeds", "3", "--epochs", "1"];
    let expected = whole.document(flags);
    for shard in ["1/2", "2/2"] {
        place.train(flags.iter().chain(&["--shard", shard])).success();
    }
    let trained = place.contents("runs");
    let found = place.document(flags.iter().chain(&["--resume"]));
    assert_eq!(timeless(&found), timeless(&expected));
    place.contents("runs").assert_same(&whole.contents("runs"), "one process");
    place.contents("runs").assert_same(&trained, "putting them together trained something");
}

#[test]
fn without_resume_an_earlier_run_is_moved_aside() {
    let place = place_with_network();
    let first = place.document(["d", "--epochs", "2"]);
    let weights = place.contents("runs/ex09/frozen4/seed-42");
    let second = place.document(["d", "--epochs", "2"]);
    assert_eq!(timeless(&first), timeless(&second));
    for run in ["seed-42", "seed-42.previous-1"] {
        place.contents(format!("runs/ex09/frozen4/{run}")).assert_same(&weights, run);
    }
    assert_eq!(place.contents("runs/ex08").fits(), ["b/seed-42"], "exercise 8's network was moved");
}

#[test]
fn pretrained_names_the_folder_to_reuse_or_to_train_in() {
    let place = Place::new();
    let said = stderr(&place.train(["d", "--epochs", "2", "--pretrained", "mine"]).success());
    assert!(said.contains("mine/b lacks") && said.contains("trained first"), "{said}");
    assert_eq!(place.contents("mine").fits(), ["b/seed-42"]);
    assert!(!place.path("runs/ex08").exists());

    let said =
        stderr(&place.run(Place::synthetic(["d", "--epochs", "2", "--pretrained", "mine", "--out", "out"])).success());
    assert!(!said.contains("trained first"), "{said}");
    place.contents("out").assert_same(&place.contents("runs/ex09"), "on the network of --pretrained");
}

#[test]
fn only_the_seeds_that_lack_a_network_are_trained_first() {
    let place = place_with_network();
    let network = place.all_contents("runs/ex08/b/seed-42");
    let document = place.document(["b", "--epochs", "1", "--seeds", "2"]);
    assert_eq!(keys(&document["parts"]), ["a", "b"]);
    assert_eq!(place.contents("runs/ex08").fits(), ["b/seed-42", "b/seed-43"]);
    place.all_contents("runs/ex08/b/seed-42").assert_same(&network, "seed 42");
}
