//! How much room text takes in a plot, estimated from its letters.

/// The size of text, in a plot's units.
pub(super) const TEXT: u32 = 34;
/// The smallest size that can be read on a phone.
const SMALLEST: u32 = 20;
/// The width of a letter of the size [`TEXT`], and of a superscript digit or a point.
pub(super) const LETTER: i32 = 19;
const NARROW: i32 = 12;
/// The gap between two texts beside each other.
pub(super) const GAP: i32 = 12;

/// Returns how wide a text is.
pub(super) fn width(text: &str) -> i32 {
    text.chars().map(|letter| if ".·⁻⁰¹²³⁴⁵⁶⁷⁸⁹".contains(letter) { NARROW } else { LETTER }).sum()
}

/// Names that stand beside each other, each in as many lines as it needs.
#[derive(Debug, PartialEq)]
pub(super) struct Names {
    /// The size of the text.
    pub size: u32,
    /// The lines of each name.
    pub lines: Vec<Vec<String>>,
}

impl Names {
    /// Breaks names between words so that none is wider than `room`. If a word is wider, all names become smaller, and
    /// a word that is too wide even then is cut.
    pub(super) fn within(room: i32, names: &[String]) -> Self {
        let longest = names.iter().flat_map(|name| name.split(' ')).map(width).max().unwrap_or(0).max(1);
        let size = (i64::from(TEXT) * i64::from(room) / i64::from(longest)) as u32;
        let size = size.clamp(SMALLEST, TEXT);
        let room = room * TEXT as i32 / size as i32;
        Self { size, lines: names.iter().map(|name| broken(name, room)).collect() }
    }

    /// Returns how high a line is.
    pub(super) fn line_height(&self) -> u32 {
        self.size + self.size / 8
    }

    /// Returns how high the names are.
    pub(super) fn height(&self) -> u32 {
        self.line_height() * self.lines.iter().map(Vec::len).max().unwrap_or(0) as u32
    }
}

fn broken(name: &str, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ').map(|word| cut(word, room)) {
        match lines.last_mut() {
            Some(line) if width(line) + LETTER + width(&word) <= room => *line = format!("{line} {word}"),
            _ => lines.push(word),
        }
    }
    lines
}

fn cut(word: &str, room: i32) -> String {
    if width(word) <= room {
        return word.to_owned();
    }
    let mut left = room - LETTER;
    let fits = |letter: &char| {
        left -= width(letter.encode_utf8(&mut [0; 4]));
        left >= 0
    };
    word.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(room: i32, name: &str) -> (u32, Vec<String>) {
        let mut names = Names::within(room, &[name.to_owned()]);
        (names.size, names.lines.remove(0))
    }

    #[test]
    fn names_are_broken_between_words_then_smaller_then_cut() {
        assert_eq!(lines(300, "leaky ReLU 0.01"), (TEXT, vec!["leaky ReLU 0.01".to_owned()]));
        assert_eq!(lines(200, "leaky ReLU 0.01").1, ["leaky ReLU", "0.01"]);
        assert_eq!(lines(100, "leaky ReLU 0.01"), (TEXT, ["leaky", "ReLU", "0.01"].map(str::to_owned).to_vec()));
        assert_eq!(lines(80, "leaky ReLU 0.01").0, 28);
        assert_eq!(lines(80, "exceptionally long"), (SMALLEST, vec!["except…".to_owned(), "long".to_owned()]));
        assert_eq!(lines(1, "a").1, ["…"]);
    }
}
