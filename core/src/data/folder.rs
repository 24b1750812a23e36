//! Finding the four IDX files in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::idx::FORMS;
use crate::{Error, Result};

/// Where torchvision keeps the files, below the root that it was given.
const TORCHVISION: &str = "MNIST/raw";

const REMEDY: &str = "put the four IDX files there, plain or gzipped, at its root or in MNIST/raw";

/// Finds the four files, at the root of `folder` or, if none is there, in `MNIST/raw` below it; plain before gzipped.
pub(super) fn find(folder: &Path) -> Result<[PathBuf; 4]> {
    let missing = |folder: &Path, file, found: &str| Error::MissingFile {
        folder: folder.to_owned(),
        file,
        found: found.to_owned(),
        remedy: REMEDY,
    };
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(missing(folder, FORMS[0].name, "not a folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(missing(folder, FORMS[0].name, "no such folder"));
        }
        Err(error) => return Err(Error::io("read", folder)(error)),
    }
    let place = holding(folder).unwrap_or_else(|| folder.to_owned());
    let file = |index: usize| {
        let name = FORMS[index].name;
        find_file(&place, name).ok_or_else(|| missing(&place, name, "neither"))
    };
    Ok([file(0)?, file(1)?, file(2)?, file(3)?])
}

/// Tells whether `folder` holds at least one of the four files.
pub(super) fn holds_any(folder: &Path) -> bool {
    holding(folder).is_some()
}

fn holding(folder: &Path) -> Option<PathBuf> {
    [folder.to_owned(), folder.join(TORCHVISION)]
        .into_iter()
        .find(|place| FORMS.iter().any(|form| find_file(place, form.name).is_some()))
}

fn find_file(place: &Path, name: &str) -> Option<PathBuf> {
    [place.join(name), place.join(format!("{name}.gz"))].into_iter().find(|path| path.exists())
}
