//! Stopping in good order.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use ch11_core::text::command_line;

/// Whether the user, or the system, has asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    status: Arc<AtomicUsize>,
}

/// The program ends because it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; {how_to_go_on}\n{command}")]
pub(super) struct Interrupted {
    how_to_go_on: &'static str,
    command: String,
    /// The exit status.
    pub status: u8,
}

/// What a shell adds to the number of the signal that a program ended by.
const SIGNALLED: u8 = 128;

impl Interrupt {
    /// Starts to listen to Ctrl-C, to requests to terminate and, unless it is ignored as under `nohup`, to the end of the terminal. The
    /// first is only remembered; a second ends the program at once.
    ///
    /// Where no handler can be set, the first one ends the program, and the last checkpoint is what remains.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        for signal in signals() {
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

    /// Fails if the program was asked to stop, before it has begun anything that could be gone on with.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.asked() { Err(self.before_the_start().into()) } else { Ok(()) }
    }

    /// Returns the error of a program that has begun nothing yet.
    pub(super) fn before_the_start(&self) -> Interrupted {
        Interrupted {
            how_to_go_on: "nothing was begun yet, start again with:",
            command: command_line(std::env::args_os()),
            status: self.status(),
        }
    }

    /// Returns the error of a program that has saved what it did.
    pub(super) fn with_all_saved(&self) -> Interrupted {
        Interrupted {
            how_to_go_on: "all that was done is saved, resume with:",
            command: resume_command(),
            status: self.status(),
        }
    }

    /// Returns the exit status of a program that stops because it was asked to: 130 after Ctrl-C, 143 after a request to terminate, 129
    /// after the end of its terminal.
    fn status(&self) -> u8 {
        u8::try_from(self.status.load(Ordering::SeqCst)).ok().filter(|&status| status > 0).unwrap_or(status_of(SIGINT))
    }
}

/// Returns what is listened to.
fn signals() -> Vec<i32> {
    #[cfg(unix)]
    if !is_ignored(signal_hook::consts::SIGHUP) {
        return vec![SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
    }
    vec![SIGINT, SIGTERM]
}

/// Tells whether a signal was ignored already when this program was started; where the system does not say, it is taken to be so.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

fn status_of(signal: i32) -> u8 {
    u8::try_from(signal).map_or(SIGNALLED, |signal| SIGNALLED.saturating_add(signal))
}

/// Returns this very command line, with `--resume` as its last flag.
fn resume_command() -> String {
    let mut words: Vec<OsString> = std::env::args_os().filter(|word| word != "--resume").collect();
    let end_of_flags = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.insert(end_of_flags, "--resume".into());
    command_line(words)
}
