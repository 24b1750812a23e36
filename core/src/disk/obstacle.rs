//! Finding what is in the way of a file or a folder that is to be created.

use std::fs;
use std::path::Path;

use crate::{Error, Result};

/// Returns the path, and its kind, that is in the place of a folder or of one around it and is not a folder.
pub fn obstacle(folder: &Path) -> Option<(&Path, &'static str)> {
    let nearest = folder.ancestors().find(|path| path.symlink_metadata().is_ok())?;
    (!nearest.is_dir()).then(|| (nearest, kind(nearest)))
}

/// Fails if something else is in the place of a folder, or of one around it.
pub fn must_be_folder(folder: &Path) -> Result<()> {
    match obstacle(folder) {
        Some((path, found)) => Err(Error::InTheWay { path: path.to_owned(), found, expected: "a folder" }),
        None => Ok(()),
    }
}

/// Fails if something else is in the place of a file.
pub fn must_be_file(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_err() || path.is_file() {
        return Ok(());
    }
    Err(Error::InTheWay { path: path.to_owned(), found: kind(path), expected: "a file" })
}

/// Names the kind of what a path leads to.
fn kind(path: &Path) -> &'static str {
    let Ok(there) = fs::metadata(path) else { return "a link that leads nowhere" };
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if there.file_type().is_fifo() {
            return "a pipe";
        }
        if there.file_type().is_socket() {
            return "a socket";
        }
    }
    if there.is_file() {
        "a file"
    } else if there.is_dir() {
        "a folder"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_nearest_thing_that_is_there_is_named() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("file"), "mine").unwrap();
        std::os::unix::fs::symlink("nothing", at("link")).unwrap();
        std::os::unix::fs::symlink("folder", at("good")).unwrap();
        for free in ["folder", "folder/below", "new/below", "good/below"] {
            assert_eq!(obstacle(&at(free)), None, "{free}");
        }
        for (taken, by, found) in [
            ("file", "file", "a file"),
            ("file/below/it", "file", "a file"),
            ("link", "link", "a link that leads nowhere"),
            ("link/below", "link", "a link that leads nowhere"),
        ] {
            assert_eq!(obstacle(&at(taken)), Some((at(by).as_path(), found)), "{taken}");
        }
        assert_eq!(obstacle(Path::new("no-such-folder")), None);
        assert!(must_be_file(&at("file")).is_ok() && must_be_file(&at("nothing")).is_ok());
        let error = must_be_file(&at("folder")).unwrap_err().to_string();
        assert!(error.ends_with("folder: found a folder, expected a file, or nothing yet"), "{error}");
    }
}
