//! Cells of tables that can be sorted.

/// A cell of a table that can be sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub(super) text: String,
    pub(super) key: Option<f64>,
}

impl Cell {
    /// Makes a cell that is sorted by its text, as a number if it is one.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), key: None }
    }

    /// Makes a cell that is sorted by a number.
    pub fn number(text: impl Into<String>, key: f64) -> Self {
        Self { text: text.into(), key: Some(key) }
    }
}
