//! A sheet of paper on something darker or lighter: a table, or a scanner's lid.

use image::{GrayImage, Luma, imageops};
use imageproc::contrast::{ThresholdType, otsu_level, threshold};
use imageproc::distance_transform::Norm;
use imageproc::geometry::min_area_rect;
use imageproc::morphology::erode;
use imageproc::point::Point;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::mapped;
use super::scene::Scene;

/// A sheet covers at least this fraction of the picture.
const LEAST_AREA: f64 = 0.2;
/// It fills at least this fraction of the smallest rectangle around it; an ellipse fills 0.79.
const LEAST_FILLED: f64 = 0.88;
/// Ink covers at most this fraction of it.
const MOST_INK: f64 = 0.3;
/// It covers at most this fraction of the picture's border.
const MOST_BORDER: f64 = 0.4;

/// Cuts sheets out of a picture: its lightest part and its darkest part, if they are rectangles with something beside
/// them.
pub(super) fn sheets(scene: &Scene) -> impl Iterator<Item = Scene> {
    let level = otsu_level(&scene.grey);
    [ThresholdType::Binary, ThresholdType::BinaryInverted].into_iter().filter_map(move |side| {
        let marks = threshold(&scene.grey, level, side);
        let area = LEAST_AREA * (1.0 - MOST_INK) * marks.len() as f64;
        let may_be =
            area <= marked(marks.iter()) && marked(border(&marks)) <= MOST_BORDER * border(&marks).count() as f64;
        may_be.then(|| cut_out(scene, &largest(&marks)))?
    })
}

/// Counts the marked pixels.
fn marked<'a>(pixels: impl Iterator<Item = &'a u8>) -> f64 {
    pixels.filter(|&&pixel| pixel > 0).count() as f64
}

/// Lists the pixels on a picture's border.
fn border(marks: &GrayImage) -> impl Iterator<Item = &u8> {
    let (width, height) = marks.dimensions();
    let is_border = move |x, y| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
    marks.enumerate_pixels().filter(move |&(x, y, _)| is_border(x, y)).map(|(_, _, pixel)| &pixel.0[0])
}

/// Leaves only the largest connected component.
fn largest(marks: &GrayImage) -> GrayImage {
    let labels = connected_components(marks, Connectivity::Four, Luma([0]));
    let mut areas = vec![0_usize; 1];
    for &label in labels.iter() {
        let label = label as usize;
        areas.resize(areas.len().max(label + 1), 0);
        areas[label] += usize::from(label > 0);
    }
    let most = areas.iter().zip(0..).max().map_or(0, |(_, label)| label);
    mapped(&labels, |label| Luma([if label.0[0] == most && most > 0 { 255 } else { 0 }]))
}

/// Cuts out what is marked, if it has the shape of a sheet.
fn cut_out(scene: &Scene, marks: &GrayImage) -> Option<Scene> {
    let filled = without_holes(marks);
    let (width, height) = marks.dimensions();
    let (plain, area) = (marked(marks.iter()), marked(filled.iter()));
    if area < LEAST_AREA * marks.len() as f64
        || plain < (1.0 - MOST_INK) * area
        || area < LEAST_FILLED * rectangle_around(&filled)
    {
        return None;
    }
    // The edge of a sheet is blurred.
    let mask = erode(&filled, Norm::LInf, (width.max(height) / 100).clamp(1, 255) as u8);
    let inside = || mask.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] > 0);
    let (left, right) = (inside().map(|it| it.0).min()?, inside().map(|it| it.0).max()?);
    let (top, bottom) = (inside().map(|it| it.1).min()?, inside().map(|it| it.1).max()?);
    let [grey, mask] = [&scene.grey, &mask]
        .map(|image| imageops::crop_imm(image, left, top, right - left + 1, bottom - top + 1).to_image());
    Some(Scene { grey, mask })
}

/// Fills the holes in what is marked.
fn without_holes(marks: &GrayImage) -> GrayImage {
    let (width, height) = marks.dimensions();
    let free = mapped(marks, |pixel| Luma([255 - pixel.0[0]]));
    let labels = connected_components(&free, Connectivity::Eight, Luma([0]));
    let mut outside = vec![false; marks.len() + 1];
    for (x, y, label) in labels.enumerate_pixels() {
        outside[label.0[0] as usize] |= x == 0 || y == 0 || x + 1 == width || y + 1 == height;
    }
    GrayImage::from_fn(width, height, |x, y| {
        let label = labels.get_pixel(x, y).0[0];
        Luma([if label > 0 && outside[label as usize] { 0 } else { 255 }])
    })
}

/// Returns the area of the smallest rectangle, at any angle, around what is marked.
fn rectangle_around(marks: &GrayImage) -> f64 {
    let mut points = Vec::new();
    for (y, row) in marks.rows().enumerate() {
        let marked = || row.clone().enumerate().filter(|(_, pixel)| pixel.0[0] > 0).map(|(x, _)| x);
        for x in [marked().next(), marked().next_back()].into_iter().flatten() {
            points.extend(
                [0, 1].map(|right| [0, 1].map(|down| Point::new((x + right) as i32, (y + down) as i32))).concat(),
            );
        }
    }
    if points.is_empty() {
        return 0.0;
    }
    let [one, two, three, _] = min_area_rect(&points).map(|it| Point::new(f64::from(it.x), f64::from(it.y)));
    (two.x - one.x).hypot(two.y - one.y) * (three.x - two.x).hypot(three.y - two.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(is_sheet: impl Fn(f64, f64) -> bool) -> Scene {
        let paint = |x: u32, y: u32| {
            let is_ink = x.abs_diff(100) < 5 && y.abs_diff(100) < 30;
            if is_ink {
                90
            } else if is_sheet(f64::from(x), f64::from(y)) {
                220
            } else {
                60
            }
        };
        let grey = GrayImage::from_fn(200, 200, |x, y| Luma([paint(x, y)]));
        Scene { mask: GrayImage::from_pixel(200, 200, Luma([255])), grey }
    }

    #[test]
    fn a_turned_sheet_is_cut_out_of_the_table() {
        let is_sheet = |x: f64, y: f64| {
            let (x, y) = (x - 100.0, y - 100.0);
            (x + 0.1 * y).abs() < 70.0 && (y - 0.1 * x).abs() < 70.0
        };
        let sheets: Vec<Scene> = sheets(&scene(is_sheet)).collect();
        assert_eq!(sheets.len(), 1);
        assert!((135..160).contains(&sheets[0].grey.width()), "{}", sheets[0].grey.width());
        assert!(sheets[0].seen().all(|&grey| grey >= 90), "some of the table is left");
        assert!(sheets[0].seen().any(|&grey| grey == 90), "the ink is lost");
    }

    #[test]
    fn a_disc_and_a_half_are_no_sheets() {
        assert_eq!(sheets(&scene(|x, y| (x - 100.0).hypot(y - 100.0) < 80.0)).count(), 0);
        assert_eq!(sheets(&scene(|x, _| x < 120.0)).count(), 0);
        assert_eq!(sheets(&scene(|_, _| true)).count(), 0);
    }
}
