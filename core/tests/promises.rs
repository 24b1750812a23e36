//! Each test that PROMISES.md names is there.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

#[test]
fn every_promise_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("PROMISES.md")).unwrap();
    let mut links = 0;
    for link in page.split("[`").skip(1) {
        let (name, rest) = link.split_once("`](").unwrap();
        let (path, _) = rest.split_once(')').unwrap();
        let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let is_file = Path::new(path).ends_with(name) || path == name;
        assert!(is_file || text.contains(&format!("fn {name}(")), "{path} has no {name}");
        links += 1;
    }
    assert!(links > 50, "{links} links");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    for row in rows {
        assert_eq!(row.matches(" | ").count(), 1, "no test in: {row}");
        assert!(row.split(" | ").nth(1).unwrap().contains('`'), "no test in: {row}");
    }
}
