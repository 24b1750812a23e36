//! Pairs with what each head says of them, for the report.

use ch11_core::data::{Dataset, PIXELS, Pair, Relation};
use ch11_core::metrics::{Evaluation, Prediction};
use ch11_core::train::FixedPairs;

use super::{Picture, grey_levels};

/// Pairs that are shown because they come first.
const FIRST: usize = 8;
/// Pairs that are shown because the last head is wrong about them.
const MISTAKEN: usize = 8;

/// Takes the first test pairs, and those that the last head is surest of and wrong about, with what each head, by its name, says of
/// them.
pub fn pairs_by_heads(test: &FixedPairs<'_>, heads: &[(&str, &Evaluation)]) -> Vec<Picture> {
    let mut shown: Vec<usize> = (0..test.pairs.len().min(FIRST)).collect();
    if let Some((_, last)) = heads.last() {
        let is_wrong = |&row: &usize| !last.predictions[row].is_right();
        let mut wrong: Vec<usize> = (FIRST..test.pairs.len()).filter(is_wrong).collect();
        wrong.sort_by(|&a, &b| last.predictions[b].probability.total_cmp(&last.predictions[a].probability));
        shown.extend(wrong.into_iter().take(MISTAKEN));
    }
    let pairs: Vec<Pair> = shown.iter().map(|&row| test.pairs[row]).collect();
    let of_shown = |(name, evaluation): &(&str, &Evaluation)| -> (String, Vec<Prediction>) {
        ((*name).to_owned(), shown.iter().map(|&row| evaluation.predictions[row]).collect())
    };
    pictures_of_pairs(test.images, &pairs, &heads.iter().map(of_shown).collect::<Vec<_>>())
}

/// Shows pairs with their labels, and with how likely each head, by its name, finds it that the two are different.
pub fn pictures_of_pairs(
    images: &Dataset<PIXELS>,
    pairs: &[Pair],
    heads: &[(String, Vec<Prediction>)],
) -> Vec<Picture> {
    let picture = |(index, pair): (usize, &Pair)| {
        let label = match pair.relation {
            Relation::Same => "the same",
            Relation::Different => "different",
        };
        let score = |(name, predictions): &(String, Vec<Prediction>)| {
            format!("{name}: {:.1} %", 100.0 * probability_of_different(predictions[index]))
        };
        let wrong = heads.last().is_some_and(|(_, predictions)| !predictions[index].is_right());
        Picture {
            images: [pair.first, pair.second].map(|row| grey_levels(images, row)).to_vec(),
            caption: std::iter::once(label.to_owned()).chain(heads.iter().map(score)).collect(),
            wrong,
        }
    };
    pairs.iter().enumerate().map(picture).collect()
}

fn probability_of_different(prediction: Prediction) -> f32 {
    if prediction.class == Relation::Different.label() { prediction.probability } else { 1.0 - prediction.probability }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_shown_with_its_label_and_the_score_of_each_head() {
        let images = Dataset::from_pixels([vec![10; PIXELS], vec![20; PIXELS]].concat(), vec![3, 4], 10);
        let pairs = [Pair { first: 1, second: 0, relation: Relation::Different }];
        let says = |class, probability| vec![Prediction { class, label: 1, probability }];
        let heads = [("one".to_owned(), says(1, 0.75)), ("other".to_owned(), says(0, 0.75))];
        let expected = Picture {
            images: vec![vec![20; PIXELS], vec![10; PIXELS]],
            caption: vec!["different".to_owned(), "one: 75.0 %".to_owned(), "other: 25.0 %".to_owned()],
            wrong: true,
        };
        assert_eq!(pictures_of_pairs(&images, &pairs, &heads), [expected]);
    }
}
