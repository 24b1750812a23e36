//! A quick run on drawn digits: what it shows, and what it leaves.

use crate::common::{FILES, FOLDER, Place, RUN, line_of, stderr, stdout};

#[test]
fn a_quick_run_shows_its_results_and_saves_itself() {
    let place = Place::new();
    let assert = place.run(["--quick", "--data", "synthetic", "--threads", "2"]).success();
    let (results, progress) = (stdout(&assert), stderr(&assert));

    let line = |start: &str| line_of(&results, start);
    assert!(results.starts_with("Exercise 8"), "{results}");
    line("dataset: synthetic digits (not MNIST)");
    // A tenth of MNIST's number, of which five digits in ten.
    assert_eq!(line("digits 0 to 4:"), "digits 0 to 4: 2,803 train, 256 validation, 514 test");
    let header = line("seed:");
    for part in ["seed: 42", "threads: 2", "build: ", "quick"] {
        assert!(header.contains(part), "no {part} in: {header}");
    }

    // 785 x 100 + 4 x 101 x 100 + 101 x 5 weights and biases.
    assert!(line("8a").contains("784-100-100-100-100-100-5"), "{results}");
    assert!(line("total").contains("119,405"), "{results}");

    let rows: Vec<&str> = results.lines().filter(|line| line.starts_with("8b  ")).collect();
    assert_eq!(rows.len(), 2, "{results}");
    assert!(rows[0].contains("Adam, early stopping"), "{results}");
    // `11_deep_learning.ipynb` of ageron/handson-ml.
    assert!(rows[1].contains("reference notebook") && rows[1].contains("97.26 %"), "{results}");
    assert_confusion_of_every_test_digit(&results);

    let epochs: Vec<&str> = progress.lines().filter(|line| line.starts_with("8b: ")).collect();
    assert_eq!(epochs.len(), 5, "{progress}");
    for (index, epoch) in epochs.iter().enumerate() {
        let start = format!("8b: epoch {:>3}  training loss ", index + 1);
        assert!(epoch.starts_with(&start), "{progress}");
    }
    assert!(!progress.contains('\x1b') && !results.contains('\x1b'), "not a terminal, yet coloured");
    assert_eq!(place.all_contents(RUN).names(), FILES);

    for (rows, part) in [(3, "8c  "), (7, "8d  "), (7, "8e  "), (4, "8f  ")] {
        let found = results.lines().filter(|line| line.starts_with(part)).count();
        assert_eq!(found, rows, "{part}: {results}");
    }
    for answer in [
        "8c. Best of 3 candidates, by 6 fits, ",
        "8d. Faster to a validation loss of 0.05?",
        "8d. Batch normalisation, each network at its best rate, ",
        "8d. Does it allow higher learning rates?",
        "8e. Was it overfitting?",
        "8e. Dropout of ",
        "8e. Which rate?",
        "8f. Are digits still learnt by heart?",
        "8f. What is still wrong?",
        "8f. Shifting digits ",
    ] {
        line(answer);
    }
    assert!(results.ends_with("\nThe report is in runs/ex08/report.html.\n"), "{results}");
    assert_report(&place);
}

