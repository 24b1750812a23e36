//! The test digits that are still taken for others.

use ch11_core::metrics::Prediction;
use ch11_core::text::thousands;
use ch11_harness::cli::Session;
use ch11_harness::report::{Picture, Tested, grey_levels};
use serde_json::{Value, json};

use crate::part_a::{CLASSES, Network};

/// The most that are shown; a network that was hardly trained makes hundreds.
const SHOWN: usize = 40;

/// The test digits that the networks of most seeds take for others.
pub struct Mistakes {
    mistakes: Vec<Mistake>,
    tested: usize,
    seeds: usize,
}

/// One of them.
struct Mistake {
    /// Its number among the test digits 0 to 4, from 0.
    number: usize,
    digit: u8,
    /// How many seeds take it for each digit.
    taken_for: [usize; CLASSES],
    image: Vec<u8>,
}

impl Mistakes {
    /// Finds the test digits that more than half of the networks get wrong.
    pub fn of(session: &Session, networks: &[Tested<Network>]) -> Self {
        let test = &session.digits.test;
        let mistake = |number: usize| {
            let digit = test.labels()[number];
            let mut taken_for = [0; CLASSES];
            for prediction in networks.iter().filter_map(|it| it.test.predictions.get(number)) {
                let Prediction { class, .. } = *prediction;
                taken_for[usize::from(class)] += 1;
            }
            let is_missed = 2 * taken_for[usize::from(digit)] < networks.len();
            is_missed.then(|| Mistake { number, digit, taken_for, image: grey_levels(test, number) })
        };
        Self { mistakes: (0..test.len()).filter_map(mistake).collect(), tested: test.len(), seeds: networks.len() }
    }

    /// Says how many there are.
    pub fn sentence(&self) -> String {
        let list = |mistake: &Mistake| format!("a {} taken for a {}", mistake.digit, mistake.usual());
        let some: Vec<String> = self.mistakes.iter().take(SHOWN / 4).map(list).collect();
        let more = if self.mistakes.len() > some.len() { ", and others" } else { "" };
        let by = if self.seeds == 1 { "this network misses" } else { "most seeds miss" };
        format!(
            "What is still wrong? Of {} test digits, {by} {}: {}{more}.",
            thousands(self.tested),
            self.mistakes.len(),
            if some.is_empty() { "none".to_owned() } else { some.join(", ") },
        )
    }

    /// Says what the pictures are.
    pub fn note(&self) -> String {
        let count = self.mistakes.len();
        let which = if count > SHOWN { format!("The first {SHOWN} of {count}") } else { format!("All {count}") };
        let who = if self.seeds == 1 { "the network".to_owned() } else { format!("most of {} networks", self.seeds) };
        format!(
            "{which} test digits that {who} still took for another: a digit → what it was taken for, and how often."
        )
    }

    /// Shows them, with what each was taken for.
    pub fn pictures(&self) -> Vec<Picture> {
        let picture = |mistake: &Mistake| {
            let others = (0..CLASSES).filter(|&class| class != usize::from(mistake.digit));
            let taken = others.filter(|&class| mistake.taken_for[class] > 0);
            let lines = taken.map(|class| format!("{} → {class}: {}", mistake.digit, mistake.taken_for[class]));
            Picture { images: vec![mistake.image.clone()], caption: lines.collect(), wrong: true }
        };
        self.mistakes.iter().take(SHOWN).map(picture).collect()
    }

    /// Lists them.
    pub fn to_json(&self) -> Value {
        let object = |mistake: &Mistake| {
            json!({
                "test_digit": mistake.number,
                "digit": mistake.digit,
                "taken_for": mistake.usual(),
                "seeds": self.seeds - mistake.taken_for[usize::from(mistake.digit)],
            })
        };
        self.mistakes.iter().map(object).collect()
    }
}

impl Mistake {
    /// Returns what most networks that get it wrong take it for.
    fn usual(&self) -> usize {
        let others = (0..CLASSES).filter(|&class| class != usize::from(self.digit));
        others.max_by_key(|&class| self.taken_for[class]).unwrap_or(0)
    }
}
