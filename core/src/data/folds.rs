//! Stratified folds for cross-validation.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Dataset;

/// One split of a dataset in two: rows to train on, and rows to score on.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold<const D: usize> {
    /// All rows but those of this fold.
    pub train: Dataset<D>,
    /// The rows of this fold.
    pub held_out: Dataset<D>,
}

/// The folds of a dataset. Each is made when it is needed, since each takes a copy of the data.
#[derive(Debug, Clone)]
pub struct Folds<'a, const D: usize> {
    data: &'a Dataset<D>,
    count: usize,
    /// The fold of each row.
    fold_of: Vec<usize>,
}

impl<const D: usize> Folds<'_, D> {
    /// Makes fold number `index`, from 0.
    ///
    /// # Panics
    /// If there are not that many folds.
    pub fn get(&self, index: usize) -> Fold<D> {
        assert!(index < self.count, "fold {index} of {}", self.count);
        let (held_out, train): (Vec<usize>, Vec<usize>) =
            (0..self.data.len()).partition(|&row| self.fold_of[row] == index);
        Fold { train: self.data.select(&train), held_out: self.data.select(&held_out) }
    }

    /// Makes each fold in turn.
    pub fn iter(&self) -> impl Iterator<Item = Fold<D>> {
        (0..self.count).map(|index| self.get(index))
    }
}

impl<const D: usize> Dataset<D> {
    /// Splits the rows into `count` folds at random, drawn from `seed`, with each class spread over them as evenly as
    /// possible: folds differ by at most one row, in each class and in all.
    ///
    /// # Panics
    /// If `count` is below 2, or above the number of rows.
    ///
    /// # Example
    /// ```
    /// use ch11_core::data::Dataset;
    ///
    /// let digits = Dataset::<1>::from_pixels((0..9).collect(), vec![0, 0, 0, 1, 1, 1, 1, 1, 1], 2);
    /// for fold in digits.stratified_folds(3, 42).iter() {
    ///     assert_eq!(fold.held_out.class_counts(), [1, 2]);
    ///     assert_eq!(fold.train.class_counts(), [2, 4]);
    /// }
    /// ```
    pub fn stratified_folds(&self, count: usize, seed: u64) -> Folds<'_, D> {
        assert!((2..=self.len()).contains(&count), "{count} folds of {} rows", self.len());
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        rows.sort_by_key(|&row| self.labels()[row]); // A stable sort: within a class, the order stays random.
        let mut fold_of = vec![0; self.len()];
        for (position, row) in rows.into_iter().enumerate() {
            fold_of[row] = position % count;
        }
        Folds { data: self, count, fold_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that can be told apart by their only pixel.
    fn digits() -> Dataset<1> {
        let labels = (0..100).map(|row| [0, 1, 1, 2, 2, 2][row % 6]).collect();
        Dataset::from_pixels((0..100).collect(), labels, 3)
    }

    fn pixels(data: &Dataset<1>) -> Vec<u8> {
        let mut values = Vec::new();
        data.gather(&(0..data.len()).collect::<Vec<_>>(), &mut values);
        values.into_iter().map(|value| (255.0 * value).round() as u8).collect()
    }

    #[test]
    fn every_row_is_held_out_once_and_trained_on_otherwise() {
        let digits = digits();
        let folds: Vec<Fold<1>> = digits.stratified_folds(3, 1).iter().collect();
        let mut held_out: Vec<u8> = folds.iter().flat_map(|fold| pixels(&fold.held_out)).collect();
        held_out.sort_unstable();
        assert_eq!(held_out, (0..100).collect::<Vec<u8>>());
        for Fold { train, held_out } in &folds {
            let mut all = [pixels(train), pixels(held_out)].concat();
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<u8>>());
            assert!((33..=34).contains(&held_out.len()));
            let whole = digits.class_counts();
            for (count, whole) in held_out.class_counts().into_iter().zip(whole) {
                assert!(count.abs_diff(whole / 3) <= 1, "{count} of {whole}");
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        let folds = |seed| digits().stratified_folds(4, seed).iter().collect::<Vec<_>>();
        assert_eq!(folds(1), folds(1));
        assert_ne!(folds(1), folds(2));
    }
}
