//! The closing table, and what follows from it.

use ch11_harness::cli::Session;
use ch11_harness::report::{Axis, Findings, Plot, Row, Series, Style};

/// Returns an earlier part's row, if that part ran.
pub fn row_of<'a>(earlier: &'a [Findings], part: &str, key: &str) -> Option<&'a Row> {
    let rows = earlier.iter().filter(|findings| findings.part() == part).flat_map(Findings::all_rows);
    rows.into_iter().find(|row| row.key == Some(key))
}

/// Shows what all parts found: one table, their sentences below it, their learning curves and figures on the page.
/// `is_one_network` tells whether all seeds share one pretrained network.
pub fn show(session: &mut Session, parts: Vec<Findings>, is_one_network: bool) {
    if parts.is_empty() {
        return;
    }
    parts.iter().for_each(|part| session.record(part));
    let rows: Vec<Row> = parts.iter().flat_map(|part| part.all_rows().to_vec()).collect();
    let sentences = parts.iter().flat_map(|part| part.sentences().map(|it| format!("{}. {it}", part.part())));
    let seeds = rows.iter().map(|row| row.results.len()).max().unwrap_or(1);
    let own = if is_one_network {
        "images of its own; all share one pretrained network, and the verdicts are about that network alone"
    } else {
        "a pretrained network and images of its own"
    };
    let spread = format!("The number after ± is the standard deviation over {seeds} seeds, each with {own}.");
    let all = Findings::new("", "9. All rows")
        .say_each((seeds > 1).then_some(spread))
        .plots("Time of the whole fit against test accuracy.", vec![time_against_accuracy(&rows)])
        .say_each(sentences)
        .rows(rows.clone());
    session.print(format_args!("\n{}", all.to_text()));
    session.report.add(all);
    let (apart, together): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| ["9f", "9h"].contains(&&*row.part));
    let of_part = |part| apart.iter().copied().filter(|row| row.part == part).collect();
    for (part, rows) in [("9", together), ("9f", of_part("9f")), ("9h", of_part("9h"))] {
        if !rows.is_empty() {
            session.report.add(Findings::new("", &format!("{part}. Learning curves")).curves_of(rows));
        }
    }
    parts.into_iter().filter_map(Findings::figures_alone).for_each(|figures| session.report.add(figures));
}

/// Plots a dot per row whose time is known, in a colour for what was trained.
fn time_against_accuracy(rows: &[Row]) -> Plot {
    let mut names: Vec<&str> = Vec::new();
    let mut series = Vec::new();
    for row in rows {
        if !names.contains(&row.name.as_str()) {
            names.push(&row.name);
        }
        let colour = names.iter().position(|name| *name == row.name).unwrap_or(0);
        let Some(seconds) = row.times(|run| run.seconds) else { continue };
        let dot = vec![(seconds.mean(), 100.0 * row.test_accuracy().mean())];
        series.push(Series::new(&row.name, dot, Style::Dots).labelled(&row.part).coloured(colour));
    }
    Plot { x: Axis::logarithmic("seconds"), y: Axis::linear("test accuracy %"), series }
}
