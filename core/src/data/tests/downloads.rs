//! Mirrors on this machine that answer well, badly or not at all.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection};
use tempfile::tempdir;

use super::fixtures::{CHECKSUMS, GZIPPED, Heard, fill, gzip, places, plain, request};
use crate::data::idx::FORMS;
use crate::data::load::load_from;
use crate::data::network::Network;
use crate::data::places::Places;
use crate::data::{Choice, Digits, Origin, Request, Source};
use crate::{Error, Result};

/// What a mirror does with a request.
enum Answer {
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

struct Mirror {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// Starts a server that answers the request for `/train-images-idx3-ubyte.gz` with `answer(0)`, and so on.
    fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
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

    fn good() -> Self {
        Self::start(|index| Answer::Whole(GZIPPED[index].clone()))
    }

    fn dead() -> String {
        format!("http://{}/", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(usize) -> Answer, log: &Mutex<Vec<String>>) {
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

fn load(choice: Choice, cache: &Path, mirrors: &[&str], heard: &Heard) -> Result<Digits> {
    let places = Places { mirrors: mirrors.iter().map(ToString::to_string).collect(), ..places(cache) };
    load_from(&places, &Request { choice, ..request() }, heard)
}

fn refusal(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> String {
    refusal_of(&Mirror::start(answer))
}

/// Asks one mirror for MNIST and returns why the first file did not come; nothing may be left in the cache.
fn refusal_of(mirror: &Mirror) -> String {
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

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn four_files_are_downloaded_once() {
    let home = tempdir().unwrap();
    let cache = home.path().join("ch11").join("mnist");
    let (mirror, heard) = (Mirror::good(), Heard::default());
    let digits = load(Choice::Auto, &cache, &[&mirror.address], &heard).unwrap();
    assert_eq!((digits.source, digits.origin), (Source::Mnist, Origin::Downloaded(cache.clone())));
    let mut names: Vec<String> = FORMS.iter().map(|form| format!("{}.gz", form.name)).collect();
    assert_eq!(mirror.requests(), names);
    for (download, (name, bytes)) in heard.downloads.lock().unwrap().iter().zip(names.iter().zip(GZIPPED.iter())) {
        assert_eq!(download.url, format!("{}{name}", mirror.address));
        assert_eq!((download.total_bytes, download.received_bytes), (Some(bytes.len() as u64), bytes.len() as u64));
        assert!(download.ended);
    }
    names.sort();
    assert_eq!(files_in(&cache), names);

    let digits = load(Choice::Mnist, &cache, &[&mirror.address], &heard).unwrap();
    assert_eq!(digits.origin, Origin::Folder(cache));
    assert_eq!(mirror.requests().len(), 4);
    assert_eq!(heard.text(), "");
}

#[test]
fn only_missing_and_damaged_files_are_downloaded() {
    let cache = tempdir().unwrap();
    fill(cache.path());
    fs::write(cache.path().join("t10k-images-idx3-ubyte.gz"), &GZIPPED[2][..1_000]).unwrap();
    let (mirror, heard) = (Mirror::good(), Heard::default());
    load(Choice::Auto, cache.path(), &[&mirror.address], &heard).unwrap();
    assert_eq!(mirror.requests(), ["t10k-images-idx3-ubyte.gz"]);
    assert!(heard.text().contains("t10k-images-idx3-ubyte.gz: expected whole gzip data"), "{}", heard.text());

    fs::remove_file(cache.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    load(Choice::Auto, cache.path(), &[&mirror.address], &heard).unwrap();
    assert_eq!(mirror.requests()[1..], ["t10k-labels-idx1-ubyte.gz"]);
}

#[test]
fn a_status_of_404_is_reported() {
    assert_eq!(refusal(|_| Answer::Status("404 Not Found")), "http status: 404");
}

#[test]
fn redirects_lead_to_https_only() {
    let good = Mirror::good();
    let to = format!("{}train-images-idx3-ubyte.gz", good.address);
    for to in [to, "/elsewhere".to_owned(), "//127.0.0.1/".to_owned(), "ftp://127.0.0.1/".to_owned()] {
        let says = format!("redirected to {to}, which is not https");
        assert_eq!(refusal(move |_| Answer::Redirect(to.clone())), says);
    }
    assert_eq!(good.requests(), [""; 0]);

    // An https address is asked, in its own language.
    let secure = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("https://{}/", secure.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let mut hello = [0; 3];
        secure.accept().unwrap().0.read_exact(&mut hello).unwrap();
        hello
    });
    refusal(move |_| Answer::Redirect(to.clone()));
    assert_eq!(asked.join().unwrap(), [22, 3, 1], "a TLS handshake");
}

/// A certificate for 127.0.0.1 that signs itself.
/// A mirror over TLS, whose certificate it has signed itself; `true` comes of the thread if it was asked for something.
fn self_signed_mirror() -> (String, thread::JoinHandle<bool>) {
    let key = PrivatePkcs8KeyDer::from(include_bytes!("certificate/key.der").as_slice());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CERTIFICATE.into()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mirror = format!("https://{}/", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = listener.accept().unwrap().0;
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        tls.read(&mut [0]).is_ok_and(|bytes| bytes > 0)
    });
    (mirror, asked)
}

const CERTIFICATE: &[u8] = include_bytes!("certificate/self-signed.der");

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (mirror, asked) = self_signed_mirror();
    let cache = tempdir().unwrap();
    let error = load(Choice::Mnist, cache.path(), &[&mirror], &Heard::default()).unwrap_err().to_string();
    assert!(error.contains("certificate") && error.contains("UnknownIssuer"), "{error}");
    assert!(!asked.join().unwrap(), "the client asked for something");
    assert_eq!(files_in(cache.path()), [""; 0]);
}

/// Loads with what the environment says of the network.
fn load_by(variables: &[(&str, &str)], mirror: &str) -> Result<Digits> {
    let network =
        Network::new(|name| variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned()));
    let cache = tempdir().unwrap();
    let places = Places { mirrors: vec![mirror.to_owned()], network, ..places(cache.path()) };
    load_from(&places, &Request { choice: Choice::Mnist, ..request() }, &Heard::default())
}

#[test]
fn an_authority_of_ones_own_is_trusted_if_the_environment_names_it() {
    let pem = base64::engine::general_purpose::STANDARD.encode(CERTIFICATE);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    let folder = tempdir().unwrap();
    let file = folder.path().join("own.pem");
    fs::write(&file, pem).unwrap();
    let [file, folder] = [&file, folder.path()].map(|path| path.to_str().unwrap());
    for variable in [("SSL_CERT_FILE", file), ("CURL_CA_BUNDLE", file), ("SSL_CERT_DIR", folder)] {
        let (mirror, asked) = self_signed_mirror();
        load_by(&[variable], &mirror).unwrap_err();
        assert!(asked.join().unwrap(), "{variable:?}: the client did not trust it");
    }
}

/// Speaks SOCKS 5 on a connection up to where the other side begins to speak itself, and returns the host that it asked
/// for.
fn socks(stream: &mut TcpStream) -> String {
    let mut read = |bytes: usize| {
        let mut buffer = vec![0; bytes];
        stream.read_exact(&mut buffer).unwrap();
        buffer
    };
    let greeting = read(2);
    read(greeting[1].into());
    stream.write_all(&[5, 0]).unwrap();
    let mut read = |bytes: usize| {
        let mut buffer = vec![0; bytes];
        stream.read_exact(&mut buffer).unwrap();
        buffer
    };
    let request = read(5);
    assert_eq!(request[..4], [5, 1, 0, 3], "a host by its name");
    let host = read(request[4].into());
    read(2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    String::from_utf8(host).unwrap()
}

#[test]
fn a_proxy_that_speaks_socks_is_used() {
    LazyLock::force(&GZIPPED);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("socks5h://{}", proxy.local_addr().unwrap());
    thread::spawn(move || {
        for stream in proxy.incoming() {
            let mut stream = stream.unwrap();
            assert_eq!(socks(&mut stream), "mirror.invalid");
            serve(stream, &|index| Answer::Whole(GZIPPED[index].clone()), &Mutex::default());
        }
    });
    let digits = load_by(&[("ALL_PROXY", &address)], "http://mirror.invalid/").unwrap();
    assert_eq!(digits.source, Source::Mnist);
}

#[test]
fn a_page_instead_of_gzip_is_reported() {
    let reason = refusal(|_| Answer::Whole(b"<!DOCTYPE html><p>Moved".to_vec()));
    assert_eq!(reason, "expected gzip data, found not gzip: it starts with `<!DOCTYPE html><`");
}

#[test]
fn a_body_cut_short_is_reported() {
    assert_eq!(refusal(|index| Answer::CutShort(GZIPPED[index].clone())), "Peer disconnected");
}

#[test]
fn a_whole_body_of_half_a_file_is_reported() {
    let reason = refusal(|index| Answer::Whole(GZIPPED[index][..GZIPPED[index].len() / 2].to_vec()));
    assert_eq!(reason, "expected whole gzip data, found gzip data cut short");
}

#[test]
fn an_endless_body_is_cut_off() {
    let reason = refusal(|_| Answer::Whole(vec![0; 17 * 1024 * 1024]));
    assert!(reason.contains("limit"), "{reason}");
}

#[test]
fn a_stalling_server_is_given_up() {
    for silent_from_the_start in [false, true] {
        let mirror = Mirror::start(move |index| match silent_from_the_start {
            false => Answer::Stalled(GZIPPED[index].clone()),
            true => Answer::Silence,
        });
        let start = Instant::now();
        let reason = refusal_of(&mirror);
        assert!(reason.contains("timeout"), "{reason}");
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

#[test]
fn a_dripping_server_is_given_up() {
    let (cache, mirror) = (tempdir().unwrap(), Mirror::start(|_| Answer::Dripping));
    let start = Instant::now();
    let mut places = Places { mirrors: vec![mirror.address], ..places(cache.path()) };
    places.timeouts.whole = Duration::from_secs(1);
    let mnist = Request { choice: Choice::Mnist, ..request() };
    let error = load_from(&places, &mnist, &Heard::default()).unwrap_err().to_string();
    assert!(error.contains("timeout: global"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn contents_with_another_checksum_are_reported() {
    let mut other = plain(0);
    other[16] = 1;
    let other = gzip(&other);
    let reason = refusal(move |_| Answer::Whole(other.clone()));
    assert!(reason.contains("SHA-256"), "{reason}");
}

#[test]
fn the_next_mirror_is_asked_for_what_the_first_does_not_have() {
    let cache = tempdir().unwrap();
    let half = Mirror::start(|index| match index {
        1 => Answer::Whole(b"<html>".to_vec()),
        index => Answer::Whole(GZIPPED[index].clone()),
    });
    let good = Mirror::good();
    let mirrors = [&Mirror::dead(), half.address.as_str(), &good.address];
    load(Choice::Mnist, cache.path(), &mirrors, &Heard::default()).unwrap();
    assert_eq!(half.requests().len(), 4);
    assert_eq!(good.requests(), ["train-labels-idx1-ubyte.gz"]);
}

#[test]
fn every_mirror_that_failed_is_listed() {
    let cache = tempdir().unwrap();
    let (dead, missing) = (Mirror::dead(), Mirror::start(|_| Answer::Status("404 Not Found")));
    let heard = Heard::default();
    let digits = load(Choice::Auto, cache.path(), &[&dead, &missing.address], &heard).unwrap();
    assert_eq!((digits.source, digits.train.len()), (Source::Synthetic, 22));
    let said = heard.text();
    for line in [
        format!("  {dead}train-images-idx3-ubyte.gz: io: Connection refused"),
        format!("  {}train-images-idx3-ubyte.gz: http status: 404", missing.address),
        "Using synthetic digits (not MNIST) instead.".to_owned(),
    ] {
        assert!(said.contains(&line), "no `{line}` in: {said}");
    }
}

#[test]
fn two_downloads_into_one_cache_do_no_harm() {
    let cache = tempdir().unwrap();
    let mirror = Mirror::good();
    thread::scope(|scope| {
        let loads = [0, 1].map(|_| {
            scope.spawn(|| load(Choice::Mnist, cache.path(), &[&mirror.address], &Heard::default()).unwrap().test)
        });
        let [first, second] = loads.map(|load| load.join().unwrap());
        assert_eq!(first, second);
    });
    assert_eq!(files_in(cache.path()).len(), 4);
}
