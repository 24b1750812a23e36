//! The committed figures are those that the code draws.

use answers::figures::ALL;

/// How far apart two coordinates may be, of 860 and more: sums differ in their last bits from machine to machine. It is one point
/// of accuracy in the figure of sparse models.
const TOLERANCE: f64 = 6.0;

/// Takes a picture apart into its numbers and the text between them.
fn parts(svg: &str) -> (Vec<f64>, Vec<&str>) {
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let numbers = svg.split(|character| !is_number(character)).filter_map(|text| text.parse().ok()).collect();
    (numbers, svg.split(is_number).filter(|text| !text.is_empty()).collect())
}

#[test]
fn figures_are_up_to_date() {
    for (file, draw) in ALL {
        let path = format!("{}/figures/{file}", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(&path).unwrap();
        let drawn = draw().unwrap();
        let [(old, old_text), (new, new_text)] = [parts(&committed), parts(&drawn)];
        let remedy = "draw it anew: cargo run --release -p answers --bin figures";
        assert!(old_text == new_text && old.len() == new.len(), "{file} shows other things; {remedy}");
        let furthest = old.iter().zip(&new).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
        assert!(furthest <= TOLERANCE, "{file} is off by up to {furthest} units; {remedy}");
    }
}
