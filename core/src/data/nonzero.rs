//! Pixels without those that are 0.

/// The pixels of some rows that are not 0, row after row: in digits, one in five.
#[derive(Debug, Clone)]
pub(super) struct Nonzero {
    pixels: Vec<u8>,
    columns: Vec<u16>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Nonzero {
    /// Finds them in `pixels`, rows of `width`.
    pub(super) fn new(pixels: &[u8], width: usize) -> Self {
        let count = pixels.iter().filter(|pixel| **pixel != 0).count();
        let mut nonzero =
            Self { pixels: Vec::with_capacity(count), columns: Vec::with_capacity(count), ends: Vec::new() };
        for row in pixels.chunks_exact(width) {
            for (column, &pixel) in (0..).zip(row).filter(|(_, pixel)| **pixel != 0) {
                nonzero.pixels.push(pixel);
                nonzero.columns.push(column);
            }
            nonzero.ends.push(nonzero.pixels.len());
        }
        nonzero
    }

    /// Returns the pixels of a row, and their columns.
    pub(super) fn row(&self, row: usize) -> (&[u8], &[u16]) {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let at = start..self.ends[row];
        (&self.pixels[at.clone()], &self.columns[at])
    }
}
