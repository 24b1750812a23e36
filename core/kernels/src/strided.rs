//! Numbers in rows, with room between the rows.

use super::LANES;

/// Which numbers of some slices are meant: the first few of every so many.
#[derive(Debug, Clone, Copy)]
pub struct Strided {
    /// How many numbers a row has.
    pub columns: usize,
    /// The distance from the beginning of a row to that of the next.
    pub stride: usize,
}

impl Strided {
    /// All of so many numbers.
    pub fn all(length: usize) -> Self {
        Self { columns: length, stride: length }
    }

    /// Changes each number of some slices by the one beside it, in vectors of 16 and of 4 as far as they go.
    #[inline(always)]
    pub(super) fn for_each<const N: usize>(
        self,
        changed: [&mut [f32]; N],
        beside: &[f32],
        mut change: impl FnMut([&mut f32; N], f32),
    ) {
        // Without room between them, the rows are a single one.
        let Self { columns, stride } = if self.columns == self.stride { Self::all(beside.len()) } else { self };
        let mut changed = changed.map(|slice| slice.chunks_mut(stride.max(1)));
        for beside in beside.chunks(stride.max(1)) {
            let mut rows = changed.each_mut().map(|rows| &mut rows.next().unwrap_or_default()[..columns]);
            let whole = columns - columns % LANES;
            for first in (0..whole).step_by(LANES) {
                change_some::<LANES, N>(&mut rows, beside, first, &mut change);
            }
            let quarters = columns - columns % 4;
            for first in (whole..quarters).step_by(4) {
                change_some::<4, N>(&mut rows, beside, first, &mut change);
            }
            for first in quarters..columns {
                change_some::<1, N>(&mut rows, beside, first, &mut change);
            }
        }
    }
}

#[inline(always)]
fn change_some<const W: usize, const N: usize>(
    rows: &mut [&mut [f32]; N],
    beside: &[f32],
    first: usize,
    change: &mut impl FnMut([&mut f32; N], f32),
) {
    let mut values: [[f32; W]; N] = rows.each_ref().map(|row| {
        let mut values = [0.0; W];
        values.copy_from_slice(&row[first..][..W]);
        values
    });
    let beside = &beside[first..][..W];
    for lane in 0..W {
        change(values.each_mut().map(|values| &mut values[lane]), beside[lane]);
    }
    for (row, values) in rows.iter_mut().zip(&values) {
        row[first..][..W].copy_from_slice(values);
    }
}
