//! What a plot looks like: its colours, its text, its size.

use super::drawing::{SIZE, thinned};
use super::labels::{Rectangle, overlap};
use super::letters::width;
use super::*;

fn plot(axes: [Axis; 2], series: Vec<Series>) -> String {
    let [x, y] = axes;
    Plot { x, y, series }.to_markup().into_string()
}

#[test]
fn a_plot_takes_its_colours_from_the_page() {
    let lines = (0..9).map(|number| {
        let points = vec![(1.0, 0.1), (2.0, 0.01 * f64::from(number + 1))];
        Series::new("line", points, Style::Line).coloured(number as usize).marked(Some(1))
    });
    let svg = plot([Axis::linear("epoch"), Axis::logarithmic("loss")], lines.collect());
    assert!(svg.starts_with("<svg viewBox=\"0 0 840 600\" role=\"img\" aria-label=\"loss against epoch\">"), "{svg}");
    assert!(!svg.contains("=\"#"), "a colour of its own: {svg}");
    assert!(svg.contains("var(--colour-6)") && svg.contains("currentColor") && svg.contains("var(--grid)"));
    assert_eq!(svg.matches("<circle").count(), 9);
    assert!(!svg.contains("http"), "{svg}");
}

#[test]
fn no_number_breaks_a_plot() {
    let numbers = [0.0, -1.0, 1e-300, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let points: Vec<(f64, f64)> = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y))).collect();
    let axes = [Axis::linear("a"), Axis::logarithmic("b"), Axis::of_names("c", vec!["d".to_owned()])];
    for points in [vec![], vec![(1.0, 1.0)], vec![(f64::NAN, f64::NAN)], points] {
        for x in &axes {
            for y in &axes {
                let styles = [Style::Line, Style::Faint, Style::Dots, Style::Band];
                let series = styles.map(|style| Series::new("s", points.clone(), style).marked(Some(0)).labelled("l"));
                let svg = plot([x.clone(), y.clone()], series.to_vec());
                assert!(svg.contains("<svg") && !svg.contains("NaN"), "{svg}");
            }
        }
    }
}

#[test]
fn labels_of_near_points_stand_on_either_side() {
    let dots = [1.0, 1.001, 2.0].map(|x| Series::new("dot", vec![(x, 1.0)], Style::Dots).labelled("label"));
    let svg = plot([Axis::linear("a"), Axis::linear("b")], dots.to_vec());
    let (texts, dots) = (elements(&svg, "<text ", "x"), elements(&svg, "<circle ", "cx"));
    let labels = &texts[texts.len() - 3..];
    assert!(labels[0] > dots[0] && labels[1] < dots[1] && labels[2] > dots[2], "{labels:?} beside {dots:?}");
}

/// A text of a plot: what it says, and the box that it takes.
#[derive(Debug)]
struct Text {
    says: String,
    place: Rectangle,
}

/// What plotters makes of the size of text.
const FULL_SIZE: i32 = 27;

fn texts(svg: &str) -> Vec<Text> {
    let text = |element: &str| {
        let (head, rest) = element.split_once('>').unwrap();
        let says = rest.split_once("</text>").unwrap().0.trim().to_owned();
        let attribute = |name: &str| Some(head.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0);
        let number = |name| attribute(name).unwrap().parse::<f64>().unwrap() as i32;
        let (x, y, size) = (number("x"), number("y"), number("font-size"));
        let across = width(&says) * size / FULL_SIZE;
        let top = match attribute("dy") {
            Some("0.76em") => 0,
            Some("0.5ex") => -size / 2,
            _ => -size,
        };
        let left = match attribute("text-anchor") {
            Some("middle") => -across / 2,
            Some("end") => -across,
            _ => 0,
        };
        let place = match attribute("transform") {
            Some(_) => [x + top, y - left - across, x + top + size, y - left],
            None => [x + left, y + top, x + left + across, y + top + size],
        };
        Text { says, place }
    };
    svg.split("<text").skip(1).map(text).filter(|text| !text.says.is_empty()).collect()
}

