//! The same seed gives the same bytes, whatever the number of threads and the parts.

use crate::common::{Place, keys, timeless, without_verdicts};

#[test]
fn threads_and_parts_change_no_byte() {
    let place = Place::new();
    let all = without_verdicts(&timeless(&place.document(["--epochs", "2", "--threads", "1", "--out", "all"])));
    let files = place.contents("all");

    // With two threads, both heads do train at once.
    place.train(["--epochs", "2", "--threads", "2", "--out", "two"]).success();
    place.contents("two").assert_same(&files, "two threads");

    let parts: [(&[&str], &[&str], &[&str]); 5] = [
        (&["a"], &["a"], &[]),
        (&["b"], &["a", "b"], &[]),
        (&["c"], &["a", "c"], &["pairs_distance", "pairs_hidden", "pairs_single_output"]),
        (&["d"], &["a", "c", "d"], &["ceiling", "fine_tuned", "frozen_a", "pairs_hidden", "scratch"]),
        (
            &["e"],
            &["a", "c", "e"],
            &["labels-1/frozen_a", "labels-1/scratch", "labels-10/frozen_a", "labels-10/scratch", "pairs_hidden"],
        ),
    ];
    for (asked, shown, stages) in parts {
        let out = asked.concat();
        let alone = without_verdicts(&timeless(&place.document([asked, &["--epochs", "2", "--out", &out]].concat())));
        assert_eq!(keys(&alone), shown, "{asked:?}");
        for part in ["d", "e"] {
            assert_eq!(alone[part], if asked == [part] { all[part].clone() } else { serde_json::Value::Null });
        }
        if shown.contains(&"c") {
            assert_eq!(alone["c"]["pairs_hidden"], all["c"]["pairs_hidden"], "{asked:?}");
        }
        let fits: Vec<String> = stages.iter().map(|stage| format!("{stage}/seed-42")).collect();
        let there = place.path(&out).exists().then(|| place.contents(&out));
        assert_eq!(there.as_ref().map_or(Vec::new(), |contents| contents.fits()), fits, "{asked:?}");
    }
}

#[test]
fn a_finished_run_is_shown_again_and_another_one_moves_it_aside() {
    let place = Place::new();
    let first = place.document(["c", "d", "--epochs", "2"]);
    let files = place.contents("runs/ex10");
    let again = place.document(["c", "d", "--epochs", "2", "--resume"]);
    assert_eq!(timeless(&again), timeless(&first));
    place.contents("runs/ex10").assert_same(&files, "resumed when finished");

    place.train(["d", "--epochs", "1"]).success();
    for stage in ["pairs_hidden", "frozen_a", "fine_tuned", "scratch"] {
        assert!(place.path(format!("runs/ex10/{stage}/seed-42.previous-1/final.ckpt")).exists(), "{stage}");
    }
    assert!(!place.path("runs/ex10/pairs_single_output/seed-42.previous-1").exists(), "part c's alone was moved");
}
