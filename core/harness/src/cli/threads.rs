//! The threads that a command works on.

use std::num::NonZeroUsize;

use anyhow::anyhow;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Starts so many threads, of which the calling one is the first, so that one needs no other. All that is done side by side on the calling
/// thread is done by them from here on; none are started behind its back.
pub(crate) fn start(count: NonZeroUsize) -> anyhow::Result<ThreadPool> {
    let started = ThreadPoolBuilder::new().num_threads(count.get()).use_current_thread().build();
    // Its cause is in its text already.
    started.map_err(|error| {
        anyhow!("--threads {count}: cannot start as many: {error}; ask for fewer, --threads 1 needs no other thread")
    })
}
