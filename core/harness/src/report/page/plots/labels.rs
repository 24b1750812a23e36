//! Labels beside dots, where nothing covers them.

use super::letters::{LETTER, TEXT};

/// From a dot to its label, to the right of it or to the left.
const OFFSET: (i32, i32) = (14, -14);

/// Left, top, right and bottom.
pub(super) type Rectangle = [i32; 4];

/// What no label may cover: dots, and the labels that are written already.
pub(super) struct Labels(Vec<Rectangle>);

impl Labels {
    /// Keeps labels away from dots of a radius at these places.
    pub(super) fn beside(dots: impl Iterator<Item = (i32, i32)>, radius: i32) -> Self {
        Self(dots.map(|(x, y)| [x - radius, y - radius, x + radius, y + radius]).collect())
    }

    /// Returns where a dot's label begins: to the right of it, or to the left if something is in the way there.
    pub(super) fn place(&mut self, (x, y): (i32, i32), label: &str) -> (i32, i32) {
        let (width, height) = (LETTER * label.chars().count() as i32, TEXT as i32);
        let top = y + OFFSET.1;
        let from = |left: i32| [left, top, left + width, top + height];
        let sides = [from(x + OFFSET.0), from(x - OFFSET.0 - width)];
        let free = sides.into_iter().find(|side| !self.0.iter().any(|taken| overlap(taken, side)));
        let place = free.unwrap_or(sides[0]);
        self.0.push(place);
        (place[0], place[1])
    }
}

/// Tells whether two rectangles have a part in common.
pub(super) fn overlap(a: &Rectangle, b: &Rectangle) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
