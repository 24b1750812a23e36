//! The readers of pictures and searches, for the fuzzers in `fuzz/` and the test of what they found: each takes what a file might hold.
//!
//! Each returns the reader's error, and panics if something that was read cannot be used.

use std::num::NonZeroUsize;

use ch11_core::fuzzing::{path, settings};
use image::metadata::Orientation;
use image::{Rgba, RgbaImage};

use crate::picture::Ink;
use crate::search::{self, FoldCount, Search, Space};
use crate::{Error, Result};

/// Reads a picture of a digit.
///
/// # Errors
/// If it is none, or shows nothing.
pub fn picture(bytes: &[u8]) -> Result<()> {
    let pixels = Ink::of_file(bytes, path())?.normalised();
    assert_eq!(pixels.and_then(|pixels| pixels.into_iter().max()), Some(255));
    Ok(())
}

/// Finds the digit in the pixels of a picture: its width, how often each pixel is repeated both ways, whether some are transparent, and then
/// a byte for each that is grey, and another if it may be transparent.
///
/// # Errors
/// If they show nothing, or several digits.
pub fn pixels(bytes: &[u8]) -> Result<()> {
    let (&[width, scale, alpha], values) = bytes.split_first_chunk().unwrap_or((&[1, 1, 0], &[]));
    let (width, scale, each) = (u32::from(width).max(1), u32::from(scale % 4) + 1, usize::from(alpha % 2) + 1);
    let pixels: Vec<&[u8]> = values.chunks_exact(each).collect();
    let height = pixels.len() as u32 / width;
    let picture = RgbaImage::from_fn(width * scale, height * scale, |x, y| {
        let pixel = pixels[(y / scale * width + x / scale) as usize];
        let [grey, alpha] = [pixel[0], pixel.get(1).copied().unwrap_or(255)];
        Rgba([grey, grey, grey, alpha])
    });
    let ink = Ink::of_image(picture.into(), Orientation::NoTransforms, path())?;
    assert_eq!(ink.normalised().and_then(|pixels| pixels.into_iter().max()), Some(255));
    Ok(())
}

/// Reads the trials of a search from its journal.
///
/// # Errors
/// If a line is no trial of this search.
pub fn journal(bytes: &[u8]) -> Result<()> {
    let search = a_search();
    for record in search::parse(bytes, path(), &search)? {
        assert!(record.trial.fold < search.folds.get() && record.trial.candidate < search.candidates.get());
    }
    Ok(())
}

/// Reads the description of a search.
///
/// # Errors
/// If it is none.
pub fn search(bytes: &[u8]) -> Result<()> {
    let begun = search::parse_description(bytes, path())?;
    assert_eq!(a_search().differences(&begun).len(), begun.differences(&a_search()).len());
    Ok(())
}

/// Reads a search's space from TOML.
///
/// # Errors
/// If it is not text, or the space cannot be searched.
pub fn space(bytes: &[u8]) -> Result<()> {
    let problem = |problem| Error::Space { path: path().to_owned(), problem };
    let text = std::str::from_utf8(bytes).map_err(|error| problem(error.to_string()))?;
    let space = Space::from_toml(text).map_err(problem)?;
    let candidates = space.sample(10, 1);
    assert_eq!(candidates.len(), space.size().min(10));
    assert!(candidates.iter().all(|candidate| candidate.width > 0 && candidate.learning_rate > 0.0));
    Ok(())
}

fn a_search() -> Search {
    let space = Space { width: vec![10, 30, 50], ..Space::default() };
    let number = NonZeroUsize::MIN.saturating_add(2);
    let folds = const { FoldCount::new(2).unwrap() };
    let (settings, data) = (settings(), "drawn".to_owned());
    Search { space, candidates: number, folds, halving: true, settings, data }
}
