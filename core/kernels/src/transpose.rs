//! Transposed copies of matrices.
#![allow(unsafe_code)] // Vector instructions, and the call of a function that has them.

use super::Rows;

/// The side of the blocks that are transposed in registers: a vector of AVX.
const SIDE: usize = 8;

/// Writes the transpose of `matrix`, `(rows, columns)`.
///
/// # Panics
/// If a matrix has too few values.
pub fn transpose(matrix: Rows<&[f32]>, rows: usize, columns: usize, transposed: Rows<&mut [f32]>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the processor has AVX.
        return unsafe { transpose_with_avx(matrix, rows, columns, transposed) };
    }
    transpose_by(transpose_plainly, matrix, rows, columns, transposed);
}

/// Transposes block by block: whole blocks by `whole`, and what is left of rows and columns plainly.
#[inline(always)]
fn transpose_by(
    whole: impl Fn(&[f32], usize, &mut [f32], usize),
    Rows { values: matrix, stride }: Rows<&[f32]>,
    rows: usize,
    columns: usize,
    Rows { values: transposed, stride: to_stride }: Rows<&mut [f32]>,
) {
    for row in (0..rows).step_by(SIDE) {
        for column in (0..columns).step_by(SIDE) {
            let (matrix, transposed) = (&matrix[row * stride + column..], &mut transposed[column * to_stride + row..]);
            if rows - row >= SIDE && columns - column >= SIDE {
                whole(matrix, stride, transposed, to_stride);
                continue;
            }
            for row in 0..SIDE.min(rows - row) {
                for column in 0..SIDE.min(columns - column) {
                    transposed[column * to_stride + row] = matrix[row * stride + column];
                }
            }
        }
    }
}

fn transpose_plainly(matrix: &[f32], stride: usize, transposed: &mut [f32], to_stride: usize) {
    for row in 0..SIDE {
        for column in 0..SIDE {
            transposed[column * to_stride + row] = matrix[row * stride + column];
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
fn transpose_with_avx(matrix: Rows<&[f32]>, rows: usize, columns: usize, transposed: Rows<&mut [f32]>) {
    transpose_by(
        |from, stride, to, to_stride| transpose_block(from, stride, to, to_stride),
        matrix,
        rows,
        columns,
        transposed,
    );
}

/// Transposes pairs of numbers, then pairs of pairs, then halves of vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
fn transpose_block(matrix: &[f32], stride: usize, transposed: &mut [f32], to_stride: usize) {
    use std::arch::x86_64::{
        __m256, _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_unpackhi_ps,
        _mm256_unpacklo_ps,
    };
    let mut rows: [__m256; SIDE] = std::array::from_fn(|row| {
        let row = &matrix[row * stride..][..SIDE];
        // SAFETY: a row has as many numbers as a vector.
        unsafe { _mm256_loadu_ps(row.as_ptr()) }
    });
    for [a, b] in rows.as_chunks_mut().0 {
        (*a, *b) = (_mm256_unpacklo_ps(*a, *b), _mm256_unpackhi_ps(*a, *b));
    }
    for [a, b, c, d] in rows.as_chunks_mut().0 {
        (*a, *b, *c, *d) = (
            _mm256_shuffle_ps::<0x44>(*a, *c),
            _mm256_shuffle_ps::<0xee>(*a, *c),
            _mm256_shuffle_ps::<0x44>(*b, *d),
            _mm256_shuffle_ps::<0xee>(*b, *d),
        );
    }
    for column in 0..SIDE / 2 {
        let (a, b) = (rows[column], rows[column + SIDE / 2]);
        rows[column] = _mm256_permute2f128_ps::<0x20>(a, b);
        rows[column + SIDE / 2] = _mm256_permute2f128_ps::<0x31>(a, b);
    }
    for (column, values) in rows.into_iter().enumerate() {
        let to = &mut transposed[column * to_stride..][..SIDE];
        // SAFETY: a row has as many numbers as a vector.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), values) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::value;

    #[test]
    fn a_transpose_is_turned_back() {
        for (rows, columns) in [(37, 21), (8, 16), (5, 100)] {
            let original: Vec<f32> = (0..rows * columns).map(value).collect();
            let (mut turned, mut plainly) = (vec![0.0; columns * 40], vec![0.0; columns * 40]);
            let from = || Rows { values: original.as_slice(), stride: columns };
            transpose(from(), rows, columns, Rows { values: &mut turned, stride: 40 });
            transpose_by(transpose_plainly, from(), rows, columns, Rows { values: &mut plainly, stride: 40 });
            assert_eq!(turned, plainly);
            assert_eq!(turned[3 * 40 + 4], original[4 * columns + 3]);
            let mut back = vec![0.0; rows * columns];
            transpose(Rows { values: &turned, stride: 40 }, columns, rows, Rows { values: &mut back, stride: columns });
            assert_eq!(back, original);
        }
    }
}
