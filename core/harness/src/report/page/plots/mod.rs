//! What a plot shows: series of points along two axes.

mod axes;
mod colours;
mod document;
mod drawing;
mod labels;
mod letters;
#[cfg(test)]
mod tests;
mod ticks;

pub use axes::Axis;

use colours::COLOURS;

/// A plot of one number against another.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is along the bottom.
    pub x: Axis,
    /// What is along the side.
    pub y: Axis,
    /// What is drawn, in this order.
    pub series: Vec<Series>,
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// The points.
    pub points: Vec<(f64, f64)>,
    /// How the points are drawn.
    pub style: Style,
    /// The position of the point that gets a dot, if one does.
    pub marked: Option<usize>,
    /// What is written beside each point.
    pub label: Option<String>,
    /// The number of the colour.
    pub colour: usize,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Joined by a line.
    Line,
    /// Joined by a faint line.
    Faint,
    /// As a dot each.
    Dots,
    /// As the corners of a faint area.
    Band,
}

impl Series {
    /// Makes a series in the first colour.
    pub fn new(name: &str, points: Vec<(f64, f64)>, style: Style) -> Self {
        Self { name: name.to_owned(), points, style, marked: None, label: None, colour: 0 }
    }

    /// Makes a band between two lines, from below to above at each place along the bottom.
    pub fn band(name: &str, below: &[(f64, f64)], above: &[(f64, f64)]) -> Self {
        Self::new(name, below.iter().chain(above.iter().rev()).copied().collect(), Style::Band)
    }

    /// Marks the point at a position with a dot.
    #[must_use]
    pub fn marked(self, position: Option<usize>) -> Self {
        Self { marked: position, ..self }
    }

    /// Writes a label beside each point.
    #[must_use]
    pub fn labelled(self, label: &str) -> Self {
        Self { label: Some(label.to_owned()), ..self }
    }

    /// Takes the colour of a number; after the seventh, the first comes again.
    #[must_use]
    pub fn coloured(self, number: usize) -> Self {
        Self { colour: number % COLOURS.len(), ..self }
    }
}
