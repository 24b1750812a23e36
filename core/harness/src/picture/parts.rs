//! Connected components of what stands out from the paper.

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::mapped;

/// A connected component.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) label: u32,
    pub(super) left: u32,
    pub(super) top: u32,
    /// The first column to the right of it, and the first row below it.
    pub(super) right: u32,
    pub(super) bottom: u32,
    pub(super) area: usize,
    /// The sum of its pixels' depths, and the greatest depth.
    pub(super) mass: f64,
    pub(super) peak: f32,
    /// Whether it touches the edge of the picture or of the paper.
    pub(super) at_edge: bool,
}

impl Part {
    pub(super) fn width(&self) -> u32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> u32 {
        self.bottom - self.top
    }

    pub(super) fn longer(&self) -> u32 {
        self.width().max(self.height())
    }
}

/// All components, and the label of the one that each pixel belongs to.
pub(super) struct Parts {
    pub(super) labels: Image<Luma<u32>>,
    pub(super) all: Vec<Part>,
}

impl Parts {
    /// Finds the components of pixels that are deeper than `least`; `inside` is 0 for pixels near the edge.
    pub(super) fn of(depth: &Image<Luma<f32>>, least: f32, inside: &GrayImage) -> Self {
        let deep = mapped(depth, |pixel| Luma([if pixel.0[0] > least { 255_u8 } else { 0 }]));
        let labels = connected_components(&deep, Connectivity::Eight, Luma([0]));
        let mut all: Vec<Part> = Vec::new();
        for (x, y, &Luma([label])) in labels.enumerate_pixels() {
            let Some(index) = (label as usize).checked_sub(1) else { continue };
            while all.len() <= index {
                all.push(Part {
                    label: all.len() as u32 + 1,
                    left: u32::MAX,
                    top: u32::MAX,
                    right: 0,
                    bottom: 0,
                    area: 0,
                    mass: 0.0,
                    peak: 0.0,
                    at_edge: false,
                });
            }
            let part = &mut all[index];
            let depth = depth.get_pixel(x, y).0[0];
            (part.left, part.top) = (part.left.min(x), part.top.min(y));
            (part.right, part.bottom) = (part.right.max(x + 1), part.bottom.max(y + 1));
            part.area += 1;
            part.mass += f64::from(depth);
            part.peak = part.peak.max(depth);
            part.at_edge |= inside.get_pixel(x, y).0[0] == 0;
        }
        Self { labels, all }
    }

    /// Returns whether two components come within `reach` pixels of each other.
    pub(super) fn nearly_touch(&self, one: &Part, other: &Part, reach: u32) -> bool {
        let one = mapped(&self.labels, |label| Luma([if label.0[0] == one.label { 255_u8 } else { 0 }]));
        let near = dilate(&one, Norm::LInf, reach.min(255) as u8);
        near.iter().zip(self.labels.iter()).any(|(near, label)| *near > 0 && *label == other.label)
    }

    /// Returns whether `outer` surrounds `inner`, that is, is met in nearly all directions from its middle.
    pub(super) fn is_around(&self, outer: &Part, inner: &Part) -> bool {
        const DIRECTIONS: usize = 36;
        let within = outer.left <= inner.left
            && outer.top <= inner.top
            && outer.right >= inner.right
            && outer.bottom >= inner.bottom;
        if !within {
            return false;
        }
        let middle = [inner.left + inner.right, inner.top + inner.bottom].map(|sum| f64::from(sum) / 2.0);
        let hits = (0..DIRECTIONS).filter(|&direction| {
            let (down, right) = (direction as f64 / DIRECTIONS as f64 * std::f64::consts::TAU).sin_cos();
            (1..)
                .map(|step| [middle[0] + right * f64::from(step), middle[1] + down * f64::from(step)])
                .take_while(|[x, y]| {
                    (f64::from(outer.left)..f64::from(outer.right)).contains(x)
                        && (f64::from(outer.top)..f64::from(outer.bottom)).contains(y)
                })
                .any(|[x, y]| self.labels.get_pixel(x as u32, y as u32).0[0] == outer.label)
        });
        hits.count() >= DIRECTIONS * 5 / 6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_their_boxes_and_edges() {
        let depth = Image::from_fn(20, 10, |x, y| {
            Luma([if x < 2 && y == 3 {
                50.0
            } else if (10..14).contains(&x) && (4..9).contains(&y) {
                80.0
            } else {
                5.0
            }])
        });
        let inside = GrayImage::from_fn(20, 10, |x, y| Luma([u8::from(x > 0 && y > 0 && x < 19 && y < 9)]));
        let parts = Parts::of(&depth, 12.0, &inside).all;
        assert_eq!(parts.len(), 2);
        let [edge, free] = [&parts[0], &parts[1]];
        assert!(edge.at_edge && !free.at_edge);
        assert_eq!((free.left, free.top, free.width(), free.height(), free.area), (10, 4, 4, 5, 20));
        assert_eq!((free.mass, free.peak, edge.longer()), (1600.0, 80.0, 2));
    }

    #[test]
    fn a_ring_is_around_what_is_in_it_and_half_a_ring_is_not() {
        for (whole, expected) in [(true, true), (false, false)] {
            let depth = Image::from_fn(60, 60, |x, y| {
                let distance = (f64::from(x) - 30.0).hypot(f64::from(y) - 30.0);
                Luma([if distance < 6.0 || (distance - 22.0).abs() < 2.0 && (whole || x < 34) { 90.0 } else { 0.0 }])
            });
            let parts = Parts::of(&depth, 12.0, &GrayImage::from_pixel(60, 60, Luma([255])));
            let [ring, dot] = [0, 1].map(|index| parts.all[index].clone());
            assert_eq!(parts.is_around(&ring, &dot), expected);
            assert!(!parts.is_around(&dot, &ring));
        }
    }
}
