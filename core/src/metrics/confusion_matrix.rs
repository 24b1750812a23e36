//! Which classes are taken for which.

use std::fmt;

/// How many instances of each class were predicted as each class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    counts: Vec<usize>,
}

impl ConfusionMatrix {
    /// Makes a matrix of zeros for `classes` classes.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Counts an instance of class `label` that was predicted as `predicted`.
    ///
    /// # Panics
    /// If either is not below the number of classes.
    pub fn add(&mut self, label: usize, predicted: usize) {
        assert!(
            label < self.classes && predicted < self.classes,
            "{label} or {predicted} is not below {}",
            self.classes
        );
        self.counts[label * self.classes + predicted] += 1;
    }

    /// Returns how many instances of class `label` were predicted as `predicted`.
    pub fn count(&self, label: usize, predicted: usize) -> usize {
        self.counts[label * self.classes + predicted]
    }

    /// Returns the rows of the matrix: one per class of labels, with one count per predicted class.
    pub fn rows(&self) -> impl Iterator<Item = &[usize]> {
        self.counts.chunks_exact(self.classes)
    }

    /// Returns the fraction of all instances that were classified correctly.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.classes).map(|class| self.count(class, class)).sum();
        ratio(right, self.counts.iter().sum())
    }

    /// Returns the fraction of instances predicted as `class` that are of that class; 0 if there are none, as in
    /// scikit-learn.
    pub fn precision(&self, class: usize) -> f64 {
        ratio(self.count(class, class), (0..self.classes).map(|label| self.count(label, class)).sum())
    }

    /// Returns the fraction of instances of `class` that were predicted as that class; 0 if there are none.
    pub fn recall(&self, class: usize) -> f64 {
        ratio(self.count(class, class), (0..self.classes).map(|predicted| self.count(class, predicted)).sum())
    }

    /// Returns the mean precision of the classes, each with the same weight.
    pub fn macro_precision(&self) -> f64 {
        (0..self.classes).map(|class| self.precision(class)).sum::<f64>() / self.classes as f64
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// One row per class of labels, one column per predicted class; precision and recall in percent.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20}", "actual \\ predicted")?;
        (0..self.classes).try_for_each(|class| write!(f, "{class:>8}"))?;
        write!(f, "{:>10}", "recall %")?;
        for (class, row) in self.rows().enumerate() {
            write!(f, "\n{class:<20}")?;
            row.iter().try_for_each(|count| write!(f, "{count:>8}"))?;
            write!(f, "{:>10.2}", 100.0 * self.recall(class))?;
        }
        write!(f, "\n{:<20}", "precision %")?;
        (0..self.classes).try_for_each(|class| write!(f, "{:>8.2}", 100.0 * self.precision(class)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scikit-learn on the same labels:
    /// ```python
    /// y, p = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0]
    /// precision_score(y, p, average="macro")  # 0.4444…: (2/3 + 2/3 + 0) / 3
    /// recall_score(y, p, average=None)        # 0.6666…, 1, 0
    /// accuracy_score(y, p)                    # 0.6666…
    /// ```
    #[test]
    fn agrees_with_scikit_learn() {
        let mut matrix = ConfusionMatrix::new(3);
        for (label, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (2, 0)] {
            matrix.add(label, predicted);
        }
        assert!((matrix.macro_precision() - 4.0 / 9.0).abs() < 1e-15);
        assert_eq!([0, 1, 2].map(|class| matrix.recall(class)), [2.0 / 3.0, 1.0, 0.0]);
        assert!((matrix.accuracy() - 2.0 / 3.0).abs() < 1e-15);
    }
}
