//! 9g. What is a label worth? Accuracy against the number of labelled images, with transfer and without; the book does not ask for it.

use ch11_core::text::align;
use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Cell, Plot, Row, Series, Style, percent};
use serde_json::{Map, Value};

use crate::few_images::FewImages;
use crate::pretrained::Pretrained;
use crate::recipes::OUTPUT_LAYER;
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
    part_e::SOFTMAX_REGRESSION_FIT,
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

/// The rows from one number of images.
struct Step {
    count: usize,
    fine_tuned: Row,
    scratch: Row,
    others: [Row; 3],
}

/// Trains and tests all rows from each number of images that the data have.
pub fn run(session: &mut Session, networks: &[Pretrained]) -> anyhow::Result<()> {
    let counts = counts(session.args.quick).iter().filter(|&&count| FewImages::of_each(count).is_in(&session.digits));
    let steps = counts.map(|&count| step(session, networks, count)).collect::<anyhow::Result<Vec<_>>>()?;
    let by_count = steps.iter().map(|step| (step.count.to_string(), step.to_json())).collect::<Map<_, _>>();
    let findings = session.begin("9g", "What a label is worth");
    let table = table(&steps);
    let Some((headings, lines)) = table.split_first() else {
        session.conclude(findings.say(format!("The data have fewer than {} images of a digit.", IMAGES[0])));
        return Ok(());
    };
    let cells = |line: &Vec<String>| line.iter().map(Cell::text).collect();
    let findings = findings
        .remark(align(table.iter().cloned(), 0))
        .say(gains(&steps))
        .plots("Lines are means over the seeds, bands one standard deviation.", vec![plot(&steps)])
        .sortable(headings.clone(), lines.iter().map(cells).collect(), "Test accuracy, from each number of images.")
        .value("images_per_digit", by_count);
    session.conclude(steps.iter().fold(findings, |findings, Step { count, fine_tuned, scratch, .. }| {
        findings.compare(&format!("Transfer, from {count} images per digit,"), scratch, fine_tuned)
    }));
    Ok(())
}

fn step(session: &Session, networks: &[Pretrained], count: usize) -> anyhow::Result<Step> {
    let (images, fit) = (FewImages::of_each(count), |fit| name(count, fit));
    let four = part_d::train(session, &fit(part_d::FIT), OUTPUT_LAYER, networks, images)?;
    let two = part_e::unfreeze_two(session, &fit(part_e::UNFROZEN_TWO_FIT), &four, images)?;
    let all = part_e::unfreeze_all(session, &fit(part_e::UNFROZEN_ALL_FIT), &two, images)?;
    let scratch = part_e::from_scratch(session, &fit(part_e::SCRATCH_FIT), images)?;
    let [softmax, nearest] = raw_pixels::rows(session, &fit(part_e::SOFTMAX_REGRESSION_FIT), images)?;
    Ok(Step {
        count,
        fine_tuned: Row::of("all unfrozen", &all).key(part_e::UNFROZEN_ALL_FIT),
        scratch: Row::of("from scratch", &scratch).key(part_e::SCRATCH_FIT),
        others: [Row::of("four frozen", &four).key(part_d::FIT), softmax, nearest],
    })
}

impl Step {
    fn rows(&self) -> impl Iterator<Item = &Row> {
        [&self.fine_tuned, &self.scratch].into_iter().chain(&self.others)
    }

    fn to_json(&self) -> Value {
        self.rows().filter_map(|row| Some((row.key?.to_owned(), row.to_json()))).collect()
    }
}

/// Says what transfer adds to the network from scratch.
fn gains(steps: &[Step]) -> String {
    let gain = |Step { count, fine_tuned, scratch, .. }: &Step| {
        let gain = fine_tuned.test_accuracy().mean() - scratch.test_accuracy().mean();
        format!("{:+.2} points from {count} images per digit", 100.0 * gain)
    };
    let gains = steps.iter().map(gain).collect::<Vec<_>>().join(", ");
    format!("Beside the same network from scratch, transfer is worth {gains}.")
}

/// Writes headings, and a line per number of images.
fn table(steps: &[Step]) -> Vec<Vec<String>> {
    let line = |first: String, cell: fn(&Row) -> String, step: &Step| -> Vec<String> {
        std::iter::once(first).chain(step.rows().map(cell)).collect()
    };
    let headings = steps.first().map(|step| line("images per digit".to_owned(), |row| row.name.clone(), step));
    let lines = steps.iter().map(|step| line(step.count.to_string(), |row| percent(&row.test_accuracy()), step));
    headings.into_iter().chain(lines).collect()
}

/// Draws a line per row, in a band of one standard deviation.
fn plot(steps: &[Step]) -> Plot {
    let rows = steps.first().map_or(0, |step| step.rows().count());
    let series = (0..rows).flat_map(|number| {
        let row = |step: &Step| step.rows().nth(number).cloned();
        let name = steps.first().and_then(row).map_or(String::new(), |row| row.name);
        let at = |deviations: f64| -> Vec<(f64, f64)> {
            let point = |step: &Step| {
                let accuracy = row(step)?.test_accuracy();
                Some((step.count as f64, 100.0 * (accuracy.mean() + deviations * accuracy.standard_deviation())))
            };
            steps.iter().filter_map(point).collect()
        };
        [Series::band(&name, &at(-1.0), &at(1.0)), Series::new(&name, at(0.0), Style::Line)]
            .map(|it| it.coloured(number))
    });
    Plot { x: Axis::logarithmic("images per digit"), y: Axis::linear("test accuracy %"), series: series.collect() }
}
