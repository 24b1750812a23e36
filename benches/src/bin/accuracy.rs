//! Draws the test errors of all three exercises as one figure: of the reference notebook, and here, plain, at best without data
//! augmentation, and with it. It reads the JSON documents of the three programs, and writes an SVG document.

use std::fs;

use anyhow::{Context, Result, bail};
use ch11_harness::report::{Axis, Plot, Series, Style};
use serde_json::Value;

/// A column of the figure: what is trained, and where its rows are in the exercise's document.
struct Column {
    name: &'static str,
    /// The number of the exercise.
    exercise: &'static str,
    /// The accuracy that the reference notebook got, a fraction: ageron/handson-ml, `11_deep_learning.ipynb`.
    notebook: Option<f64>,
    plain: &'static str,
    /// The other rows without augmentation.
    others: &'static [&'static str],
    augmented: &'static [&'static str],
}

const COLUMNS: [Column; 8] = [
    Column {
        name: "8",
        exercise: "8",
        notebook: Some(0.9726),
        plain: "/b",
        others: &["/c/refitted", "/d/batch_norm", "/e/dropout"],
        augmented: &["/f/shift", "/f/affine", "/f/elastic"],
    },
    Column {
        name: "9 frozen",
        exercise: "9",
        notebook: Some(0.640),
        plain: "/b/frozen5",
        others: &["/f/frozen5"],
        augmented: &["/h/frozen5", "/h/frozen5_8b", "/h/frozen5_8f"],
    },
    Column {
        name: "9 whole",
        exercise: "9",
        notebook: Some(0.913),
        plain: "/e/unfrozen_all",
        others: &["/f/unfrozen_all"],
        augmented: &["/h/unfrozen_all", "/h/unfrozen_all_8b", "/h/unfrozen_all_8f"],
    },
    Column {
        name: "9 anew",
        exercise: "9",
        notebook: Some(0.848),
        plain: "/e/scratch",
        others: &[],
        augmented: &["/h/scratch"],
    },
    Column {
        name: "10 pairs",
        exercise: "10",
        notebook: Some(0.9765),
        plain: "/c/pairs_hidden",
        others: &["/c/pairs_distance"],
        augmented: &["/f/pairs_hidden"],
    },
    Column {
        name: "10 frozen",
        exercise: "10",
        notebook: Some(0.965),
        plain: "/d/frozen_a",
        others: &["/d/fine_tuned"],
        augmented: &["/f/frozen_a"],
    },
    Column {
        name: "10 anew",
        exercise: "10",
        notebook: Some(0.946),
        plain: "/d/scratch",
        others: &[],
        augmented: &["/f/scratch"],
    },
    Column {
        name: "10 all labels",
        exercise: "10",
        notebook: None,
        plain: "/d/ceiling",
        others: &[],
        augmented: &["/f/ceiling"],
    },
];

fn main() -> Result<()> {
    let documents = std::env::args().skip(1).map(read).collect::<Result<Vec<Value>>>()?;
    let parts = |number: &str| documents.iter().find(|it| it["exercise"] == number).map(|it| &it["parts"]);
    let mut rows = Vec::new();
    for column in &COLUMNS {
        let Some(parts) = parts(column.exercise) else {
            bail!("no document of exercise {} was named", column.exercise)
        };
        rows.push(errors(column, parts)?);
    }
    println!("{}", figure(&rows).to_svg()?);
    Ok(())
}

fn read(path: String) -> Result<Value> {
    let text = fs::read_to_string(&path).with_context(|| path.clone())?;
    serde_json::from_str(&text).with_context(|| format!("{path}: expected the document of an exercise's --json"))
}

/// The test errors of a column in percent, in the order of [`NAMES`]; what there is none of is missing.
type Errors = [Option<f64>; NAMES.len()];

const NAMES: [&str; 4] = ["reference notebook", "plain", "best without augmentation", "with augmentation"];

/// Of several rows, the one with the lowest validation loss counts.
fn errors(column: &Column, parts: &Value) -> Result<Errors> {
    let number = |place: &str, key: &str| {
        let value = &parts.pointer(place).with_context(|| format!("no {place} in exercise {}", column.exercise))?[key];
        value["mean"].as_f64().or(value.as_f64()).with_context(|| format!("no {key} in {place}"))
    };
    let chosen = |places: &[&'static str]| -> Result<&'static str> {
        let losses: Vec<f64> = places.iter().map(|place| number(place, "validation_loss")).collect::<Result<_>>()?;
        let best = places.iter().zip(losses).min_by(|(_, one), (_, other)| one.total_cmp(other));
        Ok(best.context("a column without rows")?.0)
    };
    let error = |place: &str| anyhow::Ok(100.0 * (1.0 - number(place, "test_accuracy")?));
    let best = chosen(&[&[column.plain], column.others].concat())?;
    let best = (best != column.plain).then(|| error(best)).transpose()?;
    let notebook = column.notebook.map(|accuracy| 100.0 * (1.0 - accuracy));
    Ok([notebook, Some(error(column.plain)?), best, Some(error(chosen(column.augmented)?)?)])
}

fn figure(rows: &[Errors]) -> Plot {
    let series = NAMES.iter().enumerate().map(|(number, name)| {
        let places = (0_u32..).map(f64::from).zip(rows);
        let points = places.filter_map(|(place, errors)| Some((place, errors[number]?))).collect();
        Series::new(name, points, Style::Dots).coloured(number)
    });
    let names = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    Plot { x: Axis::of_names("exercise", names), y: Axis::logarithmic("test errors, %"), series: series.collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_row_of_the_lowest_validation_loss_is_shown_unless_it_is_the_plain_one() {
        let column = Column {
            name: "9",
            exercise: "9",
            notebook: Some(0.75),
            plain: "/a",
            others: &["/b", "/c"],
            augmented: &["/d", "/e"],
        };
        let row = |accuracy: f64, loss: f64| json!({ "test_accuracy": { "mean": accuracy }, "validation_loss": loss });
        let parts = |best: f64| {
            let [b, c] = [row(0.625, best), row(0.75, 0.75)];
            json!({ "a": row(0.5, 0.5), "b": b, "c": c, "d": row(0.875, 0.1), "e": row(1.0, 0.2) })
        };
        assert_eq!(errors(&column, &parts(0.25)).unwrap(), [25.0, 50.0, 37.5, 12.5].map(Some));
        assert_eq!(errors(&column, &parts(0.625)).unwrap(), [Some(25.0), Some(50.0), None, Some(12.5)]);
        let error = errors(&column, &json!({ "a": row(0.5, 0.5) })).unwrap_err().to_string();
        assert_eq!(error, "no /b in exercise 9");
    }
}
