//! What caching is worth, as a picture: the time of an epoch against the size of its batches.

use anyhow::Result;
use ch11_harness::report::{Axis, Plot, Series, Style};

use super::comparison::{Comparison, Comparisons};

impl Comparisons {
    /// Draws the times of epochs, what their multiply-adds alone would take, and what the steps alone take, as an SVG document.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn to_svg(&self, frozen_layers: usize) -> Result<String> {
        let rows: Vec<(f64, &Comparison)> = (0_u8..).map(f64::from).zip(self.epochs(frozen_layers)).collect();
        let line = |name: &str, nanoseconds: &dyn Fn(&Comparison) -> f64, style, colour| {
            let points = rows.iter().map(|&(place, row)| (place, nanoseconds(row) / 1e6));
            Series::new(name, points.collect(), style).coloured(colour)
        };
        let multiply_adds = |number: usize| number as f64 * self.multiply_add;
        let mut series = vec![
            line("frozen layers", &|row| row.frozen.median(), Style::Line, 0),
            line("their multiply-adds alone", &|row| multiply_adds(row.work.frozen), Style::Faint, 4),
            line("cached", &|row| row.cached.median(), Style::Line, 1),
            line("its multiply-adds alone", &|row| multiply_adds(row.work.cached), Style::Faint, 5),
        ];
        if let Some(step) = self.step(frozen_layers) {
            series.push(line("its steps' fixed cost alone", &|row| step * row.steps as f64, Style::Faint, 2));
        }
        series.extend(rows.iter().flat_map(|&(place, row)| times_faster(place, row)));
        let sizes = rows.iter().map(|(_, row)| row.timed.parameter().to_string()).collect();
        let (x, y) = (Axis::of_names("images in a batch", sizes), Axis::logarithmic("ms for an epoch of 500 images"));
        Plot { x, y, series }.to_svg()
    }
}

/// Draws a line from one time up to the other, and writes their ratio beside its middle.
fn times_faster(place: f64, row: &Comparison) -> [Series; 2] {
    let [frozen, cached] = [&row.frozen, &row.cached].map(|samples| samples.median() / 1e6);
    let series = |points| Series::new("times faster", points, Style::Faint).coloured(6);
    let label = format!("{:.1}", row.times_faster().value);
    [series(vec![(place, cached), (place, frozen)]), series(vec![(place, (cached * frozen).sqrt())]).labelled(&label)]
}

#[cfg(test)]
mod tests {
    use super::super::comparison::tests::made_up;

    #[test]
    fn the_picture_shows_times_their_ratios_and_what_they_are_made_of() {
        let svg = made_up().to_svg(5).unwrap();
        for text in [">frozen layers<", ">cached<", "fixed cost alone<", "times faster<", "images in a batch"] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
        assert!(svg.split("<text").any(|text| text.contains("\n6.0\n") || text.contains(">6.0<")), "{svg}");
    }
}
