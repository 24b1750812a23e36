//! The few images that exercise 9 trains on.

use ch11_core::data::{Dataset, Digits, PIXELS};

/// How many images of each digit a network sees. Which ones, its seed draws: that is the larger part of the chance in the
/// results.
#[derive(Debug, Clone, Copy)]
pub struct FewImages {
    per_digit: usize,
}

/// The images of one seed, of the digits 5 to 9.
#[derive(Debug)]
pub struct Drawn<'a> {
    pub train: Dataset<PIXELS>,
    /// Those that say when to stop.
    pub validation: Dataset<PIXELS>,
    /// All test images.
    pub test: &'a Dataset<PIXELS>,
}

impl FewImages {
    /// The exercise's 100.
    pub const HUNDRED: Self = Self::of_each(100);

    /// Trains on so many of each digit.
    pub const fn of_each(per_digit: usize) -> Self {
        Self { per_digit }
    }

    /// Returns how many there are of each digit.
    pub fn count(self) -> usize {
        self.per_digit
    }

    /// Returns their number in units of the exercise's 100.
    pub fn in_hundreds(self) -> f32 {
        self.per_digit as f32 / 100.0
    }

    /// Returns how many more there are to validate on: three for every ten.
    pub fn to_validate(self) -> usize {
        self.per_digit * 3 / 10
    }

    /// Draws the images of a seed, or takes all of a digit that has fewer.
    pub fn draw(self, digits: &Digits, seed: u64) -> Drawn<'_> {
        Drawn {
            train: digits.train.draw_of_each(self.per_digit, seed),
            validation: digits.validation.draw_of_each(self.to_validate(), seed),
            test: &digits.test,
        }
    }

    /// Says how many images of each digit there are to train on: `100`, or, where the data have fewer of some, `12 to 100`.
    pub fn per_digit(self, digits: &Digits) -> String {
        let counts = digits.train.class_counts().into_iter().map(|count| count.min(self.per_digit));
        let (least, most) = counts.fold((usize::MAX, 0), |(least, most), count| (least.min(count), most.max(count)));
        if least == most { most.to_string() } else { format!("{least} to {most}") }
    }

    /// Returns whether the data have as many of each digit.
    pub fn is_in(self, digits: &Digits) -> bool {
        let has = |images: &Dataset<PIXELS>, count| images.class_counts().into_iter().all(|it| it >= count);
        has(&digits.train, self.per_digit) && has(&digits.validation, self.to_validate())
    }
}
