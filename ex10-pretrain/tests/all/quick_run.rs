//! A quick run on drawn digits: what it shows, and what it leaves.

use crate::common::{FILES, FOLDER, Place, line_of, stderr, stdout};

const STAGES: [&str; 15] = [
    "augmented/ceiling",
    "augmented/frozen_a",
    "augmented/pairs_hidden",
    "augmented/scratch",
    "ceiling",
    "fine_tuned",
    "frozen_a",
    "labels-1/frozen_a",
    "labels-1/scratch",
    "labels-10/frozen_a",
    "labels-10/scratch",
    "pairs_distance",
    "pairs_hidden",
    "pairs_single_output",
    "scratch",
];

#[test]
fn a_quick_run_shows_its_results_and_saves_itself() {
    let place = Place::new();
    let assert = place.train(["--threads", "2"]).success();
    let (results, progress) = (stdout(&assert), stderr(&assert));
    assert!(!progress.contains('\x1b') && !results.contains('\x1b'), "not a terminal, yet coloured");

    let line = |start: &str| line_of(&results, start);
    assert!(results.starts_with("Exercise 10: "), "{results}");
    line("dataset: synthetic digits (not MNIST)");
    // A tenth of MNIST's number.
    assert_eq!(line("digits 0 to 9:"), "digits 0 to 9: 5,500 train, 500 validation, 1,000 test");
    for part in ["seed: 42", "threads: 2", "build: ", "quick"] {
        assert!(line("seed:").contains(part), "no {part} in: {}", line("seed:"));
    }
    // 5,500 images without an eleventh; 500 images without a tenth.
    assert!(line("training  ").contains(" 5,000 pairs of  5,000 images"), "{results}");
    assert!(line("validation").contains(" 1,000 pairs of    500 images"), "{results}");
    assert!(line("10d. Ten digits").contains("450 images to train on, 50 to validate on"), "{results}");

    for (start, reference) in [
        ("10c  one logistic neuron", None),
        ("10c  hidden layer of 10", None),
        ("10c  reference notebook, MNIST", Some("97.65 %")),
        ("10c  one neuron on |a - b|", None),
        ("10d  A's hidden layers frozen", None),
        ("10d  all layers fine-tuned", None),
        ("10d  from scratch  ", None),
        ("10d  from scratch, all labels", None),
        ("10f  hidden layer of 10", None),
        ("10f  A's hidden layers frozen", None),
        ("10f  from scratch  ", None),
        ("10f  from scratch, all labels", None),
    ] {
        assert!(line(start).contains(reference.unwrap_or(" %  ")), "{}", line(start));
    }
    for reference in ["96.50 %", "94.60 %"] {
        assert!(results.contains(&format!("10d  reference notebook, MNIST   {reference}")), "{results}");
    }
    for sentence in [
        "10c. One logistic neuron adds",
        "10c. A hidden layer between the concatenation and the output ",
        "10c. One neuron on the distance between one network's outputs, instead of the hidden layer, ",
        "10d. The pairs were made with the labels of the 5,500 images of split #1, 500 of them for validation pairs. ",
        "10d. Trained on all labels of split #1, ",
        "10d. Pretraining on pairs ",
        "10d. Fine-tuning all layers ",
        "10d. Training on all labels instead of pairs ",
        "10e. The numbers count the labels to train on; ",
        "10e. Pretraining on pairs, from 1 label per digit, ",
        "10e. Pretraining on pairs, from 10 labels per digit, ",
        "10f. Distorting images, with settings to match, for pairs, ",
        "10f. Pretraining on pairs, where images are distorted, ",
    ] {
        line(sentence);
    }
    assert!(line("10d. Fine-tuning").contains(" on this seed: "), "{results}");

    assert!(line("labels per digit  ").contains("A's hidden layers frozen  from scratch"), "{results}");

    for stage in STAGES {
        assert!(progress.contains(&format!("10 {}: ", stage.replace('/', " "))), "no {stage} in: {progress}");
        let fit = place.contents(format!("runs/ex10/{stage}/seed-42"));
        assert_eq!(fit.names(), FILES.iter().filter(|&&file| file != "seconds.json").copied().collect::<Vec<_>>());
    }
    assert_eq!(place.contents("runs/ex10").fits(), STAGES.map(|stage| format!("{stage}/seed-42")));
    assert!(results.ends_with("\nThe report is in runs/ex10/report.html.\n"), "{results}");
    assert_report(&place);
    assert!(stdout(&place.tool(["draw"]).success()).contains("runs/ex10/draw.html"));
}

/// Looks into the report for all that it must show.
fn assert_report(place: &Place) {
    let report = place.report(FOLDER);
    let sections = report.sections();
    assert_eq!(sections.len(), 7, "{sections:?}");
    for (section, part) in sections.iter().zip(["10a. ", "10b. ", "10c. ", "10d. ", "10e. ", "10f. ", "10. Verdicts"]) {
        assert!(section.starts_with(part), "{sections:?}");
    }
    for text in ["synthetic digits (not MNIST)", "97.65 %", "one logistic neuron", "fine-tuned"] {
        assert!(report.html.contains(text), "no {text}");
    }
    assert!(!report.html.contains(&*place.path("").to_string_lossy()), "the report tells where it was made");
    // Eight test pairs and eight mistakes, with what both heads say of them.
    let scores = ["one neuron: ", "hidden layer: "].map(|head| report.html.matches(head).count());
    assert_eq!(scores, [16, 16]);
    // Of part b's sixteen pairs and of the test pairs, half are the same.
    let labels = ["<span>the same</span>", "<span>different</span>"].map(|label| report.html.matches(label).count());
    assert_eq!(labels.iter().sum::<usize>(), 16 + 16, "{labels:?}");
    for name in ["one logistic neuron", "hidden layer of 10", "A's hidden layers frozen", "all layers fine-tuned"] {
        assert!(report.html.contains(&name.replace('\'', "&#39;")) || report.html.contains(name), "no {name}");
    }
    // The curves of the heads, and of the classifiers; accuracy against labels; and the verdicts with their axis.
    assert_eq!(report.html.matches("<svg ").count(), 3 * 3 + 1 + 13 + 1);
}
