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
        let mut products = [(); 3].map(|()| vec![0.25; BLOCK * columns]);
        let [a, b, _] = products.each_mut().map(|product| rows(product, columns));
        sparse.add_transposed_product(&batch, 0, right(), columns, a);
        of_floats.add_transposed_product(&batch, 0, right(), columns, b);
        let left = Left::transposed(&whole, 100, 30, 100);
        add_product(left, right(), columns, Onto::Product, rows(&mut products[2], columns));
        assert!(products[0] == products[2] && products[1] == products[2], "{columns}");
    }
}

#[test]
fn finds_what_is_not_0_block_by_block() {
    let mut pixels = [0_u8; 2 * 250];
    for (at, pixel) in [(0, 9), (111, 8), (112, 7), (249, 6), (250 + 230, 5)] {
        pixels[at] = pixel;
    }
    let rows = SparseRows::of(&pixels, 250);
    assert_eq!(rows.blocks(0, 0..3), ([9, 8, 7, 6].as_slice(), [0, 111, 112, 249].as_slice()));
    assert_eq!(rows.blocks(0, 0..1), ([9, 8].as_slice(), [0, 111].as_slice()));
    assert_eq!(rows.blocks(1, 0..2).0.len(), 0);
    assert_eq!(rows.blocks(1, 2..3), ([5].as_slice(), [230].as_slice()));
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
        for row in 0..rows.count() {
            assert_eq!(rows.blocks(row, 0..7), expected.blocks(row, 0..7));
        }
    }
}

#[test]
fn dropout_leaves_out_new_zeros() {
    let mut dropped = SparseRows::with_capacity(2, 2);
    let kept = [[1, 1].as_slice(), &[0, 1]];
    dropped.drop_out(&SparseRows::of(&[1.0, 0.0, 2.0, 3.0], 2), &[1, 0], 0.5, kept.into_iter());
    assert_eq!(dropped.blocks(0, 0..1), ([4.0, 6.0].as_slice(), [0, 1].as_slice()));
    assert_eq!(dropped.blocks(1, 0..1), ([].as_slice(), [].as_slice()));
}
