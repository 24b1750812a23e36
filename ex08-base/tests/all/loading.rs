//! Programs that are asked to stop, or killed, while digits are loaded or downloaded: nothing of theirs stays.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use crate::common::{Place, RUN, Running, TIMEOUT};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const SIGNALS: [(Signal, i32); 3] = [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)];

/// Makes a command line heed the end of the terminal even if these tests do not, and keep its temporary files in `tmp`.
fn heeding(place: &Place, command: &Command) -> Command {
    let mut heeding = Command::new("env");
    heeding.arg("--default-signal=HUP").arg(command.get_program()).args(command.get_args());
    place.clean(&mut heeding);
    fs::create_dir_all(place.path("tmp")).unwrap();
    heeding.env("TMPDIR", place.path("tmp"));
    heeding
}

fn send(signal: Signal, run: &Running) {
    kill(Pid::from_raw(run.child.id().try_into().unwrap()), signal).unwrap();
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// Waits until something is in a folder.
fn wait_for_files_in(folder: &Path) {
    let started = Instant::now();
    while is_empty(folder) && started.elapsed() < TIMEOUT {
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn nothing_stays_of_digits_that_were_being_loaded() {
    let place = Place::new();
    ch11_testing::write_idx(&place.path("own"), 120_000, 10_000);
    let tmp = place.path("tmp");
    let start = || {
        let run = Running::start(heeding(&place, &place.command(["a", "--data", "idx", "--data-dir", "own"])));
        wait_for_files_in(&tmp);
        run
    };
    for (signal, status) in SIGNALS {
        let mut run = start();
        send(signal, &run);
        let (ended, text) = run.end();
        assert_eq!(ended.code(), Some(status), "{text}");
        assert!(text.contains("nothing was begun yet, start again with:\n"), "{text}");
        assert!(is_empty(&tmp), "{signal}");
    }
    let mut run = start();
    run.child.kill().unwrap();
    run.end();
    assert!(!is_empty(&tmp));
    let (ended, text) = start().end();
    assert!(ended.success(), "{text}");
    assert!(is_empty(&tmp), "what a killed process left is still there");
}

/// As in a container, where the system ignores a signal to the first process unless the process has said what to do.
#[test]
fn the_first_process_of_a_container_heeds_a_request_to_terminate_while_digits_load() {
    let apart = ["--pid", "--fork", "--mount-proc"];
    if !Command::new("unshare").args(apart).arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this user may not be given processes of its own");
        return;
    }
    let place = Place::new();
    ch11_testing::write_idx(&place.path("own"), 120_000, 10_000);
    let command = heeding(&place, &place.command(["a", "--data", "idx", "--data-dir", "own"]));
    let mut contained = Command::new("unshare");
    contained.args(apart).arg(command.get_program()).args(command.get_args());
    place.clean(&mut contained);
    contained.env("TMPDIR", place.path("tmp"));
    let mut run = Running::start(contained);
    wait_for_files_in(&place.path("tmp"));
    let outside = run.child.id();
    let children = fs::read_to_string(format!("/proc/{outside}/task/{outside}/children")).unwrap();
    let first: i32 = children.trim().parse().unwrap();
    let status = fs::read_to_string(format!("/proc/{first}/status")).unwrap();
    assert!(status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1")), "{status}");
    kill(Pid::from_raw(first), Signal::SIGTERM).unwrap();
    let (ended, text) = run.end();
    assert_eq!(ended.code(), Some(143), "{text}");
    assert!(text.contains("nothing was begun yet, start again with:\n"), "{text}");
    assert!(is_empty(&place.path("tmp")));
}

/// Begins each answer and never ends it.
fn stalling_mirror() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut stalled: Vec<TcpStream> = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n\x1f\x8b and no more");
            stalled.push(stream);
        }
    });
    address
}

#[test]
fn nothing_stays_of_a_download_and_a_silent_mirror_holds_nobody_up() {
    let place = Place::new();
    let cache = place.path("home/cache/ch11/mnist");
    let start = |mirror: &str| {
        let mut command = Command::new(place.command([""; 0]).get_program());
        command.args(["a", "--quick"]);
        let mut command = heeding(&place, &command);
        command.env("MNIST_MIRROR", mirror);
        Running::start(command)
    };
    let mirror = stalling_mirror();
    for (signal, status) in SIGNALS {
        let mut run = start(&mirror);
        assert!(run.wait_for_line("ownload"), "{:?}", run.lines);
        wait_for_files_in(&cache);
        let asked = Instant::now();
        send(signal, &run);
        let (ended, text) = run.end();
        assert_eq!(ended.code(), Some(status), "{text}");
        // The program itself gives a silent mirror up after 20 s.
        assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
        assert!(is_empty(&cache) && is_empty(&place.path("tmp")), "{signal}");
    }
    let mut run = start(&mirror);
    assert!(run.wait_for_line("ownload"), "{:?}", run.lines);
    wait_for_files_in(&cache);
    run.child.kill().unwrap();
    run.end();
    assert!(!is_empty(&cache));
    let (ended, text) = start("http://127.0.0.1:9/").end();
    assert!(ended.success(), "{text}");
    assert!(is_empty(&cache), "what a killed process left is still there");
}

#[test]
fn the_end_of_the_terminal_saves_unless_it_is_ignored() {
    let place = Place::new();
    let long = ["--epochs", "100000", "--patience", "100000", "--checkpoint-every", "100000"];
    let mut run = Running::start(heeding(&place, &place.command(Place::synthetic(long))));
    assert!(run.wait_for_epochs(2), "{:?}", run.lines);
    send(Signal::SIGHUP, &run);
    let (ended, text) = run.end();
    assert_eq!(ended.code(), Some(129), "{text}");
    assert!(text.contains("all that was done is saved, resume with:"), "{text}");
    assert!(place.path(RUN).join("last.ckpt").exists());

    // As `nohup` starts it.
    let command = place.command(Place::synthetic(["--epochs", "100000", "--patience", "100000", "--out", "ignoring"]));
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"trap "" HUP; exec "$@""#, "sh"]).arg(command.get_program()).args(command.get_args());
    place.clean(&mut shell);
    let mut run = Running::start(shell);
    assert!(run.wait_for_epochs(1), "{:?}", run.lines);
    send(Signal::SIGHUP, &run);
    assert!(run.wait_for_epochs(5), "{:?}", run.lines);
}
