//! Digits: where they come from, how they are split, and datasets to train on.
//!
//! [`load`] takes digits from the first source that works: a folder named by the user, `data/mnist` in the workspace,
//! the user's cache folder, a download into it, or this program's own drawing. Files are checked byte for byte before
//! the `mnist` crate parses them.
//!
//! # Example
//! ```
//! use ch11_core::data::{self, Choice, Request, Silent, Source, synthetic};
//!
//! let request = Request {
//!     choice: Choice::Synthetic,
//!     synthetic: synthetic::DrawnDigits { size: synthetic::Size { training: 600, test: 100 }, seed: 42 },
//!     ..Request::default()
//! };
//! let digits = data::load(&request, &Silent)?;
//! assert_eq!(digits.source, Source::Synthetic);
//! assert_eq!((digits.train.len(), digits.validation.len(), digits.test.len()), (550, 50, 100));
//! # Ok::<(), ch11_core::Error>(())
//! ```

mod augment;
mod check;
mod dataset;
mod digits;
mod download;
mod find;
mod folds;
mod gzip;
mod idx;
mod leftovers;
mod load;
mod pairs;
mod parse;
mod places;
mod progress;
mod shapes;
mod staged;
mod strokes;
pub mod synthetic;
#[cfg(test)]
mod tests;

pub use augment::{Augmentation, Distorter, Drawn};
pub(crate) use check::check_idx;
pub use dataset::Dataset;
pub use digits::{Digits, Origin, PIXELS, SIDE, Source};
pub use folds::{Fold, Folds};
pub use load::{Choice, Request, load};
pub use pairs::{DrawnPair, Pair, PairSource, Relation};
pub use progress::{Progress, Silent};
