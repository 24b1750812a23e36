// The first definition of a link wins. In the book, those of `links.md` and of `files.md`, which `build.rs` writes, lead to
// other pages and hold the figures. Where the Markdown is read as it is, its own definitions lead to files.
#![doc = include_str!("links.md")]
#![doc = include_str!("../README.md")]

/// Makes a Markdown file a page of its own.
macro_rules! answer {
    ($page:ident, $file:literal) => {
        // Failures name the file of the first line: better this one than `links.md`.
        #[doc = ""]
        #[doc = include_str!("links.md")]
        #[doc = include_str!(concat!(env!("OUT_DIR"), "/files.md"))]
        #[doc = include_str!(concat!("../", $file))]
        pub mod $page {}
    };
}

answer!(answer_1, "01-one-start-value.md");
answer!(answer_2, "02-zero-biases.md");
answer!(answer_3, "03-elu-over-relu.md");
answer!(answer_4, "04-which-activation.md");
answer!(answer_5, "05-momentum-near-1.md");
answer!(answer_6, "06-sparse-models.md");
answer!(answer_7, "07-dropout-and-speed.md");

pub mod activations;
pub mod experiment;
pub mod figures;
pub mod momentum;
pub mod sparse;