/// Looks into the report for all that it must show.
fn assert_report(place: &Place) {
    let report = place.report(FOLDER);
    let sections = report.sections();
    assert_eq!(sections.len(), 7, "{sections:?}");
    for (section, part) in sections.iter().zip(["8a. ", "8b. ", "8c. ", "8d. ", "8e. ", "8f. ", "8. Verdicts"]) {
        assert!(section.starts_with(part), "{sections:?}");
    }
    let facts = report.facts();
    let sizes = "digits 0 to 4: 2,803 train, 256 validation, 514 test";
    assert_eq!((facts["dataset"], facts["digits"]), ("synthetic digits (not MNIST)", sizes));
    assert_eq!((facts["seed"], facts["threads"].parse::<usize>().is_ok()), ("42", true));
    assert!(facts["build"].starts_with(env!("CARGO_PKG_VERSION")), "{facts:?}");
    assert!(facts["took"].contains(" s, quick: "), "{facts:?}");
    assert!(facts["command"].starts_with("ex08-base --quick --data synthetic"), "{facts:?}");
    for text in ["97.26 %", "best candidate"] {
        assert!(report.html.contains(text), "no {text}");
    }
    assert!(!report.html.contains(&*place.path("").to_string_lossy()), "the report tells where it was made");
    // Of the networks of parts b to f; three plots of each, and one or more of the search.
    assert_eq!(report.html.matches("class=\"confusion\"").count(), 5);
    assert_eq!(report.html.matches("class=\"weights\"").count(), 5);
    assert_eq!(report.html.matches("class=\"sortable\"").count(), 1);
    assert!(report.html.matches("<svg ").count() > 5 * 3, "a plot is missing");
    let mistakes = report.html.matches("<li class=\"wrong\">").count();
    assert!((5..=140).contains(&mistakes), "{mistakes} mistakes");

    let fits: Vec<(&str, usize)> = report.fits().into_iter().map(|((fit, _), epochs)| (fit, epochs)).collect();
    let dropout = ["0.05", "0.1", "0.2", "0.5", "0.2-pixels-0"].map(|rates| format!("e/dropout-{rates}"));
    let rates = ["0.002", "0.004", "0.008", "0.016"];
    let sweep = |name: &str| rates.map(|rate| format!("d/{name}-rate-{rate}"));
    let last_weights = ["d/plain-last-weights", "d/batch-norm-last-weights"];
    let augmented = ["plain", "shift", "affine", "elastic"].map(|way| format!("f/{way}"));
    let whole: Vec<String> = ["b", "c/refit", "c/refit-falling-rate", "d"]
        .into_iter()
        .chain(last_weights)
        .map(str::to_owned)
        .chain(dropout.clone())
        .chain(augmented)
        .chain(["plain", "batch-normalisation"].into_iter().flat_map(sweep))
        .collect();
    let on_folds = dropout.iter().flat_map(|fit| [1, 2].map(|fold| format!("{fit}-fold-{fold}")));
    let epochs = |fits: Vec<String>, epochs| fits.into_iter().map(move |fit| (fit, epochs)).collect::<Vec<_>>();
    let mut expected = [epochs(whole, 5), epochs(on_folds.collect(), 2)].concat();
    expected.sort();
    assert_eq!(fits, expected.iter().map(|(fit, epochs)| (fit.as_str(), *epochs)).collect::<Vec<_>>());
}

/// Finds the confusion matrix in the results, and checks that it counts all 514 digits, most of them rightly.
fn assert_confusion_of_every_test_digit(results: &str) {
    let (_, matrix) = results.split_once("actual \\ predicted").expect("no confusion matrix");
    let counts: Vec<Vec<usize>> = matrix
        .lines()
        .skip(1)
        .take(5)
        .map(|row| row.split_whitespace().skip(1).take(5).map(|count| count.parse().unwrap()).collect())
        .collect();
    let sum: usize = counts.iter().flatten().sum();
    let right: usize = (0..5).map(|digit| counts[digit][digit]).sum();
    assert_eq!(sum, 514, "{matrix}");
    assert!(10 * right > 9 * sum, "{matrix}");
}

#[test]
fn part_a_runs_alone_and_part_b_shows_its_network() {
    let place = Place::new();
    let only_a = stdout(&place.run(["a", "--quick", "--data", "synthetic"]).success());
    assert!(only_a.contains("8a.") && !only_a.contains("8b"), "{only_a}");
    assert!(!place.path("runs").exists(), "part a trains nothing");

    // Part b trains the network of part a, which is therefore shown with it.
    let b = ["b", "--quick", "--data", "synthetic", "--epochs", "1"];
    let only_b = stdout(&place.run(b).success());
    assert!(only_b.find("8a.") < only_b.find("8b."), "{only_b}");
    let report = place.report(FOLDER);
    assert_eq!(
        report.sections(),
        ["8a. The network: 784-100-100-100-100-100-5, ELU, He initialisation", "8b. Adam and early stopping"]
    );

    // Another run moves the report aside with the network, and one that goes on does not.
    place.run(b).success();
    place.run(b.iter().chain(&["--resume"])).success();
    let files = place.all_contents(FOLDER);
    let reports: Vec<&str> = files.names().into_iter().filter(|name| name.starts_with("report")).collect();
    assert_eq!(reports, ["report.html", "report.lock", "report.previous-1.html"]);
    assert_eq!(files.0["report.previous-1.html"], report.html.as_bytes());
    assert_eq!(place.report(FOLDER).fits().into_values().collect::<Vec<_>>(), [1], "the resumed fit is shown whole");
}
