//! Statistics of the columns of a matrix, block of rows by block of rows.

use super::add_rows;

/// Statistics for batch normalisation, block by block. Threads take the statistics of some blocks each; combined in the
/// order of the blocks, they are the same to the last bit however many threads there are.
#[derive(Debug, Default)]
pub struct BlockStatistics {
    /// The number of rows of each block.
    rows: Vec<usize>,
    /// In the forward pass, the mean of each column of a block and then the sums of squared deviations from it; in the
    /// backward pass, the sums of the gradient and then of the gradient times the normalised values.
    sums: Vec<f32>,
}

impl BlockStatistics {
    /// Returns the number of rows of each block with its sums, `2 * width` of them.
    pub fn blocks(&self, width: usize) -> impl Iterator<Item = (usize, &[f32])> {
        self.rows.iter().copied().zip(self.sums.chunks_exact(2 * width))
    }

    /// Takes the mean of each column of `values`, and the sum of squared deviations from it, in blocks of `block`
    /// values.
    pub fn measure(&mut self, values: &[f32], block: usize, width: usize) {
        self.start(values.len(), block, width);
        for (values, sums) in values.chunks(block).zip(self.sums.chunks_exact_mut(2 * width)) {
            let (mean, squares) = sums.split_at_mut(width);
            add_rows(values, mean);
            let share = (values.len() as f32 / width as f32).recip();
            mean.iter_mut().for_each(|mean| *mean *= share);
            for row in values.chunks_exact(width) {
                for ((squares, mean), value) in squares.iter_mut().zip(&*mean).zip(row) {
                    *squares += (value - mean) * (value - mean);
                }
            }
        }
    }

    /// Sums the columns of `gradient`, and those of its products with `normalised`, in blocks of `block` values.
    pub fn measure_gradient(&mut self, gradient: &[f32], normalised: &[f32], block: usize, width: usize) {
        self.start(gradient.len(), block, width);
        let blocks = gradient.chunks(block).zip(normalised.chunks(block));
        for ((gradient, normalised), sums) in blocks.zip(self.sums.chunks_exact_mut(2 * width)) {
            let (of_shift, of_scale) = sums.split_at_mut(width);
            for (gradient, normalised) in gradient.chunks_exact(width).zip(normalised.chunks_exact(width)) {
                for (((of_shift, of_scale), gradient), normalised) in
                    of_shift.iter_mut().zip(&mut *of_scale).zip(gradient).zip(normalised)
                {
                    *of_shift += gradient;
                    *of_scale += gradient * normalised;
                }
            }
        }
    }

    fn start(&mut self, length: usize, block: usize, width: usize) {
        let blocks = length.div_ceil(block);
        self.rows.clear();
        self.rows.extend((0..blocks).map(|index| block.min(length - index * block) / width));
        self.sums.clear();
        self.sums.resize(2 * width * blocks, 0.0);
    }
}
