//! The one digit among everything that stands out from the paper.

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::distance_transform::Norm;
use imageproc::morphology::{dilate, erode};

use super::Ink;
use super::lines;
use super::parts::{Part, Parts};
use super::relief::{Relief, reliefs};
use super::scene::Scene;

/// The least depth of ink, in grey levels; what stands out by less may be anything.
const LEAST_DEPTH: f32 = 12.0;
/// How much a part counts that touches the edge of the picture: it may be a table, or a shadow.
const CUT: f64 = 0.05;
/// The faintest ink of a drawing, as a fraction of the darkest: a little less than the 26 of 255 that
/// [`Ink::normalised`] takes for ink.
const EXACT: f32 = 0.09;
/// The least height or width of a digit, as a fraction of the picture's shorter side.
const SMALLEST: f64 = 0.04;

/// What a picture shows in place of one digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// All of it looks alike.
    Nothing,
    /// Nothing but lines and specks.
    NoDigit,
    /// This many things, each of which might be a digit.
    Several(usize),
}

impl Unclear {
    /// Says what a picture of this size shows.
    pub(super) fn description(self, width: u32, height: u32) -> String {
        match self {
            Self::Nothing => format!("{width} x {height} pixels that all look alike"),
            Self::NoDigit => "nothing but lines, specks or edges".to_owned(),
            Self::Several(count) => format!("{count} shapes, each of which might be a digit"),
        }
    }
}

/// Finds the digit: dark on light or light on dark, whichever stands out more.
pub(super) fn find(scene: &Scene) -> Result<Ink, Unclear> {
    if scene.is_blank() {
        return Err(Unclear::Nothing);
    }
    let inside = inside(scene);
    let [dark, light] = reliefs(scene).map(|relief| Found::of(relief, &inside));
    let best = match (dark, light) {
        (Ok(dark), Ok(light)) => {
            if light.weight() > dark.weight() {
                light
            } else {
                dark
            }
        }
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => one,
        (Err(one), Err(_)) => return Err(one),
    };
    best.ink()
}

/// Marks the pixels that are not near the edge of the picture or of the paper.
fn inside(scene: &Scene) -> GrayImage {
    let (width, height) = scene.mask.dimensions();
    let mut inside = scene.mask.clone();
    if inside.contains(&0) {
        inside = erode(&inside, Norm::LInf, 2);
    }
    for (x, y, pixel) in inside.enumerate_pixels_mut() {
        if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
            *pixel = Luma([0]);
        }
    }
    inside
}

/// The strokes that were found.
struct Found {
    depth: Image<Luma<f32>>,
    parts: Parts,
    /// The labels of the digit's parts, and the number of other parts that might be digits.
    strokes: Vec<u32>,
    others: usize,
    mass: f64,
    at_edge: bool,
    faintest: f32,
}

impl Found {
    fn of(relief: Relief, inside: &GrayImage) -> Result<Self, Unclear> {
        let Relief { mut depth, noise } = relief;
        let least = LEAST_DEPTH.max(3.0 * noise);
        let whole = depth.clone();
        let lines = lines::remove(&mut depth, least);
        let exact = noise == 0.0 && lines == 0;
        let found = Self::choose(depth, least, inside, exact);
        match found {
            // The line is the digit: a stroke from edge to edge.
            Err(Unclear::NoDigit) if lines == 1 => Self::choose(whole, least, inside, exact),
            _ => found,
        }
    }

    fn choose(depth: Image<Luma<f32>>, least: f32, inside: &GrayImage, exact: bool) -> Result<Self, Unclear> {
        let parts = Parts::of(&depth, least, inside);
        let peak = main_part(&parts, inside, 2.0 * least).ok_or(Unclear::NoDigit)?.peak;
        // As fractions of the peak: ink below `faint` does not connect strokes, and below `faintest` is not even part
        // of their edges.
        let (faint, faintest) = if exact { (EXACT, EXACT) } else { (0.3, 0.1) };
        let parts = Parts::of(&depth, faint * peak, inside);
        let main = main_part(&parts, inside, 2.0 * least).ok_or(Unclear::NoDigit)?.clone();
        let faintest = faintest * peak;
        let (strokes, others) = gathered(&parts, &main);
        let at_edge = main.at_edge;
        let mass = parts.all.iter().filter(|part| strokes.contains(&part.label)).map(|part| part.mass).sum();
        Ok(Self { depth, parts, strokes, others, mass, at_edge, faintest })
    }

