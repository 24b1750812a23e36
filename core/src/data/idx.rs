//! The four IDX files of MNIST, and of data sets of the same form.

use super::PIXELS;

/// The form of one IDX file: its name, its contents, and how many rows it has in MNIST.
///
/// A file starts with a magic number and the size of each dimension, all big-endian `u32`s; then come the bytes.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) contents: Contents,
    pub(super) count: u32,
}

/// The most rows that a file may have: this many images take 1.6 GB.
pub(super) const MOST_ROWS: u32 = 2_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    Images,
    Labels,
}

/// Training images, training labels, test images, test labels: the order of every array of four in this module.
pub(super) static FORMS: [Form; 4] = [
    Form { name: "train-images-idx3-ubyte", contents: Contents::Images, count: 60_000 },
    Form { name: "train-labels-idx1-ubyte", contents: Contents::Labels, count: 60_000 },
    Form { name: "t10k-images-idx3-ubyte", contents: Contents::Images, count: 10_000 },
    Form { name: "t10k-labels-idx1-ubyte", contents: Contents::Labels, count: 10_000 },
];

/// The SHA-256 of each file, inflated, in hexadecimal.
pub(super) type Checksums = [String; 4];

/// Returns the checksums of MNIST's contents, which are the same on all mirrors, unlike the gzip files.
pub(super) fn mnist_checksums() -> Checksums {
    [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ]
    .map(str::to_owned)
}

/// The rows and the columns of an image, as in a header.
pub(super) const SIDE: u32 = super::SIDE as u32;

impl Form {
    /// Returns the length in bytes of an inflated file of `count` rows.
    pub(super) fn bytes(&self, count: u32) -> u64 {
        self.header_bytes() as u64 + u64::from(count) * self.row_bytes() as u64
    }

    /// Returns the length in bytes of a row.
    pub(super) fn row_bytes(&self) -> usize {
        match self.contents {
            Contents::Images => PIXELS,
            Contents::Labels => 1,
        }
    }

    /// Returns the name of the rows.
    pub(super) fn rows(&self) -> &'static str {
        match self.contents {
            Contents::Images => "images",
            Contents::Labels => "labels",
        }
    }

    /// Returns the length in bytes of the header.
    pub(super) fn header_bytes(&self) -> usize {
        match self.contents {
            Contents::Images => 16,
            Contents::Labels => 8,
        }
    }

    /// Returns the number that the file starts with.
    pub(super) fn magic(&self) -> u32 {
        match self.contents {
            Contents::Images => 0x803,
            Contents::Labels => 0x801,
        }
    }
}
