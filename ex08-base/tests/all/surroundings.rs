//! Homes that are missing or cannot be written, and proxies: what the environment says is heeded, and stops nothing.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use crate::common::{Place, assert_fails, stderr, stdout};

/// A command line that may open a connection, but whose mirror is dead.
fn online(place: &Place, args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ex08-base"));
    command.args(args);
    place.clean(&mut command);
    command.env("MNIST_MIRROR", "http://127.0.0.1:9/");
    command
}

#[test]
fn without_a_home_there_are_digits_all_the_same() {
    let place = Place::new();
    let mut command = place.command(["a", "--quick"]);
    // The system may know the user's home without it; offline, nothing is written there.
    command.env_remove("HOME").env_remove("XDG_CACHE_HOME");
    let assert = assert_cmd::Command::from_std(command).assert().success();
    assert!(stdout(&assert).contains("\ndataset: "), "{}", stdout(&assert));
}

#[test]
fn a_home_that_cannot_be_written_stops_nothing_but_mnist() {
    let place = Place::new();
    fs::write(place.path("home"), "no folder").unwrap();
    let run = |args: &[&str]| assert_cmd::Command::from_std(online(&place, args)).assert();
    let assert = run(&["a", "--quick"]).success();
    assert!(stderr(&assert).contains("Using synthetic digits (not MNIST) instead."), "{}", stderr(&assert));
    assert_fails(run(&["a", "--quick", "--data", "mnist"]), &["home/cache/ch11", "cannot create"]);
}

#[test]
fn a_proxy_from_the_environment_is_asked_in_the_place_of_the_mirror() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let (mut stream, _) = proxy.accept().unwrap();
        let mut request = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        request
    });
    let place = Place::new();
    let mut command = online(&place, &["a", "--quick", "--data", "mnist"]);
    command.env("MNIST_MIRROR", "https://mirror.invalid/").env("HTTPS_PROXY", &address).env("HTTP_PROXY", &address);
    command.env_remove("ALL_PROXY").env_remove("NO_PROXY").env_remove("no_proxy").env_remove("https_proxy");
    let assert = assert_cmd::Command::from_std(command).assert();
    assert_fails_with_lines(&assert, "cannot download train-images-idx3-ubyte.gz");
    assert_eq!(asked.join().unwrap(), "CONNECT mirror.invalid:443 HTTP/1.1\r\n");
}

#[track_caller]
fn assert_fails_with_lines(assert: &assert_cmd::assert::Assert, says: &str) {
    let text = stderr(assert);
    assert_eq!(assert.get_output().status.code(), Some(1), "{text}");
    assert!(text.contains(says) && text.contains("--data-dir"), "{text}");
}
