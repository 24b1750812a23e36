//! A training step takes no memory from the system: an epoch of many steps allocates as often as one of few.
#![allow(unsafe_code)] // A global allocator can be written in no other way.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use ch11_core::data::{Augmentation, Dataset};
use ch11_core::nets::{Dropout, Hidden, Linear, NormalisedHidden, build};
use ch11_core::train::{Classification, Decay, Recipe, TrainingState, train_epoch};

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Network = (Hidden<784, 100>, NormalisedHidden<100, 50>, (Dropout, Linear<50, 3>));

fn pixels(rows: usize) -> Dataset<784> {
    let pixels = (0..rows * 784).map(|index| if index % 5 == 0 { (index % 251) as u8 } else { 0 }).collect();
    Dataset::from_pixels(pixels, (0..rows).map(|row| (row % 3) as u8).collect(), 3)
}

/// Counts the allocations of the first epoch, which makes all buffers, and of the second one, which uses them again, of
/// training on `steps` batches of 20.
fn allocations(steps: usize, threads: usize, augmentation: Augmentation) -> [usize; 2] {
    let (train, validation) = (pixels(20 * steps), pixels(10));
    let [batch_size, epochs] = [20, 2].map(|number| NonZeroUsize::new(number).unwrap());
    let settings =
        Recipe { batch_size, ema_decay: Decay::new(0.99), epochs, patience: epochs, ..Recipe::DEEP_NET }.seeded(1);
    let mut network: Network = build(1);
    network.2.0.rate = 0.1;
    let task = Classification::<784, 3>::new(&train, &validation).on_threads(threads).augmented(augmentation);
    let mut state = TrainingState::new(network, &settings);
    [(); 2].map(|()| {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        train_epoch(&task, &settings.recipe, &mut state).unwrap();
        ALLOCATIONS.load(Ordering::Relaxed) - before
    })
}

#[test]
fn a_step_allocates_nothing() {
    for augmentation in [Augmentation::OFF, Augmentation::ELASTIC] {
        nothing_is_allocated_in_a_step(augmentation);
    }
}

fn nothing_is_allocated_in_a_step(augmentation: Augmentation) {
    // Fewer are not worth a second thread.
    let [alone, together] = [1, 2].map(|threads| {
        let [[_, few], [first, many]] = [130, 175].map(|steps| allocations(steps, threads, augmentation));
        assert!(few > 0, "nothing was counted");
        assert_eq!(few, many, "{threads} threads: 45 more steps have allocated {} times", many.abs_diff(few));
        assert!(first > many, "the buffers are made once: {first} times, then {many} times");
        first
    });
    assert!(together > alone, "a second thread takes memory of its own: {together} times, {alone} for one thread");
}
