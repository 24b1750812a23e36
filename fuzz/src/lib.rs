//! What all fuzzers share: a limit on the memory that a reader may ask for, whether it uses it or not.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

pub use libfuzzer_sys::fuzz_target;

/// Fuzzers give inputs of some kilobytes.
pub const USUAL_BYTES: usize = 64 << 20;

struct Limited {
    bytes: AtomicUsize,
    most: AtomicUsize,
}

#[global_allocator]
static MEMORY: Limited = Limited { bytes: AtomicUsize::new(0), most: AtomicUsize::new(USUAL_BYTES) };

/// Sets how many bytes there may be at once.
pub fn limit_memory(bytes: usize) {
    MEMORY.most.store(bytes, Ordering::Relaxed);
}

// SAFETY: every call is passed on to the system's allocator as it is, or ends the process.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.bytes.fetch_add(layout.size(), Ordering::Relaxed) + layout.size() > self.most.load(Ordering::Relaxed) {
            std::process::abort();
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.bytes.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Makes a fuzzer of a reader: it may refuse what it is given, but not panic.
#[macro_export]
macro_rules! fuzz {
    ($reader:path) => {
        $crate::fuzz!($reader, $crate::USUAL_BYTES);
    };
    ($reader:path, $most_bytes:expr) => {
        $crate::fuzz_target!(|bytes: &[u8]| {
            $crate::limit_memory($most_bytes);
            let _ = $reader(bytes);
        });
    };
}
