//! Downloads from mirrors that answer well, badly or not at all.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::tempdir;

use super::fixtures::{GZIPPED, Heard, fill, gzip, places, plain, request};
use super::mirror::{Answer, Mirror, files_in, load, refusal, refusal_of};
use crate::data::idx::FORMS;
use crate::data::load::load_from;
use crate::data::places::Places;
use crate::data::{Choice, Origin, Request, Source};

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
