//! Finding the four IDX files in a folder, under all usual names and in all usual places.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::check::{IdxFile, sha256_of};
use super::idx::{Checksums, FORMS, Form};
use crate::{Error, Result};

/// Where torchvision keeps the files below its root folder.
const TORCHVISION: &str = "MNIST/raw";
/// How deep below the root, and in how many folders, to look for files.
const DEEPEST: usize = 3;
const MOST_FOLDERS: usize = 200;
/// How many files to open and look into if the names do not tell.
const MOST_OPENED: usize = 64;

const REMEDY: &str = "put the four IDX files there, plain or gzipped, at its root or in MNIST/raw";
const NAME_ONE: &str = "name the folder that has the right four, and no others";

/// The candidates for each of the four files.
type Candidates = [Vec<PathBuf>; 4];

/// Finds the four files at the root of `folder`, in `MNIST/raw` below it, or in the only folder below it that has them.
/// Each file may be in a folder of its own name, as some archives unpack. If several folders have four files and
/// `sha256` is given, the one with MNIST counts.
pub(super) fn find(folder: &Path, sha256: Option<&Checksums>) -> Result<[PathBuf; 4]> {
    fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory => missing(folder, &FORMS[0], "not a folder"),
        io::ErrorKind::NotFound => missing(folder, &FORMS[0], "no such folder"),
        _ => Error::io("read", folder)(error),
    })?;
    let (place, mut candidates) =
        best_place(folder, sha256)?.unwrap_or_else(|| (folder.to_owned(), Candidates::default()));
    if candidates.iter().any(Vec::is_empty) {
        for (candidates, more) in candidates.iter_mut().zip(by_contents(&place)) {
            if candidates.is_empty() {
                *candidates = more;
            }
        }
    }
    let mut files = Vec::new();
    for (form, candidates) in FORMS.iter().zip(candidates) {
        files.push(the_one(&place, form, candidates)?);
    }
    files.try_into().map_err(|_| missing(folder, &FORMS[0], "neither"))
}

/// Returns whether `folder` holds at least one of the four files.
pub(super) fn holds_any(folder: &Path) -> bool {
    places(folder).iter().any(|place| !by_name(place).iter().all(Vec::is_empty))
}

/// Returns the folder to take the files from, and its candidates for them.
fn best_place(folder: &Path, sha256: Option<&Checksums>) -> Result<Option<(PathBuf, Candidates)>> {
    let with_candidates = |place: PathBuf| (by_name(&place), place);
    let mut found: Vec<(Candidates, PathBuf)> = places(folder).into_iter().map(with_candidates).collect();
    found.retain(|(candidates, _)| !candidates.iter().all(Vec::is_empty));
    let is_usual = |place: &Path| place == folder || place == folder.join(TORCHVISION);
    let is_whole = |at: &usize| !found[*at].0.iter().any(Vec::is_empty);
    let whole: Vec<usize> = (0..found.len()).filter(is_whole).collect();
    let usual = whole.iter().copied().find(|&at| is_usual(&found[at].1));
    // One of the usual folders counts even if it lacks a file.
    let usual = usual.or_else(|| (0..found.len()).find(|&at| is_usual(&found[at].1)));
    let is_mnist = |at: &usize| sha256.is_some_and(|sha256| has_labels_of(&found[*at].0, sha256));
    let chosen = match usual.or_else(|| whole.iter().copied().find(is_mnist)) {
        Some(at) => at,
        None => match whole.as_slice() {
            [] => 0,
            [only] => *only,
            [first, others @ ..] => {
                others.iter().try_for_each(|other| must_be_alike(folder, &found[*first].0, &found[*other].0))?;
                *first
            }
        },
    };
    Ok((chosen < found.len()).then(|| found.swap_remove(chosen)).map(|(candidates, place)| (place, candidates)))
}

/// Checks that two folders have the same four files.
fn must_be_alike(folder: &Path, one: &Candidates, other: &Candidates) -> Result<()> {
    for (form, (one, other)) in FORMS.iter().zip(one.iter().zip(other)).rev() {
        let (one, other) = (&one[0], &other[0]);
        if sha256_of(one, form)? != sha256_of(other, form)? {
            return Err(ambiguous(folder, form, one, other));
        }
    }
    Ok(())
}

/// Returns whether the test labels, the smallest of the files, are those of MNIST.
fn has_labels_of(candidates: &Candidates, sha256: &Checksums) -> bool {
    candidates[3].iter().any(|path| sha256_of(path, &FORMS[3]).is_ok_and(|found| found == sha256[3]))
}

