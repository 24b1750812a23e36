//! What is plain, what is coloured, what completes a command line, and what a tool may not be mixed with.

use std::process::Command;

use crate::common::{Place, stderr, stdout};

#[test]
fn completions_know_flags_parts_and_tools() {
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(&Place::new().tool(["completions", shell]).success());
        for word in ["ex08-base", "tensorboard", "learning-rate", "draw", "predict", "status", "shard", "completions"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    let text = stderr(&Place::new().tool(["completions", "cmd"]).code(2));
    assert!(text.contains("bash") && text.contains("zsh") && text.contains("fish"), "{text}");
}

#[test]
fn completions_are_taken_by_shells() {
    let bash = "source ./completions
        COMP_WORDS=(ex08-base --tens); COMP_CWORD=1; _ex08__base ex08-base --tens ex08-base; echo \"${COMPREPLY[*]}\"";
    assert_completes("bash", &["--norc", "-c", bash], "--tensorboard\n");
    let fish = "source ./completions; complete -C 'ex08-base --tens' | cut -f 1";
    assert_completes("fish", &["--no-config", "-c", fish], "--tensorboard\n");
    // zsh completes nothing but on a terminal; here it loads the script, and knows what for.
    let zsh = "autoload -Uz compinit; compinit -u -d ./dump; source ./completions; echo $_comps[ex08-base]";
    assert_completes("zsh", &["-f", "-c", zsh], "_ex08-base\n");
}

/// Has a shell take its completions from the file `completions`; where the shell is not installed, there is nothing to show.
fn assert_completes(shell: &str, args: &[&str], expected: &str) {
    let place = Place::new();
    let script = stdout(&place.tool(["completions", shell]).success());
    std::fs::write(place.path("completions"), script).unwrap();
    let home = place.path(".");
    let Ok(output) = Command::new(shell).args(args).current_dir(&home).env("HOME", &home).output() else {
        eprintln!("skipped: there is no {shell}");
        return;
    };
    let [said, errors] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert_eq!(said, expected, "{shell}: {errors}");
}

#[test]
fn tools_take_no_flags_of_a_run_and_parts_no_tools() {
    let place = Place::new();
    for args in
        [&["b", "draw"][..], &["--quick", "draw"], &["draw", "b"], &["draw", "--quick"], &["predict", "--epochs", "1"]]
    {
        let assert = place.tool(args).code(2);
        assert!(stderr(&assert).starts_with("error: "), "{args:?}: {}", stderr(&assert));
    }
    assert!(!place.path("runs").exists());
}

#[test]
fn help_tells_of_tools_files_environment_and_exit_statuses() {
    let help = stdout(&Place::new().tool(["--help"]).success());
    for part in [
        "draw",
        "predict",
        "completions",
        "--tensorboard",
        "final.safetensors",
        "NO_COLOR",
        "MNIST_MIRROR",
        "Exit status:",
        "130",
    ] {
        assert!(help.contains(part), "no {part} in:\n{help}");
    }
    assert!(!help.contains("logits"), "a tool for programs is among those for people:\n{help}");
    for tool in ["draw", "predict", "logits", "onnx", "lr-find", "overfit", "completions"] {
        let help = stdout(&Place::new().tool([tool, "--help"]).success());
        assert!(help.contains("Example"), "no example in:\n{help}");
    }
}

#[test]
fn nothing_is_coloured_where_there_is_no_terminal() {
    let place = Place::new();
    for args in [
        &["--help"][..],
        &["z"],
        &["--no-such-flag"],
        &["a", "--data", "synthetic", "--quick"],
        &["draw", "--out", "none"],
    ] {
        let assert = place.tool(args);
        let (results, progress) = (stdout(&assert), stderr(&assert));
        assert!(!results.contains('\x1b') && !progress.contains('\x1b'), "{args:?}: {results}{progress}");
    }
}

/// On a terminal, which util-linux's `script` provides.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_help_is_coloured_unless_no_color_is_set() {
    let place = Place::new();
    let on_terminal = |no_color: &str| {
        let mut command = Command::new("script");
        let binary = assert_cmd::cargo::cargo_bin!("ex08-base");
        command.args(["-qec", &format!("'{}' --help", binary.display()), "/dev/null"]);
        place.clean(&mut command);
        command.env("TERM", "xterm-256color").env("NO_COLOR", no_color).env_remove("CLICOLOR").env_remove("CI");
        command.stdin(std::process::Stdio::null()).output()
    };
    let (Ok(coloured), Ok(plain)) = (on_terminal(""), on_terminal("1")) else {
        eprintln!("skipped: there is no `script`");
        return;
    };
    let [coloured, plain] = [coloured, plain].map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    assert!(coloured.contains("\x1b["), "{coloured}");
    assert!(plain.contains("Exit status:") && !plain.contains("\x1b["), "{plain}");
}

/// One that cannot move its cursor draws no bars.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_that_draws_no_bars_progress_is_lines() {
    let on_terminal = |term: Option<&str>| {
        let place = Place::new();
        let mut command = Command::new("script");
        let binary = assert_cmd::cargo::cargo_bin!("ex08-base");
        let run = "b c --candidates 1 --data synthetic --quick --epochs 2 --offline";
        command.args(["-qec", &format!("'{}' {run}", binary.display()), "/dev/null"]);
        place.clean(&mut command);
        match term {
            Some(term) => command.env("TERM", term),
            None => command.env_remove("TERM"),
        };
        let output = command.stdin(std::process::Stdio::null()).output().ok()?;
        assert!(output.status.success(), "{term:?}");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for term in [Some("dumb"), None] {
        let Some(text) = on_terminal(term) else {
            eprintln!("skipped: there is no `script`");
            return;
        };
        assert!(text.contains("8b: epoch   2  training loss"), "{term:?}: {text}");
        assert!(text.contains("8c: fit 2 of 2"), "{term:?}: {text}");
        assert!(!text.contains('\x1b'), "{term:?}: {text}");
    }
    let bars = on_terminal(Some("xterm")).unwrap_or_default();
    assert!(bars.contains("\x1b[") && !bars.contains("training loss"), "{bars}");
}
