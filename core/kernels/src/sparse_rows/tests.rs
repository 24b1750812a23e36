//! Products against those of full rows.

use super::*;
use crate::tests::value;
use crate::{Left, add_product};

#[test]
fn zeros_may_be_left_out() {
    let pixels: Vec<u8> = (0..3000).map(|at| if at % 3 == 0 { (at % 251) as u8 } else { 0 }).collect();
    let whole: Vec<f32> = pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect();
    let (sparse, of_floats) = (SparseRows::of(&pixels, 100), SparseRows::of(&whole, 100));
    let batch: Vec<usize> = (0..30).collect();
    assert!(sparse.count() == 30 && sparse.numbers.len() < 1000);
    for columns in [1, 5, 16, 52, 100, 130] {
        let right: Vec<f32> = (0..100 * columns).map(|index| value(index + 3)).collect();
        let right = || Rows { values: right.as_slice(), stride: columns };
        fn rows(values: &mut [f32], stride: usize) -> Rows<&mut [f32]> {
            Rows { values, stride }
        }
        for onto in [Onto::Zero, Onto::Row(&right().values[..columns]), Onto::Product] {
            let mut products = [(); 3].map(|()| vec![0.25; 30 * columns]);
            let [a, b, c] = products.each_mut().map(|product| rows(product, columns));
            sparse.add_product(&batch, right(), columns, onto, a);
            of_floats.add_product(&batch, right(), columns, onto, b);
            add_product(Left::plain(&whole, 30, 100, 100), right(), columns, onto, c);
            assert!(products[0] == products[2] && products[1] == products[2], "{columns}, {onto:?}");
        }
    }
}

#[test]
fn zeros_may_be_left_out_of_a_transpose() {
    const ROWS: usize = 150;
    let pixels: Vec<u8> = (0..ROWS * 100).map(|at| if at * 31 % 7 < 2 { (at % 251) as u8 } else { 0 }).collect();
    let whole: Vec<f32> = pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect();
    let (sparse, of_floats) = (SparseRows::of(&pixels, 100), SparseRows::of(&whole, 100));
    for (rows, columns) in [(1, 100), (30, 5), (63, 16), (64, 52), (65, 100), (ROWS, 130), (ROWS, 1)] {
        let right: Vec<f32> = (0..rows * columns).map(|index| value(index + 3)).collect();
        let right = || Rows { values: right.as_slice(), stride: columns };
        let batch: Vec<usize> = (0..rows).collect();
        let mut products = [(); 3].map(|()| vec![0.25; 2 * BLOCK * columns]);
        for (block, first) in [0, BLOCK * columns].into_iter().enumerate() {
            let [a, b, _] = products.each_mut().map(|product| Rows { values: &mut product[first..], stride: columns });
            sparse.transposed_product(&batch, block, right(), columns, a);
            of_floats.transposed_product(&batch, block, right(), columns, b);
        }
        let to = Rows { values: products[2].as_mut_slice(), stride: columns };
        add_product(Left::transposed(&whole, 100, rows, 100), right(), columns, Onto::Zero, to);
        products.iter_mut().for_each(|product| product.truncate(100 * columns));
        assert!(products[0] == products[2] && products[1] == products[2], "({rows}, {columns})");
    }
}

/// The numbers of a block of a row, with their columns.
fn found<T: Number>(rows: &SparseRows<T>, row: usize, block: usize) -> Vec<(usize, T)> {
    let (numbers, columns) = rows.block(row, block);
    assert_eq!(numbers.len(), columns.count_ones() as usize);
    ones(columns).map(|column| block * BLOCK + column).zip(numbers.iter().copied()).collect()
}

#[test]
fn finds_what_is_not_0_block_by_block() {
    for width in [1, 7, 8, 55, 56, 57, 61, 100, 250] {
        let pixels: Vec<u8> = (0..2 * width).map(|at| if at * 7919 % 5 < 2 { at as u8 | 1 } else { 0 }).collect();
        let rows = SparseRows::of(&pixels, width);
        for (row, pixels) in pixels.chunks(width).enumerate() {
            let expected: Vec<(usize, u8)> =
                pixels.iter().copied().enumerate().filter(|(_, pixel)| *pixel > 0).collect();
            let all: Vec<(usize, u8)> = (0..rows.blocks).flat_map(|block| found(&rows, row, block)).collect();
            assert_eq!(all, expected, "{width}");
        }
    }
}

#[test]
fn other_rows_take_the_place_of_those_before() {
    let image = |seed: usize| -> Vec<u8> {
        (0..2 * 784).map(|at| if (at / 20 + seed).is_multiple_of(3) { ((at + seed) % 251) as u8 } else { 0 }).collect()
    };
    let mut rows = SparseRows::of(&image(1), 784);
    for pixels in [image(2), image(3)[..784].to_vec(), image(4)] {
        rows.refill(&pixels, 784);
        let expected = SparseRows::of(&pixels, 784);
        assert_eq!(rows.count(), expected.count());
        for (row, block) in (0..rows.count()).flat_map(|row| (0..rows.blocks).map(move |block| (row, block))) {
            assert_eq!(rows.block(row, block), expected.block(row, block));
        }
    }
}

#[test]
fn dropout_leaves_out_new_zeros() {
    let mut dropped = SparseRows::with_capacity(2, 2);
    let kept = [[1, 1].as_slice(), &[0, 1]];
    dropped.drop_out(&SparseRows::of(&[1.0, 0.0, 2.0, 3.0], 2), &[1, 0], 0.5, kept.into_iter());
    assert_eq!(dropped.count(), 2);
    assert_eq!(found(&dropped, 0, 0), [(0, 4.0), (1, 6.0)]);
    assert_eq!(found(&dropped, 1, 0), []);
}
