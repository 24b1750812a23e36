//! The pixels that are not 0.

/// How many columns make a block: the weights of this many inputs of a layer fit in the nearest cache.
pub(crate) const BLOCK: usize = 64;

/// The pixels of rows that are not 0, row after row: one in five in digits.
#[derive(Debug, Clone)]
pub(crate) struct Nonzero {
    pixels: Vec<u8>,
    columns: Vec<u16>,
    /// Where each row's blocks of columns end.
    ends: Vec<usize>,
    blocks: usize,
}

/// The pixels of one row that are not 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NonzeroRow<'a> {
    pub(crate) pixels: &'a [u8],
    pub(crate) columns: &'a [u16],
    /// Where the row starts, and where its blocks of columns end, counted from the start of the first row.
    pub(crate) start: usize,
    pub(crate) ends: &'a [usize],
}

impl Nonzero {
    /// Finds those in `pixels`, rows of `width`.
    pub(super) fn new(pixels: &[u8], width: usize) -> Self {
        let count = pixels.iter().filter(|pixel| **pixel != 0).count();
        let mut nonzero = Self {
            pixels: Vec::with_capacity(count),
            columns: Vec::with_capacity(count),
            ends: Vec::new(),
            blocks: width.div_ceil(BLOCK),
        };
        for row in pixels.chunks_exact(width) {
            for (block, pixels) in row.chunks(BLOCK).enumerate() {
                let first = (block * BLOCK) as u16;
                for (column, &pixel) in (first..).zip(pixels).filter(|(_, pixel)| **pixel != 0) {
                    nonzero.pixels.push(pixel);
                    nonzero.columns.push(column);
                }
                nonzero.ends.push(nonzero.pixels.len());
            }
        }
        nonzero
    }

    /// Returns a row.
    pub(crate) fn row(&self, row: usize) -> NonzeroRow<'_> {
        let first = row * self.blocks;
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        let ends = &self.ends[first..first + self.blocks];
        let at = start..ends.last().copied().unwrap_or(start);
        NonzeroRow { pixels: &self.pixels[at.clone()], columns: &self.columns[at], start, ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_not_0_block_by_block() {
        let mut pixels = [0; 2 * 150];
        for (at, pixel) in [(0, 9), (63, 8), (64, 7), (149, 6), (150 + 130, 5)] {
            pixels[at] = pixel;
        }
        let nonzero = Nonzero::new(&pixels, 150);
        let row = nonzero.row(0);
        assert_eq!((row.pixels, row.columns), ([9, 8, 7, 6].as_slice(), [0, 63, 64, 149].as_slice()));
        assert_eq!((row.start, row.ends), (0, [2, 3, 4].as_slice()));
        let row = nonzero.row(1);
        assert_eq!((row.pixels, row.columns), ([5].as_slice(), [130].as_slice()));
        assert_eq!((row.start, row.ends), (4, [4, 4, 5].as_slice()));
    }
}
