//! Verdicts as a forest plot: a row per question, all differences along one axis.

use std::ops::Range;

use maud::{Markup, html};

use super::plots::Axis;
use crate::report::verdict::{Answer, Comparison, Verdict, written};

/// What the picture shows.
const LEGEND: &str = "A dot is a difference, filled if it is clear once corrected for the number of questions. The line through it is its own \
                      95 % interval. To the right, test accuracy is higher.";

/// Draws the differences of verdicts and their intervals below each other, over a line that says how they were found.
pub(super) fn forest(note: &str, verdicts: &[Verdict]) -> Markup {
    let axis = Axis::linear("points");
    let ends = verdicts.iter().flat_map(|verdict| {
        let difference = Some(verdict.accuracy.mean()).filter(|mean| mean.is_finite());
        verdict.interval.into_iter().flatten().chain(difference).map(|fraction| 100.0 * fraction)
    });
    let range = axis.range(ends.chain([0.0]));
    html! {
        figure {
            div.scroll {
                table.verdicts {
                    thead { tr { th { "question" } th { "difference in test accuracy, in points" } th { "answer" } } }
                    tbody { @for verdict in verdicts { (row(verdict, &range)) } }
                    tfoot {
                        tr {
                            td {}
                            td {
                                svg aria-hidden="true" {
                                    @for (share, label) in axis.few_labels(range.clone()) {
                                        text x=(percent(share)) y="70%" { (label) }
                                    }
                                }
                            }
                            td {}
                        }
                    }
                }
            }
            figcaption { (LEGEND) " " (note) }
        }
    }
}

fn row(verdict: &Verdict, range: &Range<f64>) -> Markup {
    let Comparison { part, what, before, after, .. } = &verdict.comparison;
    let class = match verdict.answer {
        Answer::Helps | Answer::BetterOnThisSeed => "helps",
        Answer::Hurts | Answer::WorseOnThisSeed => "hurts",
        Answer::NoClearDifference | Answer::NoClearDifferenceOnThisSeed | Answer::Unknown => "unclear",
    };
    let along = |fraction: f64| percent((100.0 * fraction - range.start) / (range.end - range.start));
    html! {
        tr {
            td {
                (part) ". " (what.trim_end_matches(','))
                small { (after.part) " " (after.name) " against " (before.part) " " (before.name) }
            }
            td.interval style={ "--zero:" (along(0.0)) } {
                @if verdict.answer != Answer::Unknown {
                    svg class=(class) role="img" aria-label=(verdict.points()) {
                        @if let Some([low, high]) = verdict.interval {
                            line x1=(along(low)) x2=(along(high)) y1="50%" y2="50%" stroke="currentColor" stroke-width="2" {}
                        }
                        circle cx=(along(verdict.accuracy.mean())) cy="50%" r="5" stroke="currentColor" {}
                    }
                }
            }
            td {
                span class=(class) { (verdict.answer.words()) }
                @if let Some(p) = verdict.p { small { (written(p)) } }
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::verdict::{answer_all, comparison};

    /// Returns an attribute of each element, a percentage.
    fn percentages(markup: &str, element: &str, attribute: &str) -> Vec<f64> {
        let (start, attribute) = (format!("<{element} "), format!("{attribute}=\""));
        let number = |element: &str| {
            let value = element.split_once(&attribute)?.1;
            value.split_once('%')?.0.parse().ok()
        };
        markup.split(&start).skip(1).filter_map(number).collect()
    }

    #[test]
    fn differences_and_intervals_lie_along_one_axis() {
        let (low, high) = ([0.80, 0.82, 0.81], [0.90, 0.91, 0.92]);
        let verdicts = answer_all(vec![
            comparison(&low, &high),
            comparison(&high, &low),
            comparison(&low, &[0.79, 0.85, 0.80]),
            comparison(&low, &low),
            comparison(&low, &[f64::NAN, f64::NAN, 0.9]),
        ]);
        let markup = forest("How & why.", &verdicts).into_string();
        assert!(markup.contains("How &amp; why.") && !markup.contains("NaN"), "{markup}");
        let [dots, starts, ends] = [("circle", "cx"), ("line", "x1"), ("line", "x2")]
            .map(|(element, name)| percentages(&markup, element, name));
        // Nothing is drawn of what cannot be told, and no line through what has no interval.
        assert_eq!((dots.len(), starts.len()), (4, 3), "{markup}");
        let zero = dots[3];
        assert!(markup.contains(&format!("--zero:{zero:.2}%")), "{zero}");
        assert!(starts[0] > zero && ends[1] < zero && starts[2] < zero && ends[2] > zero, "{starts:?} to {ends:?}");
        for ((start, end), dot) in starts.iter().zip(&ends).zip(&dots) {
            assert!(0.0 < *start && *end < 100.0 && ((start + end) / 2.0 - dot).abs() < 0.02, "{start} {dot} {end}");
        }
        for (class, count) in [("helps", 1), ("hurts", 1), ("unclear", 2)] {
            assert_eq!(markup.matches(&format!("<svg class=\"{class}\"")).count(), count, "{class}");
        }
    }

    #[test]
    fn numbers_along_the_axis_are_apart_even_on_a_phone() {
        for range in [-1.0..8.0, -0.02..0.03, -0.123..0.004, -100.0..100.0, -0.05..0.05] {
            let labels = Axis::linear("points").few_labels(range.clone());
            assert!(labels.len() >= 2, "{range:?}: {labels:?}");
            // A column of 95 pixels, and letters of 7.
            let ends = |(share, label): &(f64, String)| {
                let (middle, half) = (95.0 * share, 3.5 * label.chars().count() as f64);
                (middle - half, middle + half)
            };
            assert!(labels.windows(2).all(|two| ends(&two[0]).1 < ends(&two[1]).0), "{range:?}: {labels:?}");
        }
    }
}
