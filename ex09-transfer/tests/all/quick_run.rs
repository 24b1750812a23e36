//! A quick run on drawn digits: what it shows, and what it leaves.

use crate::common::{FOLDER, Place, line_of, stderr, stdout};

/// A row's part and name, beside the accuracy of `11_deep_learning.ipynb` of ageron/handson-ml if it has one.
const ROWS: [(&str, &str); 20] = [
    ("9b  five frozen", "64.00 %"),
    ("9c  five frozen, cached", "61.20 %"),
    ("9d  four frozen", "69.10 %"),
    ("9e  top two unfrozen", "78.10 %"),
    ("9e  all unfrozen", "91.30 %"),
    ("9e  from scratch", "84.80 %"),
    ("9e  softmax regression on pixels", ""),
    ("9e  nearest neighbour on pixels", ""),
    ("9f  five frozen", ""),
    ("9f  four frozen", ""),
    ("9f  top two unfrozen", ""),
    ("9f  all unfrozen", ""),
    ("9h  five frozen, of 8b", ""),
    ("9h  five frozen, of 8f", ""),
    ("9h  five frozen", ""),
    ("9h  five frozen, cached copies", ""),
    ("9h  all unfrozen, of 8b", ""),
    ("9h  all unfrozen, of 8f", ""),
    ("9h  all unfrozen", ""),
    ("9h  from scratch", ""),
];

/// What is trained: from 100 images of each digit, part g takes what the others have trained.
const STAGES: [&str; 26] = [
    "augmented cached_copies",
    "augmented frozen5",
    "augmented frozen5_8b",
    "augmented frozen5_8f",
    "augmented scratch",
    "augmented to-transfer",
    "augmented unfrozen_all",
    "augmented unfrozen_all_8b",
    "augmented unfrozen_all_8f",
    "cached5",
    "frozen4",
    "frozen5",
    "images-10 frozen4",
    "images-10 scratch",
    "images-10 softmax_regression",
    "images-10 unfrozen2",
    "images-10 unfrozen_all",
    "scratch",
    "softmax_regression",
    "to-transfer",
    "to-transfer-frozen4",
    "to-transfer-frozen5",
    "to-transfer-unfrozen2",
    "to-transfer-unfrozen_all",
    "unfrozen2",
    "unfrozen_all",
];

#[test]
fn a_quick_run_shows_its_results_and_saves_itself() {
    let place = Place::new();
    let assert = place.train(["--threads", "2"]).success();
    let (results, progress) = (stdout(&assert), stderr(&assert));
    assert!(!progress.contains('\x1b') && !results.contains('\x1b'), "not a terminal, yet coloured");

    let line = |start: &str| line_of(&results, start);
    assert!(results.starts_with("Exercise 9: "), "{results}");
    line("dataset: synthetic digits (not MNIST)");
    // A tenth of MNIST's number, of which five digits in ten.
    assert_eq!(line("digits 5 to 9:"), "digits 5 to 9: 2,697 train, 244 validation, 486 test");
    for part in ["seed: 42", "threads: 2", "build: ", "quick"] {
        assert!(line("seed:").contains(part), "no {part} in: {}", line("seed:"));
    }

    // 101 x 5 weights and biases of the output layer, of 785 x 100 + 4 x 101 x 100 + 101 x 5.
    assert!(line("total").ends_with(" 119,405         505"), "{results}");
    for hidden in 1..=5 {
        assert!(line(&format!("hidden{hidden}")).ends_with(" 0"), "{results}");
    }
    assert!(line("output").ends_with(" 505         505"), "{results}");
    assert_rows(&results);
    assert_verdicts(&results);

    let (trained_first, fits): (Vec<&str>, Vec<&str>) =
        progress.lines().partition(|line| line.contains("trained first"));
    for (line, folder) in trained_first.iter().zip(["runs/ex08/b", "runs/ex08/f/elastic"]) {
        assert!(line.contains(folder), "{progress}");
    }
    let stages: Vec<&str> = fits.into_iter().filter_map(|line| line.split_once(':')).map(|it| it.0).collect();
    assert_eq!(stages.len(), 2 + STAGES.len(), "one line per fit, exercise 8's too: {progress}");
    for stage in STAGES {
        assert!(stages.contains(&format!("9 {stage}").as_str()), "no {stage} in: {progress}");
    }

    assert_eq!(place.contents("runs/ex08").fits(), ["b/seed-42", "f/elastic/seed-42"]);
    let mut folders = STAGES.map(|stage| format!("{}/seed-42", stage.replace(' ', "/")));
    folders.sort_unstable();
    assert_eq!(place.contents(FOLDER).fits(), folders);
    assert!(results.ends_with("\nThe report is in runs/ex09/report.html.\n"), "{results}");
    assert_report(&place);
    assert!(stdout(&place.tool(["draw"]).success()).contains("runs/ex09/draw.html"));
}

