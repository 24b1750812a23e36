//! Shell completions.

use std::io::{self, Write};

use anyhow::Context;
use clap_complete::Shell;

use crate::cli::unless_unread;

pub(super) const HELP: &str = "\
Examples, for a binary in the PATH:
  bash   BINARY completions bash > ~/.local/share/bash-completion/completions/BINARY
  zsh    BINARY completions zsh > ~/.zfunc/_BINARY   (a folder of fpath)
  fish   BINARY completions fish > ~/.config/fish/completions/BINARY.fish";

/// Writes the script with which a shell completes the command line.
pub(super) fn run(shell: Shell, mut command: clap::Command) -> anyhow::Result<()> {
    let (mut script, name) = (Vec::new(), command.get_name().to_owned());
    clap_complete::generate(shell, &mut command, name, &mut script);
    unless_unread(io::stdout().write_all(&script).and_then(|()| io::stdout().flush()))
        .context("cannot write the completions to stdout; write them elsewhere")
}
