//! Pairs as a picture.

use std::fmt::Write;

use ch11_core::data::{Dataset, PIXELS, Pair, Relation, SIDE};

/// How many times as large an image is drawn.
const SCALE: usize = 3;
/// How many greys there are besides black: fewer make a smaller file.
const GREYS: u8 = 8;
/// Pairs in a row of the picture.
const COLUMNS: usize = 4;
/// The space between images and around pairs.
const GAP: usize = 6;
/// The height of a label.
const LABEL: usize = 26;

const WIDTH: usize = 2 * SIDE * SCALE + GAP;
const HEIGHT: usize = SIDE * SCALE + LABEL;

/// Draws pairs in rows of four as an SVG document, with the label under each.
pub fn of(images: &Dataset<PIXELS>, pairs: &[Pair]) -> String {
    let (columns, rows) = (COLUMNS.min(pairs.len()), pairs.len().div_ceil(COLUMNS));
    let (width, height) = (columns * (WIDTH + 4 * GAP), rows * (HEIGHT + 2 * GAP) + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"15\" text-anchor=\"middle\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (index, pair) in pairs.iter().enumerate() {
        let x = (index % COLUMNS) * (WIDTH + 4 * GAP) + 2 * GAP;
        let y = (index / COLUMNS) * (HEIGHT + 2 * GAP) + 2 * GAP;
        draw(&mut svg, images, pair.first, x, y);
        draw(&mut svg, images, pair.second, x + SIDE * SCALE + GAP, y);
        let label = match pair.relation {
            Relation::Same => "0: same",
            Relation::Different => "1: different",
        };
        let (x, y) = (x + WIDTH / 2, y + SIDE * SCALE + 18);
        // Writing into a string cannot fail.
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{label}</text>");
    }
    svg + "</svg>\n"
}

/// Draws an image at a place: a black square, and on it a path for each grey.
fn draw(svg: &mut String, images: &Dataset<PIXELS>, row: usize, x: usize, y: usize) {
    let mut pixels = Vec::new();
    images.gather(&[row], &mut pixels);
    let greys: Vec<u8> = pixels.into_iter().map(|pixel| (pixel * f32::from(GREYS)).round() as u8).collect();
    let _ = writeln!(
        svg,
        "<g transform=\"translate({x} {y}) scale({SCALE})\" shape-rendering=\"crispEdges\">\
         <rect width=\"{SIDE}\" height=\"{SIDE}\"/>"
    );
    for grey in 1..=GREYS {
        let path: String = (0..PIXELS)
            .filter(|&pixel| greys[pixel] == grey)
            .map(|pixel| format!("M{} {}h1v1h-1z", pixel % SIDE, pixel / SIDE))
            .collect();
        let level = u16::from(grey) * 255 / u16::from(GREYS);
        let _ = writeln!(svg, "<path fill=\"rgb({level},{level},{level})\" d=\"{path}\"/>");
    }
    svg.push_str("</g>\n");
}
