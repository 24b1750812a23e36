//! Completions for shells.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use clap_complete::Shell;

pub(super) const HELP: &str = "\
Examples, for a binary in the PATH:
  bash   ex08-base completions bash > ~/.local/share/bash-completion/completions/ex08-base
  zsh    ex08-base completions zsh > ~/.zfunc/_ex08-base   (a folder of fpath)
  fish   ex08-base completions fish > ~/.config/fish/completions/ex08-base.fish";

/// Writes what completes a binary's command line.
pub(super) fn run(shell: Shell, mut command: clap::Command) -> anyhow::Result<()> {
    let (mut script, name) = (Vec::new(), command.get_name().to_owned());
    clap_complete::generate(shell, &mut command, name, &mut script);
    match io::stdout().write_all(&script).and_then(|()| io::stdout().flush()) {
        // A reader that has gone away has all that it wants.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the completions to stdout; write them elsewhere"),
    }
}