/// Looks into the report for all that it must show.
fn assert_report(place: &Place) {
    let report = place.report(FOLDER);
    assert_eq!(
        report.sections(),
        [
            "9a. Exercise 8's hidden layers, frozen, under a new output layer",
            "9. All rows",
            "9. Learning curves",
            "9f. Learning curves",
            "9h. Learning curves",
            "9c. When the cache has paid for itself",
            "9e. All unfrozen, on the test digits",
            "9f. All unfrozen, on the test digits",
            "9h. All unfrozen, on the test digits",
            "9g. What a label is worth",
            "9. Verdicts",
        ]
    );
    for text in ["synthetic digits (not MNIST)", "64.00 %", "bit for bit", "seconds of training"] {
        assert!(report.html.contains(text), "no {text}");
    }
    assert!(!report.html.contains(&*place.path("").to_string_lossy()), "the report tells where it was made");
    // Time against accuracy, the cache's, three plots of curves three times, the labels', and the verdicts with their axis.
    assert_eq!(report.html.matches("<svg ").count(), 1 + 1 + 3 * 3 + 1 + 20 + 1);
    // A dot per row is named after its part.
    let plot = report.html.split("test accuracy % against seconds").nth(1).unwrap().split("</svg>").next().unwrap();
    for (part, rows) in [("9b", 1), ("9c", 1), ("9d", 1), ("9e", 4), ("9f", 4), ("9h", 8)] {
        assert_eq!(plot.matches(&format!("\n{part}\n")).count(), rows, "{part}");
    }
    // Class 0 is the digit 5.
    assert!(report.html.contains("<th scope=\"row\">5</th>") && !report.html.contains("<th scope=\"row\">0</th>"));
    let fits: Vec<String> = report.fits().into_keys().map(|(fit, _)| fit.replace('/', " ")).collect();
    let mut stages: Vec<&str> = STAGES.into_iter().chain(["pretrained", "pretrained_augmented"]).collect();
    stages.sort_unstable();
    assert_eq!(fits, stages);
}

/// Finds the closing table: every row of ours, each that the notebook has followed by the notebook's.
fn assert_rows(results: &str) {
    let mut rows = results
        .lines()
        .filter(|line| ["9b  ", "9c  ", "9d  ", "9e  ", "9f  ", "9h  "].iter().any(|part| line.starts_with(part)));
    for (start, reference) in ROWS {
        let row = rows.next().unwrap_or_default();
        assert!(row.starts_with(&format!("{start}  ")) && row.contains(" %  "), "no {start} in {row}:\n{results}");
        if !reference.is_empty() {
            let row = rows.next().unwrap_or_default();
            let start = format!("{}  reference notebook, MNIST", &start[..2]);
            assert!(row.starts_with(&start) && row.contains(reference), "no {start} {reference}:\n{results}");
        }
    }
    assert_eq!(rows.next(), None, "{results}");
}

