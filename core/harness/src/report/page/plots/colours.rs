//! Colours that stand for the page's own, so that a plot can be read in the light and in the dark.

use plotters::style::{BLACK, RGBColor};

/// The colours of Okabe and Ito, which people who see colours differently can tell apart too.
pub(super) const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(90, 90, 90),
];
/// Stands for the colour of the page's text.
pub(super) const INK: RGBColor = BLACK;
/// Stands for the colour of the page's lines.
pub(super) const GRID: RGBColor = RGBColor(214, 214, 214);

/// Takes the elements out of an SVG document, and gives them the page's colours and font.
pub(super) fn of_the_page(svg: &str) -> String {
    let elements = svg.trim().strip_suffix("</svg>").and_then(|svg| svg.split_once('>')).map_or("", |(_, rest)| rest);
    let hex = |RGBColor(red, green, blue): RGBColor| format!("\"#{red:02X}{green:02X}{blue:02X}\"");
    let mut elements = elements.replace(&hex(INK), "\"currentColor\"").replace(&hex(GRID), "\"var(--grid)\"");
    for (number, colour) in COLOURS.into_iter().enumerate() {
        elements = elements.replace(&hex(colour), &format!("\"var(--colour-{number})\""));
    }
    elements.replace(" font-family=\"sans-serif\"", "").replace(" opacity=\"1\"", "")
}