    /// Returns the mass of the strokes, which counts for little if they touch the edge.
    fn weight(&self) -> f64 {
        if self.at_edge { CUT * self.mass } else { self.mass }
    }

    /// Returns how far the soft edges of strokes may reach, in pixels.
    fn fade(&self) -> u8 {
        let strokes = self.parts.all.iter().filter(|part| self.strokes.contains(&part.label));
        (strokes.map(Part::longer).max().unwrap_or(0) / 14).clamp(1, 255) as u8
    }

    /// Returns the ink of the digit alone.
    fn ink(self) -> Result<Ink, Unclear> {
        if self.others > 0 {
            return Err(Unclear::Several(1 + self.others));
        }
        let (width, height) = self.depth.dimensions();
        let is_stroke = |x, y| self.strokes.contains(&self.parts.labels.get_pixel(x, y).0[0]);
        let strokes = GrayImage::from_fn(width, height, |x, y| Luma([if is_stroke(x, y) { 255 } else { 0 }]));
        let near = dilate(&strokes, Norm::LInf, self.fade());
        // What is near the strokes and connected to them is their soft edge.
        let edged = Image::from_fn(width, height, |x, y| {
            let depth = *self.depth.get_pixel(x, y);
            if near.get_pixel(x, y).0[0] > 0 && depth.0[0] >= self.faintest { depth } else { Luma([0.0]) }
        });
        let parts = Parts::of(&edged, 0.0, &near);
        let mut kept = vec![false; parts.all.len() + 1];
        for (label, stroke) in parts.labels.iter().zip(strokes.iter()) {
            kept[*label as usize] |= *label > 0 && *stroke > 0;
        }
        let depth = |(depth, label): (&f32, &u32)| if kept[*label as usize] { *depth } else { 0.0 };
        let depths: Vec<f32> = edged.iter().zip(parts.labels.iter()).map(depth).collect();
        let most = f64::from(depths.iter().copied().fold(0.0, f32::max));
        let values = depths.iter().map(|depth| (f64::from(*depth) * 255.0 / most + 0.5).floor() as u8).collect();
        Ok(Ink::new(width as usize, values))
    }
}

/// Returns the main part of the digit: the one with the most ink that is not a frame around others. One that touches
/// the edge is taken only if it has far more ink than any other.
fn main_part<'a>(parts: &'a Parts, inside: &GrayImage, least_peak: f32) -> Option<&'a Part> {
    let smallest = (f64::from(inside.width().min(inside.height())) * SMALLEST).max(1.0) as u32;
    let fit: Vec<&Part> = parts.all.iter().filter(|it| it.longer() >= smallest && it.peak >= least_peak).collect();
    let is_frame = |outer: &Part| {
        fit.iter().any(|inner| {
            inner.label != outer.label && 4 * inner.height() > outer.height() && parts.is_around(outer, inner)
        })
    };
    let open: Vec<&Part> = fit.iter().copied().filter(|part| !is_frame(part)).collect();
    let heaviest = |at_edge: bool| {
        open.iter().copied().filter(|part| part.at_edge == at_edge).max_by(|one, other| one.mass.total_cmp(&other.mass))
    };
    match (heaviest(false), heaviest(true)) {
        (Some(free), Some(cut)) if free.mass < CUT * cut.mass => Some(cut),
        (None, cut) => cut,
        (free, _) => free,
    }
}

/// Gathers the parts that belong to the digit, whose main one is known, and counts others that might be digits.
fn gathered(parts: &Parts, main: &Part) -> (Vec<u32>, usize) {
    let (mut strokes, mut others) = (vec![main.label], 0);
    for part in &parts.all {
        if part.label == main.label || part.peak < 0.2 * main.peak || (part.at_edge && !main.at_edge) {
            continue;
        }
        let near = f64::from(gap(part, main)) <= 0.3 * f64::from(main.longer());
        if is_digit_beside(part, main)
            && !parts.is_around(part, main)
            && !parts.nearly_touch(part, main, main.longer() / 16)
        {
            others += 1;
        } else if near && part.area * 100 >= main.area && part.longer() <= main.longer() {
            strokes.push(part.label);
        }
    }
    (strokes, others)
}

/// Returns the distance between the boxes around two parts.
fn gap(one: &Part, other: &Part) -> u32 {
    let across = one.left.max(other.left).saturating_sub(one.right.min(other.right));
    let down = one.top.max(other.top).saturating_sub(one.bottom.min(other.bottom));
    across.max(down)
}

