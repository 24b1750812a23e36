//! Stopping in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether the user, or the system, has asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

/// The exit status of a program that was interrupted.
pub(super) const INTERRUPTED: u8 = 130;

impl Interrupt {
    /// Starts to listen to Ctrl-C and to requests to terminate. The first is only remembered; a second ends the program at once.
    ///
    /// Where no handler can be set, the first one ends the program, and the last checkpoint is what remains.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // In this order: a signal ends the program only if an earlier one has set the flag.
            let _ = flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&interrupt.0));
            let _ = flag::register(signal, Arc::clone(&interrupt.0));
        }
        interrupt
    }

    /// Tells whether the program was asked to stop.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
