//! What a processor does at most: the yardstick of `peers/compare.py`.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use ch11_kernels::{LANES, Left, Onto, Rows, add_product};

/// Columns of the products: seven AVX-512 vectors, as many as `add_product` keeps in registers.
const COLUMNS: usize = 7 * LANES;

/// Times 10^9 multiply-adds, shared by so many threads.
///
/// Each thread multiplies, again and again, 48 x 64 numbers by 64 x 112, which stay in the nearest caches, in blocks of three rows by
/// seven vectors: what suits [`add_product`] best.
pub fn time_multiply_adds(threads: NonZeroUsize) -> Duration {
    time_products(threads, 48, 64, 1_000_000_000 / (48 * 64 * COLUMNS))
}

/// Times reading 10^9 bytes from the second-nearest cache, shared by so many threads.
///
/// Each thread multiplies, again and again, a row of 1,024 numbers by a matrix of 448 KiB, of which it uses each number once: more than
/// the nearest cache holds, and less than the next.
pub fn time_reading(threads: NonZeroUsize) -> Duration {
    time_products(threads, 1, 1024, 1_000_000_000 / (1024 * COLUMNS * size_of::<f32>()))
}

/// Times so many products of `rows` x `depth` by `depth` x [`COLUMNS`] numbers, shared by the threads, which begin together.
fn time_products(threads: NonZeroUsize, rows: usize, depth: usize, products: usize) -> Duration {
    let (barrier, share) = (Barrier::new(threads.get()), products / threads);
    let work = || {
        let (left, right) = (vec![0.5; rows * depth], vec![0.5; depth * COLUMNS]);
        let mut product = vec![0.0; rows * COLUMNS];
        let mut multiply = || {
            let left = Left::plain(black_box(&left), rows, depth, depth);
            let right = Rows { values: &right[..], stride: COLUMNS };
            add_product(left, right, COLUMNS, Onto::Zero, Rows { values: &mut product[..], stride: COLUMNS });
        };
        multiply();
        barrier.wait();
        let started = Instant::now();
        (0..share).for_each(|_| multiply());
        started.elapsed()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.get()).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).max().unwrap_or_default()
    })
}
