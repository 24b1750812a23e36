//! A loss that is no longer finite ends a run with an error that says when, and spoils nothing.

use crate::common::{Place, RUN, assert_fails};

const WILD: [&str; 4] = ["--learning-rate", "1e30", "--averaging", "0"];
const SAYS: [&str; 3] = ["8b: diverged at epoch 1", "no longer finite", "a smaller --learning-rate"];

#[test]
fn divergence_is_an_error_and_spares_earlier_runs() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    let good = place.all_contents(RUN);

    assert_fails(place.train(WILD.iter().chain(&["--resume"])), &["--learning-rate", "without --resume"]);
    place.all_contents(RUN).assert_same(&good, "refused");

    // The second time, what the first one left must not push the good run out of its place.
    for _ in 0..2 {
        assert_fails(place.train(WILD), &SAYS);
        place.all_contents(format!("{RUN}.previous-1")).assert_same(&good, "the run before");
        assert!(!place.path(RUN).join("last.ckpt").exists() && !place.path(RUN).join("final.ckpt").exists());
    }
}

#[test]
fn averaged_weights_do_not_hide_it() {
    assert_fails(Place::new().train(["--learning-rate", "1e30"]), &SAYS[1..]);
}

#[test]
fn a_diverging_run_writes_no_document() {
    let assert = Place::new().train(WILD.iter().chain(&["--json"]));
    assert_fails(assert.stdout(""), &SAYS);
}