/// Checks that every verdict says of its two rows' accuracies what they say themselves, and follows from them.
fn assert_verdicts(results: &str) {
    assert!(results.contains("9c. The same weights, bit for bit."), "{results}");
    let accuracy = |row: &str| -> f64 {
        let line = results.lines().find(|line| line.starts_with(&format!("{row}  "))).unwrap();
        line[row.len()..].split_once('%').unwrap().0.trim().parse().unwrap()
    };
    let nine_b = format!(
        "9b. From 100 images per digit, and 30 more to decide when to stop, {:.2} % of the test digits",
        accuracy("9b  five frozen")
    );
    assert!(results.contains(&nine_b), "{results}");
    let verdicts = [
        ("9d. Reusing four hidden layers", "9b  five frozen", "9d  four frozen"),
        ("9e. Unfreezing the top two", "9d  four frozen", "9e  top two unfrozen"),
        ("9e. Unfreezing all", "9e  top two unfrozen", "9e  all unfrozen"),
        ("9e. Transfer, from 100 images per digit", "9e  from scratch", "9e  all unfrozen"),
        ("9e. Transfer by five frozen layers alone", "9e  from scratch", "9b  five frozen"),
        ("9e. Transfer by four frozen layers alone", "9e  from scratch", "9d  four frozen"),
        ("9e. Reusing four frozen layers, compared with a regr", "9e  softmax regression on pixels", "9d  four frozen"),
        ("9e. Training the network from scratch, compared", "9e  nearest neighbour on pixels", "9e  from scratch"),
        ("9f. Pretraining for transfer, under five", "9b  five frozen", "9f  five frozen"),
        ("9f. Pretraining for transfer, under four", "9d  four frozen", "9f  four frozen"),
        ("9f. Pretraining for transfer, with the top two unfrozen", "9e  top two unfrozen", "9f  top two unfrozen"),
        ("9f. Pretraining for transfer, with all unfrozen", "9e  all unfrozen", "9f  all unfrozen"),
        ("9h. Distorting images, with settings to match, from scratch", "9e  from scratch", "9h  from scratch"),
        ("9h. Drawing cached copies", "9h  five frozen  ", "9h  five frozen, cached copies"),
        ("9h. Transfer, where images are distorted", "9h  from scratch", "9h  all unfrozen  "),
    ];
    let (_, sentences) = results.split_once("\n9. Verdicts\n").unwrap();
    for (start, before, after) in verdicts {
        let sentence = sentences.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{results}"));
        let (before, after) = (accuracy(before), accuracy(after));
        assert!(sentence.contains(&format!(" on this seed: {after:.2} % against {before:.2} %, ")), "{sentence}");
        let points: f64 = number_after(sentence, &format!("{before:.2} %, "));
        assert!((points - (after - before)).abs() < 0.015, "{sentence}");
        // What only one of the two gets right makes the difference in accuracy.
        let [with, without] =
            [" of 486 test instances, ", "right only with it and "].map(|words| number_after(sentence, words));
        assert!((points - 100.0 * (with - without) / 486.0).abs() < 0.006, "{sentence}");
        let verb = match (sentence.contains("p < 0.001") || number_after(sentence, ", p = ") < 0.05, points > 0.0) {
            (false, _) => " makes no clear difference ",
            (true, true) => " is better ",
            (true, false) => " is worse ",
        };
        assert!(sentence.contains(verb), "{sentence}");
    }
    assert!(sentences.contains("corrected by Holm's method for the 20 verdicts of this run"), "{sentences}");
}

/// Reads the number that follows some words.
fn number_after(sentence: &str, words: &str) -> f64 {
    let rest = sentence.split_once(words).unwrap_or_else(|| panic!("no {words} in {sentence}")).1;
    let end = rest.find(|character: char| !"+-.".contains(character) && !character.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().unwrap()
}
