//! Text for people: names of files without control characters, numbers, and aligned columns.

use std::ffi::OsStr;
use std::fmt::Write;

/// Returns a path as one line of text. Control characters, characters that change the direction of writing, and bytes
/// that are not UTF-8 are escaped.
///
/// # Example
/// ```
/// assert_eq!(ch11_core::shown("a digit.png"), "a digit.png");
/// assert_eq!(ch11_core::shown("\u{1b}[31m.png\n"), "\\u001b[31m.png\\n");
/// ```
pub fn shown(path: impl AsRef<OsStr>) -> String {
    escaped(path.as_ref(), |_| false)
}

/// Escapes control sequences in text of one or more lines.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|character| match character {
        '\n' => shown.push(character),
        other => push(&mut shown, other),
    });
    shown
}

/// Joins the words of a command, quoted so that a shell splits them into the same words.
pub fn command_line<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| quoted(word.as_ref())).collect();
    words.join(" ")
}

fn quoted(word: &OsStr) -> String {
    let plain = word.to_str().filter(|word| shown(word) == **word);
    match plain.and_then(|word| shlex::try_quote(word).ok()) {
        Some(quoted) => quoted.into_owned(),
        None => format!("$'{}'", escaped(word, |character| matches!(character, '\\' | '\''))),
    }
}

/// Escapes what [`shown`] does, and puts a backslash before other characters that need one.
fn escaped(text: &OsStr, needs_backslash: impl Fn(char) -> bool) -> String {
    let mut shown = String::new();
    for chunk in text.as_encoded_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            if needs_backslash(character) {
                shown.push('\\');
            }
            push(&mut shown, character);
        }
        for byte in chunk.invalid() {
            // Writing into a string cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

fn push(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\t' => shown.push_str("\\t"),
        '\r' => shown.push_str("\\r"),
        // All of these have at most four digits.
        _ if character.is_control() || turns_writing(character) => {
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        }
        _ => shown.push(character),
    }
}

/// Returns whether a character changes the direction of writing, or ends a line or a paragraph.
fn turns_writing(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Formats a whole number with commas: `28,038`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Aligns lines with the same number of cells: the first `left` columns to the left, the others to the right.
pub fn align<L: AsRef<[String]>>(lines: impl IntoIterator<Item = L>, left: usize) -> String {
    let lines: Vec<L> = lines.into_iter().collect();
    let columns = lines.first().map_or(0, |line| line.as_ref().len());
    let width = |column: usize| lines.iter().map(|line| line.as_ref()[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let cell = |(column, text): (usize, &String)| {
        let width = widths[column];
        if column < left { format!("{text:<width$}") } else { format!("{text:>width$}") }
    };
    let line = |line: &L| line.as_ref().iter().enumerate().map(cell).collect::<Vec<_>>().join("  ");
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits_by_three() {
        assert_eq!([0, 999, 1000, 28_038, 1_234_567].map(thousands), ["0", "999", "1,000", "28,038", "1,234,567"]);
    }

    #[test]
    fn escapes_what_could_mean_something_to_a_terminal_and_nothing_else() {
        for (name, expected) in [
            ("seven.png", "seven.png"),
            ("a b/ünï-七'\"\\.png", "a b/ünï-七'\"\\.png"),
            ("\u{1b}]0;title\u{7}", "\\u001b]0;title\\u0007"),
            ("two\nlines\r\t", "two\\nlines\\r\\t"),
            ("\u{7f}\u{9b}31m", "\\u007f\\u009b31m"),
            ("a\u{202e}gnp.exe\u{2066}\u{2029}", "a\\u202egnp.exe\\u2066\\u2029"),
        ] {
            assert_eq!(shown(name), expected);
            assert_eq!(harmless(name), expected.replace("\\n", "\n"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_takes_every_word_as_it_was() {
        use std::os::unix::ffi::OsStrExt;

        let words = [
            &b"plain"[..],
            b"two words",
            b"",
            b"it's \\ \"quoted\" $HOME `date` *",
            b"\x1b[31mred\n'\\",
            b"not UTF-8: \xff\xfe0",
            "\u{202e}turned\u{9b}".as_bytes(),
        ];
        let line = command_line(words.map(OsStr::from_bytes));
        assert_eq!(shown(&line), line, "it is harmless itself");
        let output = std::process::Command::new("bash")
            .args(["-c", &format!("printf '%s\\0' {line}")])
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        let expected: Vec<u8> = words.iter().flat_map(|word| [word, &b"\0"[..]].concat()).collect();
        assert_eq!(output.stdout, expected, "{line}");
    }

    #[cfg(unix)]
    #[test]
    fn shows_bytes_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt;

        assert_eq!(shown(OsStr::from_bytes(b"a\xffb\xe2\x82")), "a\\xffb\\xe2\\x82");
    }
}
