//! Stopping in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether the user, or the system, has asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    status: Arc<AtomicUsize>,
}

/// What a shell adds to the number of the signal that a program ended by.
const SIGNALLED: u8 = 128;

impl Interrupt {
    /// Starts to listen to Ctrl-C and to requests to terminate. The first is only remembered; a second ends the program at once.
    ///
    /// Where no handler can be set, the first one ends the program, and the last checkpoint is what remains.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let status = status_of(signal);
            // In this order: a signal ends the program only if an earlier one has set the flag.
            let _ = flag::register_conditional_shutdown(signal, status.into(), Arc::clone(&interrupt.asked));
            let _ = flag::register_usize(signal, Arc::clone(&interrupt.status), status.into());
            let _ = flag::register(signal, Arc::clone(&interrupt.asked));
        }
        interrupt
    }

    /// Tells whether the program was asked to stop.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Returns the exit status of a program that stops because it was asked to: 130 after Ctrl-C, 143 after a request to terminate.
    pub(super) fn status(&self) -> u8 {
        u8::try_from(self.status.load(Ordering::SeqCst)).ok().filter(|&status| status > 0).unwrap_or(status_of(SIGINT))
    }
}

fn status_of(signal: i32) -> u8 {
    u8::try_from(signal).map_or(SIGNALLED, |signal| SIGNALLED.saturating_add(signal))
}