/// Returns whether a part is about as large as the main one, and beside, above or below it.
fn is_digit_beside(part: &Part, main: &Part) -> bool {
    let as_large = 2 * part.height() >= main.height() && 4 * part.area >= main.area;
    let overlap = |from: u32, to: u32| f64::from(to.saturating_sub(from));
    let across =
        overlap(part.left.max(main.left), part.right.min(main.right)) / f64::from(part.width().min(main.width()));
    let down =
        overlap(part.top.max(main.top), part.bottom.min(main.bottom)) / f64::from(part.height().min(main.height()));
    as_large && (across < 0.25 || down < 0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(paint: impl Fn(u32, u32) -> u8) -> Result<Vec<u8>, Unclear> {
        let grey = GrayImage::from_fn(200, 150, |x, y| Luma([paint(x, y)]));
        find(&Scene { mask: GrayImage::from_pixel(200, 150, Luma([255])), grey }).map(|ink| ink.values)
    }

    fn is_stroke(x: u32, y: u32, place: u32) -> bool {
        x.abs_diff(place) < 7 && (30..120).contains(&y)
    }

    fn ink(is_ink: impl Fn(u32, u32) -> bool) -> Vec<u8> {
        (0..150).flat_map(|y| (0..200).map(move |x| (x, y))).map(|(x, y)| if is_ink(x, y) { 255 } else { 0 }).collect()
    }

    #[test]
    fn specks_and_tables_are_left_out_and_detached_strokes_are_not() {
        let alone = ink(|x, y| is_stroke(x, y, 100));
        let beside: [fn(u32, u32) -> bool; 3] =
            [|x, y| (x * 7 + y * 13) % 1003 == 0, |x, _| x < 25, |x, y| (x.abs_diff(145) + y.abs_diff(140)) < 3];
        for is_beside in beside {
            let is_free = |x: u32, y: u32| x.abs_diff(100) < 12 && (25..125).contains(&y);
            let paint = |x, y| if is_stroke(x, y, 100) || is_beside(x, y) && !is_free(x, y) { 60 } else { 220 };
            assert!(find_in(paint).unwrap() == alone);
        }
        let is_detached = |x: u32, y: u32| (110..150).contains(&x) && (30..42).contains(&y);
        let paint = |x, y| if is_stroke(x, y, 100) || is_detached(x, y) { 60 } else { 220 };
        assert!(find_in(paint).unwrap() == ink(|x, y| is_stroke(x, y, 100) || is_detached(x, y)));
    }

    #[test]
    fn a_digit_may_be_broken() {
        // A 4 whose upright stroke does not quite touch the other.
        let is_angle = |x: u32, y: u32| {
            (30..90).contains(&y) && x.abs_diff(70) < 7 || (64..102).contains(&x) && (76..90).contains(&y)
        };
        let is_four = |x: u32, y: u32| is_angle(x, y) || is_stroke(x, y, 112);
        assert!(find_in(|x, y| if is_four(x, y) { 60 } else { 220 }).unwrap() == ink(is_four));
    }

    #[test]
    fn several_digits_are_counted() {
        let strokes = |places: &'static [u32]| {
            find_in(move |x, y| if places.iter().any(|&place| is_stroke(x, y, place)) { 60 } else { 220 })
        };
        assert!(strokes(&[100]).is_ok());
        assert_eq!(strokes(&[60, 140]), Err(Unclear::Several(2)));
        assert_eq!(strokes(&[40, 100, 160]), Err(Unclear::Several(3)));
    }

    #[test]
    fn nothing_is_no_digit() {
        assert_eq!(find_in(|x, _| 200 + (x / 10) as u8), Err(Unclear::Nothing));
        assert_eq!(find_in(|x, y| if (x * 7 + y * 13) % 503 == 0 { 60 } else { 220 }), Err(Unclear::NoDigit));
        assert_eq!(find_in(|_, y| if y % 30 < 2 { 100 } else { 220 }), Err(Unclear::NoDigit));
        assert_eq!(
            find_in(|x, y| if x.min(y).min(199 - x).min(149 - y) < 3 { 60 } else { 220 }),
            Err(Unclear::NoDigit)
        );
    }

    #[test]
    fn a_stroke_from_edge_to_edge_is_one() {
        let drawn = find_in(|x, _| if x.abs_diff(100) < 2 { 60 } else { 220 }).unwrap();
        assert!(drawn == ink(|x, _| x.abs_diff(100) < 2));
    }
}
