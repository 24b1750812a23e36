//! A square sheet of paper.

use image::{Rgba, RgbaImage};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::pen::Strokes;

/// Grey levels, 0 to 255, and how opaque they are, 0 to 1.
pub(super) struct Sheet {
    pub(super) side: usize,
    grey: Vec<f32>,
    opacity: Vec<f32>,
}

impl Sheet {
    pub(super) fn new(side: usize, level: f32) -> Self {
        Self { side, grey: vec![level; side * side], opacity: vec![1.0; side * side] }
    }

    /// Changes each grey level by its place.
    fn change(&mut self, new: impl Fn(f32, f32, f32) -> f32) {
        for (at, grey) in self.grey.iter_mut().enumerate() {
            *grey = new(*grey, (at % self.side) as f32, (at / self.side) as f32);
        }
    }

    pub(super) fn darken(&mut self, by: impl Fn(f32, f32) -> f32) {
        self.change(|grey, x, y| grey - by(x, y));
    }

    pub(super) fn dim(&mut self, by: impl Fn(f32, f32) -> f32) {
        self.change(|grey, x, y| grey * by(x, y));
    }

    /// Draws a line where the distance from it is from 0 to `width`.
    pub(super) fn rule(&mut self, depth: f32, width: f32, distance: impl Fn(f32, f32) -> f32) {
        self.darken(|x, y| if (0.0..width).contains(&distance(x, y)) { depth } else { 0.0 });
    }

    /// Drops a round speck on it.
    pub(super) fn speck(&mut self, x: f32, y: f32, radius: f32, depth: f32) {
        let reach = |at: f32| (at - radius).max(0.0) as usize..((at + radius) as usize + 1).min(self.side);
        for (row, column) in reach(y).flat_map(|row| reach(x).map(move |column| (row, column))) {
            if (column as f32 - x).hypot(row as f32 - y) <= radius {
                self.grey[row * self.side + column] -= depth;
            }
        }
    }

    /// Writes on it: ink hides what is under it.
    pub(super) fn ink(&mut self, strokes: &Strokes, left: usize, top: usize, level: f32) {
        for (at, ink) in strokes.ink.iter().enumerate() {
            let grey = &mut self.grey[(top + at / strokes.side) * self.side + left + at % strokes.side];
            *grey += ink * (level - *grey).min(0.0);
        }
    }

    /// Adds normal noise.
    pub(super) fn shake(&mut self, deviation: f32, random: &mut ChaCha8Rng) {
        let normal = Normal::new(0.0, deviation).unwrap();
        self.grey.iter_mut().for_each(|grey| *grey += normal.sample(random));
    }

    /// Makes its corners transparent, by a fraction of the side.
    pub(super) fn round_corners(&mut self, fraction: f32) {
        let (side, radius) = (self.side as f32, self.side as f32 * fraction);
        for (at, opacity) in self.opacity.iter_mut().enumerate() {
            let beyond = |at: usize| (radius - at as f32).max(at as f32 - (side - 1.0 - radius)).max(0.0);
            let distance = beyond(at % self.side).hypot(beyond(at / self.side));
            *opacity = (radius + 0.5 - distance).clamp(0.0, 1.0);
        }
    }

    /// Turns it about its middle; beyond its edges is `ground`, or nothing.
    pub(super) fn turn(&mut self, angle: f32, ground: Option<f32>) {
        let (sine, cosine) = angle.sin_cos();
        let middle = (self.side as f32 - 1.0) / 2.0;
        // A little smaller, so that what is written near the edges stays in the picture.
        let shrunk = sine.abs() + cosine;
        let turned = Self::new(self.side, 0.0);
        let (mut grey, mut opacity) = (turned.grey, turned.opacity);
        for at in 0..grey.len() {
            let (x, y) = ((at % self.side) as f32 - middle, (at / self.side) as f32 - middle);
            let from = [cosine * x - sine * y, sine * x + cosine * y].map(|it| it * shrunk + middle);
            match (self.level(from), ground) {
                (Some(level), _) => grey[at] = level,
                (None, Some(level)) => grey[at] = level,
                (None, None) => opacity[at] = 0.0,
            }
        }
        (self.grey, self.opacity) = (grey, opacity);
    }

    /// Returns the grey level between four pixels; none beyond the edges.
    fn level(&self, [x, y]: [f32; 2]) -> Option<f32> {
        let most = self.side as f32 - 1.001;
        if !(0.0..most).contains(&x) || !(0.0..most).contains(&y) {
            return None;
        }
        let at = |right: usize, down: usize| self.grey[(y as usize + down) * self.side + x as usize + right];
        let between = |one: f32, other: f32, part: f32| one + (other - one) * part;
        let rows = [0, 1].map(|down| between(at(0, down), at(1, down), x.fract()));
        Some(between(rows[0], rows[1], y.fract()))
    }

    pub(super) fn into_image(self) -> RgbaImage {
        RgbaImage::from_fn(self.side as u32, self.side as u32, |x, y| {
            let at = y as usize * self.side + x as usize;
            let grey = self.grey[at].round().clamp(0.0, 255.0) as u8;
            Rgba([grey, grey, grey, (self.opacity[at] * 255.0).round() as u8])
        })
    }
}
