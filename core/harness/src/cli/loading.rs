//! Loading digits, with its progress shown and an interruption heeded.

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Console, Interrupt};
use ch11_core::Error;
use ch11_core::data::{self, Dataset, Digits, PIXELS, Progress, Request};

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

    /// Does the same, and keeps the digits of a range, renumbered from 0.
    ///
    /// # Errors
    /// Those of [`load_digits`](Self::load_digits); or if a digit has no training image or no test image, or none has a validation image.
    pub(crate) fn load_only(
        &self,
        range: &RangeInclusive<u8>,
        request: &Request,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Digits> {
        let digits = self.load_digits(request, interrupt)?.only(range.clone());
        must_have_all(self, &digits, range)?;
        Ok(digits)
    }
}

/// Names a range of digits: `digits 0 to 4`.
pub(super) fn name_of(range: &RangeInclusive<u8>) -> String {
    format!("digits {} to {}", range.start(), range.end())
}

/// Checks that there is an image of each digit to train on and to test on, and any to validate on; tells of digits that are not validated.
fn must_have_all(console: &Console, digits: &Digits, range: &RangeInclusive<u8>) -> anyhow::Result<()> {
    let Digits { source, origin, train, validation, test } = digits;
    let digits_name = name_of(range);
    let missing = |set: &Dataset<PIXELS>| -> Vec<String> {
        let counts = (*range.start()..).zip(set.class_counts());
        counts.filter(|(_, count)| *count == 0).map(|(digit, _)| digit.to_string()).collect()
    };
    for (set, what) in [(train, "train on"), (test, "test on")] {
        if let Some(digit) = missing(set).first() {
            bail!(
                "{source}, {origin}: found no image of a {digit} to {what}, expected one at least of each of the {digits_name}; take another data set"
            );
        }
    }
    if validation.is_empty() {
        bail!(
            "{source}, {origin}: found no {digits_name} among the first twelfth of the training images, which is kept for validation; take another data set, or put its images in another order"
        );
    }
    let unvalidated = missing(validation);
    if !unvalidated.is_empty() {
        console.notice(format_args!(
            "{source}, {origin}: the first twelfth of the training images, which is kept for validation, has no image of {}; put the images in another order, such as a random one, to validate on all of the {digits_name}",
            unvalidated.join(", ")
        ));
    }
    Ok(())
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
