//! Where text goes: results to stdout, progress to stderr; with `--json`, all text to stderr.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::MultiProgress;
use serde_json::Value;

use ch11_core::text::harmless;

/// The program's text output. A reader that has gone away is no reason to stop, nor is anything else that keeps a line from being written;
/// but whether all results were written can be asked at the end.
#[derive(Debug, Clone)]
pub struct Console {
    json: bool,
    bars: MultiProgress,
    /// Why the first result that was not written was not.
    unwritten: Arc<Mutex<Option<io::Error>>>,
}

impl Console {
    /// Makes a console; with `json`, stdout is kept for the one JSON document.
    pub fn new(json: bool) -> Self {
        Self { json, bars: MultiProgress::new(), unwritten: Arc::default() }
    }

    /// Writes a line of results.
    pub fn result(&self, line: impl fmt::Display) {
        if self.json {
            return self.notice(line);
        }
        if let Err(error) =
            self.bars.suspend(|| unless_unread(writeln!(io::stdout(), "{}", harmless(&line.to_string()))))
        {
            self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Writes a line about what is going on.
    pub fn notice(&self, line: impl fmt::Display) {
        self.bars.suspend(|| drop(writeln!(io::stderr(), "{}", harmless(&line.to_string()))));
    }

    /// Writes the JSON document, if it was asked for, and checks that all results are written.
    ///
    /// # Errors
    /// If one could not be, unless it is because nobody reads them any more.
    pub fn finish(&self, document: &Value) -> io::Result<()> {
        if self.json {
            unless_unread(writeln!(io::stdout(), "{document:#}"))?;
        }
        self.check()
    }

    /// Checks that all results are written.
    ///
    /// # Errors
    /// If one could not be, unless it is because nobody reads them any more.
    pub fn check(&self) -> io::Result<()> {
        let unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).take();
        unwritten.map_or_else(|| unless_unread(io::stdout().flush()), Err)
    }

    /// Returns where bars are drawn, if stderr is a terminal that can draw them.
    pub fn bars(&self) -> Option<&MultiProgress> {
        (!self.bars.is_hidden()).then_some(&self.bars)
    }
}

/// Takes what became of output: a reader that has gone away has all that it wants.
pub(crate) fn unless_unread(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
