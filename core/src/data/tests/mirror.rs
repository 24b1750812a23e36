//! A mirror on this machine that answers well, badly or not at all.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::tempdir;

use super::fixtures::{CHECKSUMS, GZIPPED, Heard, places, request};
use crate::data::idx::FORMS;
use crate::data::load::load_from;
use crate::data::places::Places;
use crate::data::{Choice, Digits, Request};
use crate::{Error, Result};

/// What a mirror does with a request.
pub(super) enum Answer {
    Whole(Vec<u8>),
    Status(&'static str),
    /// Sends to another address.
    Redirect(String),
    /// Announces all, sends half and hangs up.
    CutShort(Vec<u8>),
    /// Announces all, sends half and then nothing for five seconds.
    Stalled(Vec<u8>),
    /// Announces a body and sends a byte of it every tenth of a second.
    Dripping,
    /// Sends nothing at all for five seconds.
    Silence,
}

pub(super) struct Mirror {
    pub(super) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// Starts a server that answers the request for `/train-images-idx3-ubyte.gz` with `answer(0)`, and so on.
    pub(super) fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        // No client shall wait for the files to be made.
        LazyLock::force(&GZIPPED);
        LazyLock::force(&CHECKSUMS);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                thread::spawn(move || serve(stream.unwrap(), &*answer, &log));
            }
        });
        Self { address, requests }
    }

    pub(super) fn good() -> Self {
        Self::start(|index| Answer::Whole(GZIPPED[index].clone()))
    }

    pub(super) fn dead() -> String {
        format!("http://{}/", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

pub(super) fn serve(mut stream: TcpStream, answer: &dyn Fn(usize) -> Answer, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(std::io::Result::ok);
    let request = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    log.lock().unwrap().push(path.clone());
    let index = FORMS.iter().position(|form| path == format!("{}.gz", form.name));
    let answer = index.map_or(Answer::Status("404 Not Found"), answer);
    let head = |status: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let half = |body: Vec<u8>| [&head("200 OK", body.len()), &body[..body.len() / 2]].concat();
    let (bytes, seconds_after, drips) = match answer {
        Answer::Whole(body) => ([head("200 OK", body.len()), body].concat(), 0, 0),
        Answer::Status(status) => (head(status, 0), 0, 0),
        Answer::Redirect(to) => (format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n").into_bytes(), 0, 0),
        Answer::CutShort(body) => (half(body), 0, 0),
        Answer::Stalled(body) => (half(body), 5, 0),
        Answer::Dripping => (head("200 OK", 100), 0, 50),
        Answer::Silence => (Vec::new(), 5, 0),
    };
    // Whether or not the client has hung up.
    let _ = stream.write_all(&bytes);
    for _ in 0..drips {
        thread::sleep(Duration::from_millis(100));
        let _ = stream.write_all(&[0]);
    }
    thread::sleep(Duration::from_secs(seconds_after));
}

pub(super) fn load(choice: Choice, cache: &Path, mirrors: &[&str], heard: &Heard) -> Result<Digits> {
    let places = Places { mirrors: mirrors.iter().map(ToString::to_string).collect(), ..places(cache) };
    load_from(&places, &Request { choice, ..request() }, heard)
}

pub(super) fn refusal(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> String {
    refusal_of(&Mirror::start(answer))
}

/// Asks one mirror for MNIST and returns why the first file did not come; nothing may be left in the cache.
pub(super) fn refusal_of(mirror: &Mirror) -> String {
    let (cache, heard) = (tempdir().unwrap(), Heard::default());
    let error = load(Choice::Mnist, cache.path(), &[&mirror.address], &heard).unwrap_err();
    assert!(error.to_string().contains("--data-dir"), "no remedy: {error}");
    assert_eq!(files_in(cache.path()), [""; 0]);
    assert!(heard.downloads.lock().unwrap().iter().all(|download| download.ended));
    match error {
        Error::NotDownloaded { file: "train-images-idx3-ubyte", mut failures, .. } => failures.remove(0).1,
        error => panic!("{error}"),
    }
}

pub(super) fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
