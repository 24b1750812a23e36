//! From the command line to the exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use ch11_core::text::harmless;
use clap::Parser;

use super::console::unless_unread;
use super::interrupt::Interrupted;

/// Reads the command line of `command` and does what it asks for. The exit status is 0 if that is done, 1 if it failed, 2 after bad usage, and 129, 130 or 143
/// if it was interrupted.
pub fn run<C: Parser>(mut command: clap::Command, run: impl FnOnce(C) -> anyhow::Result<()>) -> ExitCode {
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    match matches.and_then(|matches| C::from_arg_matches(&matches).map_err(|error| error.format(&mut command))) {
        Ok(command) => exit_status(run(command)),
        Err(answer) => answered(&answer),
    }
}

/// Writes what clap answers in the place of a run: help and the version to stdout, what is wrong with the usage to stderr.
fn answered(answer: &clap::Error) -> ExitCode {
    let written = unless_unread(answer.print().and_then(|()| io::stdout().flush()));
    if answer.use_stderr() {
        return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(u8::MAX));
    }
    exit_status(written.context("cannot write to stdout; write it elsewhere"))
}

/// Turns how a program ended into its exit status, and says why it ended early: 0 done, 1 failed, 129, 130 or 143 interrupted.
fn exit_status(ended: anyhow::Result<()>) -> ExitCode {
    let Err(error) = ended else { return ExitCode::SUCCESS };
    let (text, status) = match error.downcast_ref::<Interrupted>() {
        Some(interrupted) => (interrupted.to_string(), ExitCode::from(interrupted.status)),
        None => (format!("error: {error:#}"), ExitCode::FAILURE),
    };
    // Nobody may be left to read it.
    drop(writeln!(io::stderr(), "{}", harmless(&text)));
    status
}
