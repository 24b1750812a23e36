//! Images of digits, distorted: each pixel is taken from another place, between four pixels.
//!
//! Nothing here is a fused multiply-add, so that an image has the same bytes on every processor.
#![allow(unsafe_code)] // `multiversion` calls the version it picks through a checked function pointer.

use multiversion::multiversion;

use super::smooth_field::{MOST_NODES, SIDE, STRIDE, SmoothField, smooth_columns};

/// An image with a border of black pixels, and room after it.
const BORDERED: usize = 1024;

/// Where a pixel comes from: `x' = xx x + xy y + x0` and `y' = yx x + yy y + y0`, in pixels from the middle of the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// `[xx, xy, x0]`.
    pub x: [f32; 3],
    /// `[yx, yy, y0]`.
    pub y: [f32; 3],
}

/// How far a pixel comes from beside that place: across and down, each a smooth field of random numbers.
#[derive(Debug, Clone, Copy)]
pub struct Displacement<'a> {
    /// What the numbers weigh at each pixel.
    pub field: &'a SmoothField,
    /// The numbers at the nodes, `(nodes, 16)` of which the first `nodes` of each row count: across, and down.
    pub numbers: [&'a [[f32; MOST_NODES]]; 2],
}

/// Draws an image of 28 x 28 pixels, `(784)`, distorted, into `drawn`, `(784)`.
///
/// What comes from between four pixels is interpolated (bilinear) and rounded; what comes from beyond the image is black.
///
/// # Panics
/// If either has not 784 pixels, or there are too few numbers.
pub fn warp(image: &[u8], affine: Affine, displacement: Option<Displacement<'_>>, drawn: &mut [u8]) {
    assert!(image.len() == SIDE * SIDE && drawn.len() == SIDE * SIDE, "an image has 784 pixels");
    warp_versions(image, affine, displacement, drawn);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn warp_versions(image: &[u8], affine: Affine, displacement: Option<Displacement<'_>>, drawn: &mut [u8]) {
    warp_by(image, affine, displacement, drawn);
}

#[inline(always)]
fn warp_by(image: &[u8], affine: Affine, displacement: Option<Displacement<'_>>, drawn: &mut [u8]) {
    let corners = corners_of(image);
    let mut sums = [[[0.0; MOST_NODES]; SIDE]; 2];
    if let Some(Displacement { field, numbers: [across, down] }) = displacement {
        smooth_columns(field, across, &mut sums[0]);
        smooth_columns(field, down, &mut sums[1]);
    }
    for (y, row) in drawn.chunks_exact_mut(SIDE).enumerate() {
        let mut places = affine_row(affine, y);
        if let Some(Displacement { field, .. }) = displacement {
            displace(field, [&sums[0][y], &sums[1][y]], &mut places);
        }
        row.copy_from_slice(&sample(&corners, &places)[..SIDE]);
    }
}

/// Returns, for each place between four pixels, these four in one number: rows of 32 from that above and left of the image
/// on, where all but the last is black.
#[inline(always)]
fn corners_of(image: &[u8]) -> [u32; BORDERED] {
    let mut bordered = [0; BORDERED + STRIDE + 1];
    for (row, from) in bordered[STRIDE + 1..].chunks_mut(STRIDE).zip(image.chunks_exact(SIDE)) {
        row[..SIDE].copy_from_slice(from);
    }
    let mut corners = [0; BORDERED];
    let [right, below, across] = [1, STRIDE, STRIDE + 1].map(|offset| &bordered[offset..][..BORDERED]);
    for at in 0..BORDERED {
        corners[at] = u32::from_le_bytes([bordered[at], right[at], below[at], across[at]]);
    }
    corners
}

/// Returns where the pixels of row `y` come from: `[x', y']`, from the middle of the first pixel of the border.
#[inline(always)]
fn affine_row(Affine { x: [xx, xy, x0], y: [yx, yy, y0] }: Affine, y: usize) -> [[f32; STRIDE]; 2] {
    const MIDDLE: f32 = (SIDE - 1) as f32 / 2.0;
    let y = y as f32 - MIDDLE;
    let (x_start, y_start) = (xy * y + x0 + (MIDDLE + 1.0), yy * y + y0 + (MIDDLE + 1.0));
    let [mut across, mut down] = [[0.0; STRIDE]; 2];
    for (column, (across, down)) in across.iter_mut().zip(&mut down).enumerate() {
        let x = column as f32 - MIDDLE;
        (*across, *down) = (xx * x + x_start, yx * x + y_start);
    }
    [across, down]
}

/// Adds the displacements of a row of pixels, of which the columns of nodes are summed up already.
#[inline(always)]
fn displace(field: &SmoothField, sums: [&[f32; MOST_NODES]; 2], places: &mut [[f32; STRIDE]; 2]) {
    let [mut x, mut y] = *places;
    for ((weights, across), down) in field.weights.iter().zip(sums[0]).zip(sums[1]) {
        for column in 0..STRIDE {
            x[column] += across * weights[column];
            y[column] += down * weights[column];
        }
    }
    *places = [x, y];
}

/// Takes a row of pixels from these places.
#[inline(always)]
fn sample(corners: &[u32; BORDERED], [x, y]: &[[f32; STRIDE]; 2]) -> [u8; STRIDE] {
    let (mut at, mut right, mut below) = ([0_u32; STRIDE], [0.0; STRIDE], [0.0; STRIDE]);
    for column in 0..STRIDE {
        let (x, y) = (within(x[column]), within(y[column]));
        // SAFETY: both are from 0 to 29.
        let (whole_x, whole_y) = unsafe { (x.to_int_unchecked::<i32>(), y.to_int_unchecked::<i32>()) };
        at[column] = (whole_y * STRIDE as i32 + whole_x) as u32;
        (right[column], below[column]) = (x - whole_x as f32, y - whole_y as f32);
    }
    let mut four = [0; STRIDE];
    for column in 0..STRIDE {
        four[column] = corners[at[column] as usize % BORDERED];
    }
    let mut row = [0; STRIDE];
    for column in 0..STRIDE {
        let four = four[column] as i32;
        let (a, b) = ((four & 255) as f32, (four >> 8 & 255) as f32);
        let (c, d) = ((four >> 16 & 255) as f32, (four >> 24 & 255) as f32);
        let upper = a + right[column] * (b - a);
        let lower = c + right[column] * (d - c);
        row[column] = rounded(upper + below[column] * (lower - upper));
    }
    row
}

/// Returns the nearest place that is not beyond the border, which is black.
#[inline(always)]
fn within(place: f32) -> f32 {
    const LAST: f32 = (SIDE + 1) as f32;
    let place = if place > 0.0 { place } else { 0.0 };
    if place < LAST { place } else { LAST }
}

/// Rounds a number from 0 to 255: adding 2^23 to it leaves no room for a fraction.
#[inline(always)]
fn rounded(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::value;

    const IDENTITY: Affine = Affine { x: [1.0, 0.0, 0.0], y: [0.0, 1.0, 0.0] };

    /// Grey levels without a pattern, up to the edges.
    fn noise() -> Vec<u8> {
        (0..SIDE * SIDE).map(|pixel| (pixel * 7919 % 251) as u8).collect()
    }

    fn warped(image: &[u8], affine: Affine, displacement: Option<Displacement<'_>>) -> Vec<u8> {
        let mut drawn = vec![9; SIDE * SIDE];
        warp(image, affine, displacement, &mut drawn);
        drawn
    }

    fn numbers(strength: f32) -> [Vec<[f32; MOST_NODES]>; 2] {
        let row = |first: usize| std::array::from_fn(|at| strength * 2.0 * value(first + at * 13));
        [0, 5000].map(|first| (0..MOST_NODES).map(|node| row(first + node * 101)).collect())
    }

    fn displacement<'a>(field: &'a SmoothField, numbers: &'a [Vec<[f32; MOST_NODES]>; 2]) -> Displacement<'a> {
        Displacement { field, numbers: numbers.each_ref().map(Vec::as_slice) }
    }

    #[test]
    fn without_strength_nothing_changes() {
        let (field, none) = (SmoothField::new(4.0), numbers(0.0));
        assert_eq!(warped(&noise(), IDENTITY, None), noise());
        assert_eq!(warped(&noise(), IDENTITY, Some(displacement(&field, &none))), noise());
    }

    #[test]
    fn a_shift_by_whole_pixels_moves_rows_and_lets_nothing_in_on_the_other_side() {
        let image = noise();
        for (across, down) in [(1, 0), (-3, 0), (0, 2), (0, -5), (7, -11), (27, 27), (-28, 0), (0, 40), (1000, -1000)] {
            let at = |x: i32, y: i32| {
                let inside = (0..SIDE as i32).contains(&x) && (0..SIDE as i32).contains(&y);
                if inside { image[(y * SIDE as i32 + x) as usize] } else { 0 }
            };
            let moved: Vec<u8> = (0..SIDE as i32)
                .flat_map(|y| (0..SIDE as i32).map(move |x| (x - across, y - down)))
                .map(|(x, y)| at(x, y))
                .collect();
            let affine = Affine { x: [1.0, 0.0, -across as f32], y: [0.0, 1.0, -down as f32] };
            assert_eq!(warped(&image, affine, None), moved, "{across}, {down}");
        }
    }

    #[test]
    fn between_pixels_grey_levels_are_interpolated() {
        let mut image = vec![0; SIDE * SIDE];
        image[10 * SIDE + 10] = 200;
        let drawn = warped(&image, Affine { x: [1.0, 0.0, 0.25], y: [0.0, 1.0, 0.5] }, None);
        // A quarter of the pixel moves to the left, and half of each up.
        let found: Vec<(usize, u8)> = drawn.into_iter().enumerate().filter(|(_, grey)| *grey > 0).collect();
        let corner = 9 * SIDE + 9;
        assert_eq!(found, [(corner, 25), (corner + 1, 75), (corner + SIDE, 25), (corner + SIDE + 1, 75)]);
    }

    #[test]
    fn black_stays_black() {
        let (field, numbers) = (SmoothField::new(4.0), numbers(30.0));
        let affine = Affine { x: [0.9, 0.2, 1.3], y: [-0.3, 1.1, -0.7] };
        assert_eq!(warped(&[0; SIDE * SIDE], affine, Some(displacement(&field, &numbers))), [0; SIDE * SIDE]);
    }

    #[test]
    fn all_processors_draw_the_same_bytes() {
        let (field, numbers) = (SmoothField::new(4.0), numbers(30.0));
        let affine = Affine { x: [0.95, 0.1, 1.3], y: [-0.12, 1.04, -0.7] };
        for displacement in [None, Some(displacement(&field, &numbers))] {
            let mut plainly = vec![0; SIDE * SIDE];
            warp_by(&noise(), affine, displacement, &mut plainly);
            assert_eq!(warped(&noise(), affine, displacement), plainly);
        }
        assert_ne!(warped(&noise(), affine, None), warped(&noise(), affine, Some(displacement(&field, &numbers))));
    }
}
