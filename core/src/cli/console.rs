//! Where text goes: results to stdout, progress to stderr; with `--json`, all text to stderr.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use indicatif::MultiProgress;
use serde_json::Value;

/// The program's text output. A reader that has gone away is no reason to stop: what cannot be written is dropped.
#[derive(Debug, Clone)]
pub struct Console {
    json: bool,
    bars: MultiProgress,
}

impl Console {
    /// Makes a console; with `json`, stdout is kept for the one JSON document.
    pub fn new(json: bool) -> Self {
        Self { json, bars: MultiProgress::new() }
    }

    /// Writes a line of results.
    pub fn result(&self, line: impl fmt::Display) {
        self.bars.suspend(|| match self.json {
            true => drop(writeln!(io::stderr(), "{line}")),
            false => drop(writeln!(io::stdout(), "{line}")),
        });
    }

    /// Writes a line about what is going on.
    pub fn notice(&self, line: impl fmt::Display) {
        self.bars.suspend(|| drop(writeln!(io::stderr(), "{line}")));
    }

    /// Writes the JSON document, if it was asked for.
    ///
    /// # Errors
    /// If it cannot be written, unless it is because nobody reads it any more.
    pub fn document(&self, document: &Value) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{document:#}").and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Returns where bars are drawn, if stderr is a terminal.
    pub fn bars(&self) -> Option<&MultiProgress> {
        io::stderr().is_terminal().then_some(&self.bars)
    }
}
