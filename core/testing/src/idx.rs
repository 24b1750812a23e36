//! Digits of one's own.

use std::fs;
use std::path::Path;

/// Writes four plain IDX files of so many images into a folder: those of row `n` show the digit `n % 10`, as a brightness.
pub fn write_idx(folder: &Path, training: u32, test: u32) {
    fs::create_dir_all(folder).unwrap();
    for (name, rows) in [("train", training), ("t10k", test)] {
        let write = |kind: &str, header: &[u32], bytes: Vec<u8>| {
            let header: Vec<u8> = header.iter().flat_map(|number| number.to_be_bytes()).collect();
            fs::write(folder.join(format!("{name}-{kind}-ubyte")), [header, bytes].concat()).unwrap();
        };
        write("labels-idx1", &[0x801, rows], (0..rows).map(|row| (row % 10) as u8).collect());
        let image = |row: u32| [(row % 10 * 20) as u8; 784];
        write("images-idx3", &[0x803, rows, 28, 28], (0..rows).flat_map(image).collect());
    }
}
