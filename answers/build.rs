//! Writes `files.md`: what links to files become in the book, whose pages lie elsewhere than the Markdown.
//!
//! A figure is put into its address, whole. The exercises are programs and have no pages in the book, so links to their code
//! lead to the files themselves.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The files that answers link to, from the workspace's folder.
const CODE: [(&str, &str); 4] = [
    ("fused", "core/src/fused/README.md"),
    ("part_a.rs", "ex08-base/src/part_a.rs"),
    ("part_d.rs", "ex08-base/src/part_d/mod.rs"),
    ("part_e.rs", "ex08-base/src/part_e/mod.rs"),
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=figures");
    let mut definitions = String::new();
    for entry in fs::read_dir("figures")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            definitions += &format!("[{name} figure]: data:image/svg+xml,{}\n", percent_encoded(&fs::read(&path)?));
        }
    }
    let workspace = folder_in("CARGO_MANIFEST_DIR")?.join("..").canonicalize()?;
    for (label, path) in CODE {
        let path = workspace.join(path);
        definitions += &format!("[{label}]: file://{}\n", percent_encoded(path.as_os_str().as_encoded_bytes()));
    }
    fs::write(folder_in("OUT_DIR")?.join("files.md"), definitions)
}

fn folder_in(variable: &str) -> io::Result<PathBuf> {
    let folder = env::var_os(variable).ok_or_else(|| io::Error::other(format!("cargo did not set {variable}")))?;
    Ok(Path::new(&folder).to_owned())
}

/// Writes bytes in the form that an address may hold.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(byte.into()),
            b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b',' => text.push(byte.into()),
            // Writing to a string cannot fail.
            _ => _ = write!(text, "%{byte:02X}"),
        }
        text
    })
}
