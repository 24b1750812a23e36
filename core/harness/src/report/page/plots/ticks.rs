//! Numbers along an axis: which, and how they are written.

use std::ops::Range;

/// The most numbers along an axis.
pub(super) const MOST_TICKS: usize = 6;

/// Returns 1, 2 and 5 times the powers of ten that are in a range, or fewer of them: a few.
pub(super) fn round_numbers(range: &Range<f64>) -> Vec<f64> {
    let first_digits: [&[f64]; 2] = [&[1.0, 2.0, 5.0], &[1.0, 5.0]];
    let numbers = first_digits.into_iter().map(|digits| multiples(range, digits));
    numbers.into_iter().find(|numbers| numbers.len() <= MOST_TICKS).unwrap_or_else(|| powers_of_ten(range))
}

fn multiples(range: &Range<f64>, digits: &[f64]) -> Vec<f64> {
    let numbers = exponents(range).flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)));
    numbers.filter(|number| range.contains(number)).collect()
}

/// Returns powers of ten in a range, every second or third and so on if there are many.
fn powers_of_ten(range: &Range<f64>) -> Vec<f64> {
    let step = multiples(range, &[1.0]).len().div_ceil(MOST_TICKS).max(1) as i32;
    let powers = exponents(range).filter(|power| power.rem_euclid(step) == 0).map(|power| 10_f64.powi(power));
    powers.filter(|number| range.contains(number)).collect()
}

/// The powers of ten that numbers of a range may have, all that there are at most.
fn exponents(range: &Range<f64>) -> impl Iterator<Item = i32> {
    let [low, high] = [range.start, range.end].map(|number| number.log10().clamp(-320.0, 310.0).floor() as i32);
    low..=high
}

/// Writes a number as short as it can be told from others beside it: `0.02`, `300`, `5·10⁻⁸`.
pub(super) fn written(number: f64) -> String {
    if number == 0.0 || !number.is_finite() || (1e-3..1e5).contains(&number.abs()) {
        return short(number);
    }
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
    let text = format!("{rounded:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: String = power.chars().map(raised).collect();
    match digits {
        "1" => format!("10{power}"),
        _ => format!("{digits}·10{power}"),
    }
}

fn raised(character: char) -> char {
    match character {
        '-' => '⁻',
        digit => digit.to_digit(10).and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize)).unwrap_or(digit),
    }
}

/// Writes a number in four digits at most, without the noise of its last bits.
fn short(number: f64) -> String {
    format!("{number:.3e}").parse::<f64>().unwrap_or(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_keep_their_digits() {
        assert_eq!([1e-5, 5e-5, 0.720_000_1, 200.0, 0.0].map(short), ["0.00001", "0.00005", "0.72", "200", "0"]);
    }

    #[test]
    fn numbers_that_would_take_many_zeros_are_powers_of_ten() {
        let numbers = [1e-8, 5e-8, 1.234e-5, 0.001, 0.000_999, 2e5, -1e-8, 30_000.0, 1e300];
        let texts = ["10⁻⁸", "5·10⁻⁸", "1.234·10⁻⁵", "0.001", "9.99·10⁻⁴", "2·10⁵", "-1·10⁻⁸", "30000", "10³⁰⁰"];
        assert_eq!(numbers.map(written), texts);
    }

    #[test]
    fn there_are_a_few_round_numbers_in_any_range() {
        for (low, high) in [(1e-9, 1.0), (1e-300, 1e300), (0.0011, 0.99), (0.02, 0.9), (1e-8, 3e-8)] {
            let numbers = round_numbers(&(low..high));
            assert!((2..=MOST_TICKS).contains(&numbers.len()), "{low} to {high}: {numbers:?}");
            assert!(numbers.is_sorted() && numbers.iter().all(|number| (low..high).contains(number)), "{numbers:?}");
        }
    }
}
