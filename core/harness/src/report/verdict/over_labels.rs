//! What a question that is asked from several numbers of labels comes to.

use ch11_core::text::thousands;

use super::{Answer, Verdict};

/// From how many labels a question is asked, of those from which it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCount {
    /// What is asked about, from whatever number: `Transfer`.
    pub subject: String,
    /// The number of labels.
    pub labels: usize,
    /// What is counted: `labels per digit`.
    pub unit: String,
}

/// Says of each subject from which numbers of labels it helps, and where it stops; with the part that asked last. Of a subject that was
/// asked about from a single number, there is nothing to say.
pub fn over_labels(verdicts: &[Verdict]) -> Vec<(&str, String)> {
    let mut curves: Vec<Vec<(&LabelCount, &Verdict)>> = Vec::new();
    for verdict in verdicts {
        let Some(count) = &verdict.comparison.labels else { continue };
        match curves.iter_mut().find(|curve| curve[0].0.subject == count.subject) {
            Some(curve) => curve.push((count, verdict)),
            None => curves.push(vec![(count, verdict)]),
        }
    }
    let several = curves.into_iter().filter(|curve| curve.len() > 1);
    several.filter_map(|curve| Some((curve.last()?.1.part(), sentence(curve)))).collect()
}

fn sentence(mut curve: Vec<(&LabelCount, &Verdict)>) -> String {
    curve.sort_by_key(|(count, _)| count.labels);
    let LabelCount { subject, unit, .. } = curve[0].0;
    let mut answers: Vec<Answer> = Vec::new();
    for (_, verdict) in &curve {
        if !answers.contains(&verdict.answer) {
            answers.push(verdict.answer);
        }
    }
    let clause = |answer: &Answer| {
        let numbers = curve.iter().filter(|(_, verdict)| verdict.answer == *answer);
        let numbers: Vec<String> = numbers.map(|(count, _)| thousands(count.labels)).collect();
        format!("{} from {}", answer.verb(), listed(&numbers))
    };
    let clauses: Vec<String> = answers.iter().map(clause).collect();
    format!("{subject} {} {unit}. {}", clauses.join("; it "), where_it_stops(&curve))
}

fn where_it_stops(curve: &[(&LabelCount, &Verdict)]) -> String {
    let helps = |(_, verdict): &&(&LabelCount, &Verdict)| verdict.answer.is_for_the_better();
    let after = curve.iter().rposition(|it| helps(&it)).map(|last| curve.get(last + 1));
    match after {
        None => "It is not shown to help at any of these numbers.".to_owned(),
        Some(None) => "It still helps at the largest number.".to_owned(),
        Some(Some((count, _))) => {
            format!("Between these numbers it stops helping, at {} or before.", thousands(count.labels))
        }
    }
}

/// Writes `10`, `10 and 30`, or `10, 30 and 100`.
fn listed(numbers: &[String]) -> String {
    match numbers {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Comparison, answer_all, comparison};
    use super::*;

    /// Asks from these numbers of labels whether accuracies are higher than these.
    fn asked(numbers: &[(usize, [f64; 3])]) -> Vec<Verdict> {
        let question = |&(labels, after): &(usize, [f64; 3])| Comparison {
            labels: Some(LabelCount { subject: "Transfer".to_owned(), labels, unit: "images per digit".to_owned() }),
            ..comparison(&[0.80, 0.82, 0.81], &after)
        };
        answer_all(numbers.iter().map(question).collect())
    }

    const BETTER: [f64; 3] = [0.90, 0.92, 0.911];
    const ALIKE: [f64; 3] = [0.81, 0.81, 0.82];

    #[test]
    fn it_is_said_from_which_numbers_of_labels_it_helps_and_where_that_ends() {
        let said = |numbers: &[(usize, [f64; 3])]| over_labels(&asked(numbers)).remove(0).1;
        assert_eq!(
            said(&[(1000, ALIKE), (10, BETTER), (30, BETTER), (100, BETTER)]),
            "Transfer helps from 10, 30 and 100; it makes no clear difference from 1,000 images per digit. Between these \
             numbers it stops helping, at 1,000 or before."
        );
        assert_eq!(
            said(&[(10, BETTER), (30, BETTER)]),
            "Transfer helps from 10 and 30 images per digit. It still helps at the largest number."
        );
        let never = said(&[(10, ALIKE), (30, ALIKE)]);
        assert!(
            never.ends_with(" 10 and 30 images per digit. It is not shown to help at any of these numbers."),
            "{never}"
        );
    }

    #[test]
    fn a_single_number_makes_no_curve() {
        assert_eq!(over_labels(&asked(&[(10, BETTER)])), []);
        assert_eq!(over_labels(&answer_all(vec![comparison(&[0.5], &[0.6])])), []);
    }
}
