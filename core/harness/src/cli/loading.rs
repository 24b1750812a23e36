//! Loading digits, with its progress shown and an interruption heeded.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, Interrupt};
use ch11_core::Error;
use ch11_core::data::{self, Digits, Progress, Request};

/// Shows one bar per download on a terminal, one line otherwise.
#[derive(Debug)]
struct Loading<'a> {
    console: &'a Console,
    interrupt: &'a Interrupt,
    bar: Mutex<Option<ProgressBar>>,
}

impl Console {
    /// Loads digits, and shows on this console how that goes.
    ///
    /// # Errors
    /// As [`data::load`]; or if the user interrupts it.
    pub(crate) fn load_digits(&self, request: &Request, interrupt: &Interrupt) -> anyhow::Result<Digits> {
        let loading = Loading { console: self, interrupt, bar: Mutex::new(None) };
        match data::load(request, &loading) {
            Err(Error::Stopped) => Err(interrupt.before_the_start().into()),
            Err(error) => Err(error.into()),
            Ok(digits) => interrupt.check().map(|()| digits),
        }
    }
}

impl Loading<'_> {
    fn bar(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Loading<'_> {
    fn notice(&self, text: &str) {
        self.console.notice(text);
    }

    fn download_started(&self, url: &str, total_bytes: Option<u64>) {
        let Some(bars) = self.console.bars() else {
            return self.console.notice(format_args!("downloading {url}"));
        };
        let bar = bars.add(ProgressBar::new(total_bytes.unwrap_or(0)));
        let style = ProgressStyle::with_template("downloading {msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(url.to_owned());
        *self.bar() = Some(bar);
    }

    fn download_advanced(&self, bytes: u64) {
        if let Some(bar) = &*self.bar() {
            bar.inc(bytes);
        }
    }

    fn download_ended(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.interrupt.asked()
    }
}