#[track_caller]
fn assert_can_be_read(svg: &str, says: &[&str]) {
    let texts = texts(svg);
    for (index, one) in texts.iter().enumerate() {
        let [left, top, right, bottom] = one.place;
        assert!(left >= 0 && top >= 0 && right <= SIZE.0 as i32 && bottom <= SIZE.1 as i32, "cut off: {one:?}");
        let over = texts[..index].iter().find(|other| overlap(&one.place, &other.place));
        assert!(over.is_none(), "{one:?} over {over:?}");
    }
    for expected in says {
        assert!(texts.iter().any(|text| text.says == *expected), "no {expected} in {texts:?}");
    }
}

#[test]
fn small_losses_are_powers_of_ten_and_beside_the_name_of_their_axis() {
    let line = |low: f64, high: f64| vec![Series::new("loss", vec![(1.0, low), (900.0, high)], Style::Line)];
    let axes = || [Axis::linear("epoch"), Axis::logarithmic("validation loss")];
    assert_can_be_read(&plot(axes(), line(1e-8, 1.0)), &["10⁻⁸", "epoch", "validation loss"]);
    assert_can_be_read(&plot(axes(), line(1.2e-8, 4e-8)), &["2·10⁻⁸"]);
    assert_can_be_read(&plot(axes(), line(1e-30, 1e30)), &["10⁻²²", "10²²"]);
    let accuracy = || [Axis::logarithmic("seconds"), Axis::linear("test accuracy %")];
    for (low, high) in [(0.0, 100.0), (99.991, 99.993), (0.000_1, 0.000_2), (12_345.0, 1e7), (5.0, 5.0)] {
        assert_can_be_read(&plot(accuracy(), line(low, high)), &["seconds", "test accuracy %"]);
        let across = vec![Series::new("points", vec![(low, 1.0), (high, 2.0)], Style::Dots)];
        for x in [Axis::linear("number"), Axis::logarithmic("number")] {
            assert_can_be_read(&plot([x, Axis::linear("y")], across.clone()), &["number"]);
        }
    }
}

#[test]
fn names_along_an_axis_stand_beside_each_other() {
    let activations = ["ELU", "ReLU", "leaky ReLU 0.01", "leaky ReLU 0.1", "leaky ReLU 0.2"].map(str::to_owned);
    let numbers = ["0.00000001", "0.0001", "0.0005", "0.00123", "0.1", "0.5", "543250"].map(str::to_owned);
    for count in 1..=7 {
        for names in [&activations[..], &numbers[..]] {
            let names = names[..count.min(names.len())].to_vec();
            let points = (0..names.len()).map(|index| (index as f64, 99.0 + index as f64 / 10.0)).collect();
            let series = vec![Series::new("candidate", points, Style::Dots)];
            let svg = plot([Axis::of_names("activation", names), Axis::linear("accuracy %")], series);
            assert_can_be_read(&svg, &["activation", "accuracy %"]);
        }
    }
}

fn elements(svg: &str, element: &str, attribute: &str) -> Vec<i32> {
    let after = |text: &str| text.split_once(&format!(" {attribute}=\""))?.1.split_once('"')?.0.parse().ok();
    svg.split(element).skip(1).filter_map(|rest| after(&format!(" {rest}"))).collect()
}

#[test]
fn a_line_of_any_length_takes_little_room() {
    let line = |count: u32| {
        let points: Vec<(f64, f64)> = (1..=count).map(|epoch| (epoch.into(), f64::from(epoch % 7))).collect();
        plot([Axis::linear("epoch"), Axis::linear("loss")], vec![Series::new("line", points, Style::Line)])
    };
    assert!(line(100_000).len() < 20_000);
    let points = |count: u32| (0..count).map(|it| (it.into(), 0.0)).collect::<Vec<(f64, f64)>>();
    assert_eq!(thinned(&points(900)), points(900));
    // Every third, from 0 to 2499, and the last.
    assert_eq!(thinned(&points(2501)).len(), 834 + 1);
    assert_eq!(thinned(&points(2501)).last(), Some(&(2500.0, 0.0)));
}
