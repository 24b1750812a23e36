//! The same seed gives the same bytes, whatever the number of threads; another seed gives others.

use crate::common::{Place, RUN};

#[test]
fn threads_change_no_byte_and_seeds_do() {
    let place = Place::new();
    let train = |out: &str, more: &[&str]| {
        place.train(["--epochs", "3", "--out", out].iter().chain(more)).success();
    };
    train("one", &["--threads", "1"]);
    train("two", &["--threads", "2"]);
    train("both-on-one", &["--threads", "1", "--seeds", "2"]);
    train("both-on-two", &["--threads", "2", "--seeds", "2"]);
    train("other", &["--seed", "43"]);

    let alone = [place.contents("one/b/seed-42"), place.contents("other/b/seed-43")];
    assert_eq!(alone[0].names(), ["best.ckpt", "final.ckpt", "final.safetensors", "last.ckpt"]);
    place.contents("two/b/seed-42").assert_same(&alone[0], "two threads");
    for out in ["both-on-one", "both-on-two"] {
        for (seed, alone) in [42, 43].into_iter().zip(&alone) {
            place.contents(format!("{out}/b/seed-{seed}")).assert_same(alone, out);
        }
    }
    for name in alone[0].names() {
        assert!(alone[0].0[name] != alone[1].0[name], "{name} is the same for both seeds");
    }
}

#[test]
fn what_is_saved_how_often_changes_no_weights() {
    let place = Place::new();
    place.train(["--epochs", "4", "--checkpoint-every", "1"]).success();
    place.train(["--epochs", "4", "--checkpoint-every", "1000", "--out", "rarely"]).success();
    place.contents("rarely/b/seed-42").assert_same(&place.contents(RUN), "--checkpoint-every");
}
