//! Memory aligned for vectors.

use std::ops::{Deref, DerefMut};

use super::LANES;

/// The bytes of a vector of AVX-512, and of a cache line.
const VECTOR_BYTES: usize = LANES * size_of::<f32>();

/// Numbers that start at the beginning of a cache line: a vector that lies across two lines takes twice as long to
/// read.
#[derive(Debug, Default)]
pub struct Buffer {
    values: Vec<f32>,
    start: usize,
    length: usize,
}

impl Buffer {
    /// Makes a buffer of `length` numbers, all 0.
    pub fn zeros(length: usize) -> Self {
        if length == 0 {
            return Self::default();
        }
        let values = vec![0.0; length + LANES - 1];
        let start = values.as_ptr().align_offset(VECTOR_BYTES).min(LANES - 1);
        Self { values, start, length }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    #[inline]
    fn deref(&self) -> &[f32] {
        &self.values[self.start..][..self.length]
    }
}

impl DerefMut for Buffer {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..][..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_a_cache_line() {
        for length in [0, 1, 100, 5000] {
            let buffers = [(); 5].map(|()| Buffer::zeros(length));
            for buffer in &buffers {
                assert_eq!(buffer.len(), length);
                assert!(length == 0 || buffer.as_ptr().addr().is_multiple_of(VECTOR_BYTES));
            }
        }
    }
}
