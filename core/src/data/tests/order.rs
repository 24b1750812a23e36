//! Which source is taken, and which is not.

use std::fs;
use std::path::PathBuf;

use tempfile::tempdir;

use super::fixtures::{Heard, fill, places, request};
use crate::Error;
use crate::data::load::load_from;
use crate::data::places::{MIRRORS, Places, mirrors, workspace_folders};
use crate::data::{Choice, Origin, Request, Source};

#[test]
fn the_workspace_comes_before_the_cache_and_a_named_folder_before_both() {
    let root = tempdir().unwrap();
    let [named, workspace, cache] = ["named", "workspace", "cache"].map(|name| root.path().join(name));
    fill(&named);
    fill(&workspace);
    fill(&cache);
    let places = Places { workspace: vec![root.path().join("nowhere"), workspace.clone()], ..places(&cache) };
    let origin = |places: &Places, folder: Option<&PathBuf>| {
        let request = Request { folder: folder.cloned(), offline: true, ..request() };
        load_from(places, &request, &Heard::default()).unwrap().origin
    };
    assert_eq!(origin(&places, Some(&named)), Origin::Folder(named));
    assert_eq!(origin(&places, None), Origin::Folder(workspace));
    assert_eq!(origin(&Places { workspace: Vec::new(), ..places.clone() }, None), Origin::Folder(cache));
}

#[test]
fn a_folder_of_the_workspace_that_is_incomplete_is_an_error_not_passed_over() {
    let root = tempdir().unwrap();
    fs::write(root.path().join("train-labels-idx1-ubyte"), "").unwrap();
    let cache = root.path().join("cache");
    fill(&cache);
    let places = Places { workspace: vec![root.path().to_owned()], ..places(&cache) };
    let error = load_from(&places, &request(), &Heard::default()).unwrap_err();
    assert!(matches!(error, Error::MissingFile { file: "train-images-idx3-ubyte", .. }), "{error}");
}

#[test]
fn offline_nothing_is_downloaded() {
    let root = tempdir().unwrap();
    let cache = root.path().join("cache");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let places = Places { mirrors: vec![format!("http://{}/", listener.local_addr().unwrap())], ..places(&cache) };
    let heard = Heard::default();
    let offline = Request { offline: true, ..request() };
    assert_eq!(load_from(&places, &offline, &heard).unwrap().source, Source::Synthetic);
    assert!(heard.text().contains("`--offline` forbids it"), "{}", heard.text());

    let error = load_from(&places, &Request { choice: Choice::Mnist, ..offline }, &heard).unwrap_err();
    assert!(matches!(error, Error::NoMnist { .. }), "{error}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert!(!cache.exists());
}

#[test]
fn without_a_cache_auto_draws_and_mnist_fails() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let no_home = Places { cache: None, ..places(file.path()) };
    let in_the_way = places(&file.path().join("cache"));
    for places in [no_home, in_the_way] {
        let heard = Heard::default();
        assert_eq!(load_from(&places, &request(), &heard).unwrap().source, Source::Synthetic);
        assert!(heard.text().ends_with("Using synthetic digits (not MNIST) instead."), "{}", heard.text());
        load_from(&places, &Request { choice: Choice::Mnist, ..request() }, &heard).unwrap_err();
    }
}

#[test]
fn idx_needs_a_folder_and_synthetic_ignores_it() {
    let root = tempdir().unwrap();
    let idx = Request { choice: Choice::Idx, ..request() };
    let error = load_from(&places(root.path()), &idx, &Heard::default()).unwrap_err();
    assert!(matches!(error, Error::IdxNeedsFolder), "{error}");
    let synthetic = Request { choice: Choice::Synthetic, folder: Some(root.path().join("nowhere")), ..request() };
    let digits = load_from(&places(root.path()), &synthetic, &Heard::default()).unwrap();
    assert_eq!(digits.origin, Origin::Drawn { seed: 1 });
}

#[test]
fn the_workspace_is_found_from_within() {
    let root = tempdir().unwrap();
    let inner = root.path().join("core").join("src");
    fs::create_dir_all(&inner).unwrap();
    fs::write(root.path().join("core").join("Cargo.toml"), "[package]\n").unwrap();
    assert_eq!(workspace_folders(&inner)[..1], [inner.join("data/mnist")]);
    fs::write(root.path().join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
    assert_eq!(workspace_folders(&inner), [inner.join("data/mnist"), root.path().join("data/mnist")]);
    assert_eq!(workspace_folders(root.path()), [root.path().join("data/mnist")]);
}

#[test]
fn a_mirror_of_ones_own_replaces_the_known_ones() {
    assert_eq!(mirrors(None), MIRRORS);
    assert_eq!(mirrors(Some("http://127.0.0.1:8000".into())), ["http://127.0.0.1:8000/"]);
    assert_eq!(mirrors(Some(" https://example.org/mnist/ ".into())), ["https://example.org/mnist/"]);
}
