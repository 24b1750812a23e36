//! A fit of 2,000 epochs: neither memory nor open files grow.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::num::NonZeroUsize;

use ch11_core::data::Dataset;
use ch11_core::nets::{Hidden, Linear, build};
use ch11_core::train::{Decay, History, Observer, Recipe, RunFolder, fit};

const EPOCHS: usize = 2_000;
const WARM_UP: usize = 100;

/// Looks at this process after every hundredth epoch.
#[derive(Default)]
struct Watch {
    resident_bytes: Vec<usize>,
    open_files: Vec<usize>,
}

impl Observer for Watch {
    fn epoch_ended(&mut self, history: &History) {
        if history.len().is_multiple_of(WARM_UP) {
            let statm = fs::read_to_string("/proc/self/statm").unwrap();
            let resident_pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
            self.resident_bytes.push(resident_pages * 4096);
            self.open_files.push(fs::read_dir("/proc/self/fd").unwrap().count());
        }
    }
}

#[test]
fn two_thousand_epochs_take_no_more_memory_and_files_than_a_hundred() {
    let epochs = NonZeroUsize::new(EPOCHS).unwrap();
    let settings = Recipe {
        batch_size: NonZeroUsize::new(16).unwrap(),
        ema_decay: Decay::new(0.9),
        epochs,
        patience: epochs,
        ..Recipe::DEEP_NET
    }
    .seeded(1);
    let points = |wrong: bool| {
        let pixels: Vec<u8> = (0..128_u8).map(|index| index.wrapping_mul(37)).collect();
        let labels = pixels.chunks(2).map(|point| u8::from((point[0] < point[1]) != wrong)).collect();
        Dataset::from_pixels(pixels, labels, 2)
    };
    // The better the network gets at the right labels, the worse at the wrong ones: the first epoch stays the best.
    let (train, validation) = (points(false), points(true));

    let temporary = tempfile::tempdir().unwrap();
    let (folder, _) = RunFolder::open(&temporary.path().join("run"), "points", 10, false).unwrap();
    let mut watch = Watch::default();
    let network = build::<(Hidden<2, 16>, Linear<16, 2>)>(1);
    let fitted = fit(network, &train, &validation, &settings, Some(&folder), &mut watch).unwrap();
    assert_eq!(fitted.history.len(), EPOCHS);

    let Watch { resident_bytes, open_files } = watch;
    assert_eq!(open_files.len(), EPOCHS / WARM_UP);
    assert!(open_files.iter().all(|&files| files == open_files[0]), "{open_files:?}");
    let grown = resident_bytes.iter().max().unwrap() - resident_bytes[0];
    // The history, and its copy while it is written, take 100 bytes per epoch.
    assert!(grown < 2 << 20, "{resident_bytes:?}");
}
