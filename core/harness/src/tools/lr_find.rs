//! The learning-rate range test of an exercise's network.

use anyhow::{Context, bail};
use ch11_core::data::PIXELS;
use ch11_core::disk::{make_folder, persist};
use ch11_core::nets::{Classifier, build};
use ch11_core::shown;
use ch11_core::text::align;
use ch11_core::train::{Classification, RangeTest, Recipe, range_test};
use dfdx::prelude::{BuildModule, Cpu};

use super::trained::NetworkArgs;
use crate::cli::{Console, DataArgs, Exercise, Interrupt};
use crate::report::{Axis, Plot, Series, Style};

pub(super) const HELP: &str = "\
The untrained network goes through the training images once, in batches of 50. Adam's learning rate grows by the same factor \
with every step, from 0.000001 to 10, and the test ends early when the loss is 4 times its lowest value (Smith, 2017). The \
suggested rate is a tenth of the one at which the smoothed loss is lowest (Howard and Gugger, 2020). A picture, lr-find.svg, \
goes to the run folder.

Example:
  BINARY lr-find";

/// The lowest and the highest rate.
const RATES: [f32; 2] = [1e-6, 10.0];
/// Lines of the table.
const LINES: usize = 12;

/// The flags of `lr-find`.
#[derive(Debug, Clone, clap::Args)]
pub struct LrFindArgs {
    /// The run folder is where the picture goes, and the seed that of the network
    #[command(flatten)]
    network: NetworkArgs,

    /// Where digits come from
    #[command(flatten)]
    data: DataArgs,
}

/// Tests the rates, and says which to take.
pub(super) fn run<M, const CLASSES: usize>(exercise: &Exercise, args: &LrFindArgs) -> anyhow::Result<()>
where
    M: Classifier<PIXELS, CLASSES> + BuildModule<Cpu, f32>,
{
    let console = Console::new(false);
    let interrupt = Interrupt::listen();
    let digits = console.load_only(&exercise.digits, &args.data.request(false), &interrupt)?;
    let task = Classification::<PIXELS, CLASSES>::new(&digits.train, &digits.validation);
    let settings = Recipe::DEEP_NET.seeded(args.network.seed);
    let network: M = build(args.network.seed);
    let test = range_test(network, &task, &settings, RATES, || interrupt.asked()).map_err(ch11_core::Error::from)?;
    interrupt.check()?;
    let Some((lowest, suggested)) = test.suggested() else {
        bail!("found no finite loss, expected one at the rate {}; look at the network's initial weights", RATES[0])
    };
    console.result(table(&test));
    let folder = exercise.folder(args.network.out.as_deref());
    make_folder(&folder)?;
    let file = folder.join("lr-find.svg");
    persist(&file, plot(&test, suggested).to_svg()?.as_bytes())
        .context("cannot write the picture; make room for it in the run folder, or name another with --out")?;
    console.result(format_args!(
        "The smoothed loss is lowest at a rate of {lowest:.2e}; a tenth of that is suggested: {suggested:.1e}.\n\
         The picture is {}.",
        shown(&file)
    ));
    console.check().context("cannot write the results to stdout; write them elsewhere")
}

/// Writes some of the steps, at equal distances.
fn table(test: &RangeTest) -> String {
    let headings = ["step", "rate", "loss", "smoothed"].map(str::to_owned);
    let count = test.rates.len();
    let line = |step: usize| {
        let (rate, loss, smoothed) = (test.rates[step], test.losses[step], test.smoothed[step]);
        [(step + 1).to_string(), format!("{rate:.1e}"), format!("{loss:.3}"), format!("{smoothed:.3}")]
    };
    let lines = (0..count).step_by(count.div_ceil(LINES).max(1)).map(line);
    align(std::iter::once(headings).chain(lines), 0)
}

fn plot(test: &RangeTest, suggested: f32) -> Plot {
    let points = |losses: &[f64]| test.rates.iter().map(|&rate| f64::from(rate)).zip(losses.iter().copied()).collect();
    let at = test.rates.iter().position(|&rate| rate >= suggested);
    let series = vec![
        Series::new("of each batch", points(&test.losses), Style::Faint).coloured(4),
        Series::new("smoothed; a dot at the suggested rate", points(&test.smoothed), Style::Line).marked(at),
    ];
    Plot { x: Axis::logarithmic("learning rate"), y: Axis::logarithmic("training loss"), series }
}
