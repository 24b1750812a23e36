//! Links lead somewhere, both where the Markdown is read as it is and in the book.

use std::fs;
use std::path::Path;

/// Returns the name and the text of each page, without its code.
fn pages() -> Vec<(String, String)> {
    let files = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let read = |path: &Path| fs::read_to_string(path).unwrap().split("```").step_by(2).collect::<String>();
    pages.map(|path| (path.file_name().unwrap().display().to_string(), read(&path))).collect()
}

/// Returns the label and the target of each link definition.
fn definitions(markdown: &str) -> Vec<(&str, &str)> {
    markdown.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).collect()
}

/// Returns the label of each link, `[text][label]`.
fn links(markdown: &str) -> Vec<&str> {
    markdown.split("][").skip(1).filter_map(|rest| rest.split_once(']')).map(|(label, _)| label).collect()
}

#[test]
fn links_to_files_lead_to_one_and_have_their_place_in_the_book() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = [include_str!("../../src/links.md"), include_str!(concat!(env!("OUT_DIR"), "/files.md"))].concat();
    let in_book = |label| definitions(&book).iter().any(|(other, _)| *other == label);
    let pages = pages();
    assert_eq!(pages.len(), 8, "seven answers and the contents");
    for (page, text) in &pages {
        for (label, target) in definitions(text).into_iter().filter(|(_, target)| !target.starts_with("https://")) {
            assert!(folder.join(target).is_file(), "{page}: [{label}] leads to {target}, which is no file");
            assert!(in_book(label), "{page}: [{label}] leads nowhere in the book");
        }
    }
    for (label, _) in definitions(&book) {
        assert!(pages.iter().any(|(_, text)| links(text).contains(&label)), "[{label}] is in no page");
    }
}

#[test]
fn links_are_defined_and_definitions_used() {
    for (page, text) in pages() {
        let defined: Vec<&str> = definitions(&text).into_iter().map(|(label, _)| label).collect();
        for label in links(&text) {
            assert!(defined.contains(&label), "{page}: [{label}] is not defined");
        }
        for label in defined {
            assert!(links(&text).contains(&label), "{page}: [{label}] is in no link");
        }
    }
}