/// Lists a folder and those below it: the usual ones first, then the others by depth.
fn places(folder: &Path) -> Vec<PathBuf> {
    let mut places = vec![folder.to_owned(), folder.join(TORCHVISION)];
    let mut level = vec![folder.to_owned()];
    for _ in 0..DEEPEST {
        level = level.iter().flat_map(|folder| entries(folder)).filter(|path| path.is_dir()).collect();
        let room = MOST_FOLDERS.saturating_sub(places.len());
        level.truncate(room);
        // A folder that is named like one of the files belongs to the folder around it.
        level.retain(|path| form_of(path.file_name().unwrap_or_default()).is_none());
        places.extend(level.iter().filter(|path| **path != folder.join(TORCHVISION)).cloned());
    }
    places
}

/// Lists the contents of a folder in the order of their names; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

/// Finds the files in a folder that have the name of one of the four.
fn by_name(place: &Path) -> Candidates {
    let mut candidates = Candidates::default();
    for path in entries(place) {
        let Some(form) = form_of(path.file_name().unwrap_or_default()) else { continue };
        if path.is_dir() {
            let inside: Vec<PathBuf> = entries(&path).into_iter().filter(|path| path.is_file()).collect();
            let named = |path: &&PathBuf| form_of(path.file_name().unwrap_or_default()) == Some(form);
            let only = (inside.len() == 1).then(|| &inside[0]);
            candidates[form].extend(inside.iter().filter(named).chain(only).next().cloned());
        } else {
            candidates[form].push(path);
        }
    }
    candidates
}

/// Finds the files in a folder that have the headers of MNIST's files, or headers of images or labels and names with
/// `train` or `test`.
fn by_contents(place: &Path) -> Candidates {
    let mut candidates = Candidates::default();
    let unnamed = |path: &PathBuf| path.is_file() && form_of(path.file_name().unwrap_or_default()).is_none();
    for path in entries(place).into_iter().filter(unnamed).take(MOST_OPENED) {
        let test = is_test(path.file_name().unwrap_or_default());
        let is = |at: usize, form: &'static Form| {
            let fits = |file: IdxFile| test.map_or(file.count() == form.count, |test| test == (at >= 2));
            IdxFile::open(&path, form).is_ok_and(fits)
        };
        if let Some(form) = (0..FORMS.len()).find(|&at| is(at, &FORMS[at])) {
            candidates[form].push(path);
        }
    }
    candidates
}

/// Returns the number, in the order of [`FORMS`], of the file that this is a name for: `train-images.idx3-ubyte`,
/// `T10K_LABELS_IDX1_UBYTE.GZ`, `emnist-digits-test-images-idx3-ubyte`.
fn form_of(name: &OsStr) -> Option<usize> {
    let name = name.to_str()?.to_ascii_lowercase();
    // An unfinished download is none of them.
    if name.starts_with('.')
        || [".part.gz", ".part", ".tmp", ".crdownload", ".lock"].iter().any(|end| name.ends_with(end))
    {
        return None;
    }
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| letters.contains(part));
    let test = if is_test(OsStr::new(&name))? { 2 } else { 0 };
    match (has(&["images"]), has(&["labels"])) {
        (true, false) if has(&["idx3", "ubyte"]) => Some(test),
        (false, true) if has(&["idx1", "ubyte"]) => Some(test + 1),
        _ => None,
    }
}

/// Returns whether a name says that a file is for testing, or nothing if it does not say.
fn is_test(name: &OsStr) -> Option<bool> {
    let name = name.to_str()?.to_ascii_lowercase();
    match (name.contains("train"), name.contains("t10k") || name.contains("test")) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// Chooses among the candidates for one of the four files: its usual name first, plain before gzipped; others must all
/// have the same contents.
fn the_one(place: &Path, form: &'static Form, candidates: Vec<PathBuf>) -> Result<PathBuf> {
    let own = [form.name.to_owned(), format!("{}.gz", form.name)].map(|name| place.join(name));
    if let Some(own) = own.iter().find(|own| candidates.contains(own)) {
        return Ok(own.clone());
    }
    let Some((first, others)) = candidates.split_first() else {
        let found = if own[0].is_dir() { "a folder of that name without the file in it" } else { "neither" };
        return Err(missing(place, form, found));
    };
    for other in others {
        if sha256_of(first, form)? != sha256_of(other, form)? {
            return Err(ambiguous(place, form, first, other));
        }
    }
    Ok(first.clone())
}

fn missing(folder: &Path, form: &Form, found: &str) -> Error {
    Error::MissingFile { folder: folder.to_owned(), file: form.name, found: found.to_owned(), remedy: REMEDY }
}

fn ambiguous(folder: &Path, form: &Form, first: &Path, second: &Path) -> Error {
    let inside = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    let [first, second] = [first, second].map(inside);
    Error::AmbiguousFiles { folder: folder.to_owned(), file: form.name, first, second, remedy: NAME_ONE }
}
