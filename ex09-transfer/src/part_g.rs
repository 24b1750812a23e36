//! 9g. What is a label worth? Accuracy against the number of labelled images, with transfer and without; the book does not ask for it.

use ch11_harness::cli::Session;
use ch11_harness::report::{Findings, LabelCurve, Row};

use crate::few_images::FewImages;
use crate::pretrained::Pretrained;
use crate::recipes::OUTPUT_LAYER;
use crate::results::row_of;
use crate::{part_d, part_e, raw_pixels};

/// The numbers of images of each digit, and with `--quick`.
const IMAGES: [usize; 5] = [10, 30, 100, 300, 1000];
const QUICK_IMAGES: [usize; 2] = [10, 100];

/// What is trained on so many images, by the names of its fits.
const FITS: [&str; 5] = [
    part_d::FIT,
    part_e::UNFROZEN_TWO_FIT,
    part_e::UNFROZEN_ALL_FIT,
    part_e::SCRATCH_FIT,
    raw_pixels::SOFTMAX_REGRESSION,
];

/// Names all fits.
pub fn fits(quick: bool) -> Vec<String> {
    counts(quick).iter().flat_map(|&count| FITS.map(|fit| name(count, fit))).collect()
}

fn name(count: usize, fit: &str) -> String {
    format!("images-{count}/{fit}")
}

fn counts(quick: bool) -> &'static [usize] {
    if quick { &QUICK_IMAGES } else { &IMAGES }
}

/// Returns what the parts before found from the exercise's number of images, if they trained all of it: all unfrozen, from scratch, and
/// others.
pub fn rows_from_a_hundred(earlier: &[Findings]) -> Option<[Row; 5]> {
    let of_part_e = |key| row_of(earlier, "9e", key).cloned();
    Some([
        of_part_e(part_e::UNFROZEN_ALL_FIT)?,
        of_part_e(part_e::SCRATCH_FIT)?,
        row_of(earlier, "9d", part_d::FIT).cloned()?,
        of_part_e(raw_pixels::SOFTMAX_REGRESSION)?,
        of_part_e(raw_pixels::NEAREST_NEIGHBOUR)?,
    ])
}

/// Trains and tests all rows from each number of images that the data have, but for those that there are `from_a_hundred` already.
pub fn run(session: &mut Session, networks: &[Pretrained], from_a_hundred: Option<[Row; 5]>) -> anyhow::Result<()> {
    let counts = counts(session.args.quick).iter().filter(|&&count| FewImages::of_each(count).is_in(&session.digits));
    let known = |count| from_a_hundred.as_ref().filter(|_| count == FewImages::HUNDRED.count());
    let mut curve = LabelCurve::new(part_e::IMAGES_PER_DIGIT);
    for &count in counts {
        let rows = if let Some(rows) = known(count) { rows.clone() } else { rows(session, networks, count)? };
        curve = curve.step(count, rows);
    }
    let findings = session.begin("9g", "What a label is worth");
    if curve.steps().next().is_none() {
        session.conclude(findings.say(format!("The data have fewer than {} images of a digit.", IMAGES[0])));
        return Ok(());
    }
    let findings = findings.label_curve(&curve).say(
        "For every ten images of a digit to train on, there are three more, which say when to stop; each seed draws its own.",
    );
    let asked_here = curve.steps().filter(|(count, _)| known(*count).is_none());
    session.conclude(asked_here.fold(findings, |findings, (count, rows)| {
        let [fine_tuned, scratch] = [&rows[0], &rows[1]];
        findings.compare_from(part_e::TRANSFER, (count, part_e::IMAGES_PER_DIGIT), scratch, fine_tuned)
    }));
    Ok(())
}

/// Trains all rows from a number of images of each digit: what is transferred, the network from scratch, and others.
fn rows(session: &Session, networks: &[Pretrained], count: usize) -> anyhow::Result<[Row; 5]> {
    let (images, fit) = (FewImages::of_each(count), |fit| name(count, fit));
    let four = part_d::train(session, &fit(part_d::FIT), OUTPUT_LAYER, networks, images)?;
    let two = part_e::unfreeze_two(session, &fit(part_e::UNFROZEN_TWO_FIT), &four, images)?;
    let all = part_e::unfreeze_all(session, &fit(part_e::UNFROZEN_ALL_FIT), &two, images)?;
    let scratch = part_e::from_scratch(session, &fit(part_e::SCRATCH_FIT), images)?;
    let [softmax, nearest] = raw_pixels::rows(session, &fit(raw_pixels::SOFTMAX_REGRESSION), images)?;
    Ok([
        Row::of("all unfrozen", &all).key(part_e::UNFROZEN_ALL_FIT),
        Row::of("from scratch", &scratch).key(part_e::SCRATCH_FIT),
        Row::of("four frozen", &four).key(part_d::FIT),
        softmax,
        nearest,
    ])
}
