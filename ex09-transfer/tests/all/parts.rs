//! Parts by themselves: each does what it needs, and shows no other's results.

use crate::common::{keys, place_with_network, timeless, without_verdicts};

#[test]
fn each_part_does_what_it_needs_and_gives_what_it_gives_among_all() {
    let place = place_with_network();
    let all = without_verdicts(&timeless(&place.document(["--epochs", "2", "--out", "all"])));
    let parts: [(&[&str], &[&str], &[&str]); 7] = [
        (&["a"], &["a"], &[]),
        (&["b"], &["a", "b"], &["frozen5/seed-42"]),
        // What is cached is held against what is not.
        (&["c"], &["a", "b", "c"], &["cached5/seed-42", "frozen5/seed-42"]),
        (&["d"], &["a", "d"], &["frozen4/seed-42"]),
        // What is unfrozen is part d's.
        (
            &["e"],
            &["a", "d", "e"],
            &[
                "frozen4/seed-42",
                "scratch/seed-42",
                "softmax_regression/seed-42",
                "unfrozen2/seed-42",
                "unfrozen_all/seed-42",
            ],
        ),
        (
            &["h"],
            &["a", "h"],
            &[
                "augmented/cached_copies/seed-42",
                "augmented/frozen5/seed-42",
                "augmented/frozen5_8b/seed-42",
                "augmented/frozen5_8f/seed-42",
                "augmented/scratch/seed-42",
                "augmented/to-transfer/seed-42",
                "augmented/unfrozen_all/seed-42",
                "augmented/unfrozen_all_8b/seed-42",
                "augmented/unfrozen_all_8f/seed-42",
            ],
        ),
        (&["d", "b", "b"], &["a", "b", "d"], &["frozen4/seed-42", "frozen5/seed-42"]),
    ];
    for (asked, shown, fits) in parts {
        let out = asked.concat();
        let alone = without_verdicts(&timeless(&place.document([asked, &["--epochs", "2", "--out", &out]].concat())));
        assert_eq!(keys(&alone), shown, "{asked:?}");
        for part in shown {
            assert_eq!(alone[part], all[part], "{part} of {asked:?}");
        }
        if fits.is_empty() {
            assert!(!place.path(&out).exists(), "{asked:?} left a run folder");
        } else {
            assert_eq!(place.contents(&out).fits(), fits, "{asked:?}");
        }
    }
}
