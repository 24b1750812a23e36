//! What `epoch data` wrote, and pairs of it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

pub const PIXELS: usize = 784;
/// Pairs in an epoch, which are drawn from as many images, the first ones.
const PAIRS: usize = 50_000;

/// Images, `(n, 784)`, and their digits.
pub struct Set {
    pub x: Tensor<2>,
    pub labels: Vec<i32>,
}

impl Set {
    pub fn load(folder: &Path, name: &str, device: &Device) -> Result<Self> {
        let labels = read(&folder.join(format!("{name}.labels")))?;
        let pixels = TensorData::new(floats(&folder.join(format!("{name}.pixels")))?, [labels.len(), PIXELS]);
        let x = Tensor::from_data(pixels, &device.clone().inner());
        Ok(Self { x, labels: labels.into_iter().map(i32::from).collect() })
    }
}

pub fn floats(path: &Path) -> Result<Vec<f32>> {
    let bytes = read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}; `epoch data` writes it", path.display()))
}

/// The rows of two images, and 1 if they show different digits, or else 0.
pub struct Pair {
    pub first: i32,
    pub second: i32,
    pub different: i32,
}

/// Returns one number of each pair as a tensor.
pub fn rows(pairs: &[Pair], number: impl Fn(&Pair) -> i32, device: &Device) -> Tensor<1, Int> {
    Tensor::from_ints(&pairs.iter().map(number).collect::<Vec<i32>>()[..], device)
}

/// Draws an epoch of pairs. In half of each batch, digits are different; no image is paired with itself.
pub fn draw_pairs(labels: &[i32], batch: usize, rng: &mut SmallRng) -> Vec<Pair> {
    let mut digits = vec![Vec::new(); 10];
    for (row, label) in (0..).zip(&labels[..PAIRS]) {
        digits[*label as usize].push(row);
    }
    let mut pairs: Vec<Pair> = (0..PAIRS).map(|index| draw_pair(&digits, index % 2 == 1, rng)).collect();
    pairs.chunks_mut(batch).for_each(|batch| batch.shuffle(rng));
    pairs
}

fn draw_pair(digits: &[Vec<i32>], different: bool, rng: &mut SmallRng) -> Pair {
    let mut one_of = |count| rng.random_range(0..count);
    let digit = one_of(digits.len());
    let place = one_of(digits[digit].len());
    let second = if different {
        let other = &digits[(digit + 1 + one_of(digits.len() - 1)) % digits.len()];
        other[one_of(other.len())]
    } else {
        digits[digit][(place + 1 + one_of(digits[digit].len() - 1)) % digits[digit].len()]
    };
    Pair { first: digits[digit][place], second, different: i32::from(different) }
}
