//! Threads that several fits share.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads of a program. Every fit that is going on takes an equal share of them when an epoch begins, so that fits go
/// on with the threads of those that have ended.
///
/// # Example
/// ```
/// use ch11_core::train::SharedThreads;
///
/// let threads = SharedThreads::new(4);
/// let first = threads.join();
/// assert_eq!(first.count(), 4);
/// let second = threads.join();
/// assert_eq!((first.count(), second.count()), (2, 2));
/// drop(first);
/// assert_eq!(second.count(), 4);
/// ```
#[derive(Debug)]
pub struct SharedThreads {
    count: usize,
    fits: AtomicUsize,
}

/// A fit's share of the threads, until it is dropped.
#[derive(Debug)]
pub struct ThreadShare<'a>(&'a SharedThreads);

/// How many threads a task works on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Threads<'a> {
    Fixed(usize),
    Shared(&'a ThreadShare<'a>),
}

impl Threads<'_> {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Fixed(count) => count,
            Self::Shared(share) => share.count(),
        }
    }
}

impl SharedThreads {
    /// Shares so many threads.
    pub fn new(count: usize) -> Self {
        Self { count, fits: AtomicUsize::new(0) }
    }

    /// Adds a fit to those that share them.
    pub fn join(&self) -> ThreadShare<'_> {
        self.fits.fetch_add(1, Ordering::Relaxed);
        ThreadShare(self)
    }
}

impl ThreadShare<'_> {
    /// Returns how many threads the fit may use now; at least 1.
    pub fn count(&self) -> usize {
        (self.0.count / self.0.fits.load(Ordering::Relaxed)).max(1)
    }
}

impl Drop for ThreadShare<'_> {
    fn drop(&mut self) {
        self.0.fits.fetch_sub(1, Ordering::Relaxed);
    }
}
