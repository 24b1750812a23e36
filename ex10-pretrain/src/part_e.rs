//! 10e. What is a label worth? Accuracy against the number of labels, on A's hidden layers and from scratch; the exercise does not ask
//! for it.

use ch11_core::nets::build;
use ch11_harness::cli::Session;
use ch11_harness::report::{LabelCurve, Row};

use crate::labels::Labels;
use crate::part_a::HiddenHead;
use crate::part_d::{FROM_SCRATCH, FROZEN_A};
use crate::recipes::{OUTPUT_LAYER, QUICK_EPOCHS, SCRATCH, SCRATCH_DROPOUT, from_few_labels};
use crate::splits::Splits;

/// What is counted.
const LABELS_PER_DIGIT: &str = "labels per digit";

/// The numbers of labels of each digit: the last is about as many as part d has. With `--quick`, there are fewer.
const LABELS: [usize; 5] = [1, 5, 10, 50, 450];
const QUICK_LABELS: [usize; 2] = [1, 10];

/// Names the fits.
pub fn fits(quick: bool) -> Vec<String> {
    labels(quick).iter().flat_map(|&labels| [FROZEN_A, FROM_SCRATCH].map(|fit| name(labels, fit))).collect()
}

fn name(labels: usize, fit: &str) -> String {
    format!("labels-{labels}/{fit}")
}

fn labels(quick: bool) -> &'static [usize] {
    if quick { &QUICK_LABELS } else { &LABELS }
}

/// Trains and tests both networks from each number of labels. Which images those are, each seed draws.
pub fn run(session: &mut Session, pretrained: &[HiddenHead]) -> anyhow::Result<()> {
    let findings = session.begin("10e", "What a label is worth");
    let all = Labels::few(Splits::of(&session.digits))?;
    let numbers = labels(session.args.quick);
    let rows = session.side_by_side(numbers, |&labels| rows(session, &all, pretrained, labels))?;
    let curve = numbers
        .iter()
        .zip(rows)
        .fold(LabelCurve::new(LABELS_PER_DIGIT), |curve, (&labels, rows)| curve.step(labels, rows));
    let findings = curve.steps().fold(findings.label_curve(&curve), |findings, (labels, rows)| {
        findings.compare_from("Pretraining on pairs", (labels, LABELS_PER_DIGIT), &rows[1], &rows[0])
    });
    let [_, validation] = all.sizes();
    session.conclude(findings.say(format!(
        "The numbers count the labels to train on; each seed draws its images from split #2. If a digit has fewer, all of its images are used; the smallest number is {}. Another {validation} labelled images, always the same, decide when to stop.",
        all.fewest_of_a_digit(),
    )));
    Ok(())
}

/// Trains both networks from so many labels of each digit.
fn rows(session: &Session, all: &Labels<'_>, pretrained: &[HiddenHead], labels: usize) -> anyhow::Result<[Row; 2]> {
    let fits =
        |fit, recipe| session.fits(&name(labels, fit), from_few_labels(recipe, labels)).quick(QUICK_EPOCHS).brief();
    let frozen = fits(FROZEN_A, OUTPUT_LAYER)
        .each_seed_from(pretrained, |run, pairs| all.draw(labels, run.seed).fit_on_cache(&run, pairs))?;
    let scratch = fits(FROM_SCRATCH, SCRATCH)
        .each_seed(|run| all.draw(labels, run.seed).fit(&run, build(run.seed), SCRATCH_DROPOUT))?;
    Ok([
        Row::of("A's hidden layers frozen", &frozen).key(FROZEN_A),
        Row::of("from scratch", &scratch).key(FROM_SCRATCH),
    ])
}
