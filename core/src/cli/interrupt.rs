//! Stopping in good order.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user, or the system, has asked the program to stop.
#[derive(Debug, Clone, Copy)]
pub struct Interrupt(&'static AtomicBool);

/// The exit status of a program that was interrupted.
pub(super) const INTERRUPTED: u8 = 130;

impl Interrupt {
    /// Starts listening to Ctrl-C and to requests to terminate. The first is only remembered; a second ends the program at once.
    pub fn listen() -> Self {
        static ASKED: AtomicBool = AtomicBool::new(false);
        static LISTENING: OnceLock<bool> = OnceLock::new();
        LISTENING.get_or_init(|| {
            let handler = || {
                if ASKED.swap(true, Ordering::SeqCst) {
                    std::process::exit(INTERRUPTED.into());
                }
            };
            // Where no handler can be set, Ctrl-C ends the program at once and the last checkpoint is what remains.
            ctrlc::set_handler(handler).is_ok()
        });
        Self(&ASKED)
    }

    /// Tells whether the program was asked to stop.
    pub fn asked(self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
