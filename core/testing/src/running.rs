//! A run that goes on by itself.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

/// A run that goes on by itself; killed, if it still goes on, when this is dropped.
pub struct Running {
    /// Its process.
    pub child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    /// What it has written to stderr so far.
    pub lines: Vec<String>,
}

impl Running {
    /// Starts a command.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, stderr, lines: Vec::new() }
    }

    /// Waits until `count` more epochs have ended, or the run has; tells which.
    pub fn wait_for_epochs(&mut self, count: usize) -> bool {
        (0..count).all(|_| self.wait_for_line("training loss"))
    }

    /// Waits until a line that contains `text` was written, or the run has ended; tells which.
    pub fn wait_for_line(&mut self, text: &str) -> bool {
        for line in self.stderr.by_ref() {
            self.lines.push(line.unwrap());
            if self.lines.last().is_some_and(|line| line.contains(text)) {
                return true;
            }
        }
        false
    }

    /// Waits for the end of the run, and returns its status and all that it wrote to stderr.
    pub fn end(&mut self) -> (ExitStatus, String) {
        self.lines.extend(self.stderr.by_ref().map(Result::unwrap));
        (self.child.wait().unwrap(), self.lines.join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
