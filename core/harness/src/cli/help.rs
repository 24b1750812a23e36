//! What `--help` says after the flags.

use std::path::Path;

/// Returns the examples of a binary, and what is the same for all of them.
pub fn long_help(examples: &str) -> String {
    format!("{examples}\n\n{FILES}")
}

/// Returns what a tool's `--help` ends with, for this very binary.
pub(crate) fn of_tool(help: &str) -> String {
    help.replace("BINARY", &program())
}

/// Returns the name of this program, without its folder.
pub(super) fn program() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

const FILES: &str = "\
Files, in the folder of each fit, such as runs/ex08/b/seed-42:
  last.ckpt               all that is needed to go on with the fit
  best.ckpt               the weights of lowest validation loss so far
  final.ckpt              the same weights, once the fit has ended
  final.safetensors       the same for other programs, under PyTorch's names
  seconds.json            how long it took
  events.out.tfevents.*   its curves, with --tensorboard; see them with: tensorboard --logdir runs

Files, in the run folder:
  report.html                 results, curves and pictures, for a browser
  curves.csv, curves.jsonl    every epoch of every fit, for other programs
  draw.html                   the page that `draw` writes

Environment:
  MNIST_DIR      folder of MNIST's files, unless --data-dir names one
  MNIST_MIRROR   address to download MNIST from
  NO_COLOR       if set and not empty, output is not coloured; it never is outside a terminal

Exit status:
  0     done
  1     failed; the error says what to do
  2     bad usage
  130   interrupted by Ctrl-C, 143 by a request to terminate, 129 by the end of the terminal; all that was done is saved";
