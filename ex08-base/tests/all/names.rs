//! Names of files that are meant to be taken for something else.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

use crate::common::{Place, stderr, stdout};

/// A title for the terminal, a line that looks like a result, writing from right to left, a byte that is not UTF-8.
const NAME: &[u8] = b"\x1b]0;title\x07\nerror: none\xe2\x80\xae\xc2\x9b31m\xff";
const SHOWN: &str = "\\u001b]0;title\\u0007\\nerror: none\\u202e\\u009b31m\\xff";

#[test]
fn names_of_files_reach_the_terminal_escaped() {
    let place = Place::new();
    let name = |end: &str| OsString::from_vec([NAME, end.as_bytes()].concat());
    let assert_shown = |assert: assert_cmd::assert::Assert, end: &str| {
        let text = stdout(&assert) + &stderr(&assert);
        assert!(text.contains(&format!("{SHOWN}{end}")), "{text:?}");
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
        assert!(!text.contains('\u{202e}') && !text.contains("\nerror: none"), "{text:?}");
    };
    let strings = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let with = |words: &[&str], name: OsString| [strings(words), vec![name]].concat();

    let train = place
        .run(
            Place::synthetic(["c", "--candidates", "1", "--epochs", "1"]).into_iter().chain(with(&["--out"], name(""))),
        )
        .success();
    assert!(!fs::read_to_string(place.path(name("")).join("report.html")).unwrap().contains('\x1b'));
    assert_shown(train, "/b/seed-42");
    let again = with(&["b", "--data", "synthetic", "--quick", "--epochs", "2", "--resume", "--out"], name(""));
    assert_shown(place.run(again).success(), "/b/seed-42");
    image::GrayImage::from_fn(60, 60, |x, _| image::Luma([if (25..35).contains(&x) { 0 } else { 255 }]))
        .save_with_format(place.path(name(".png")), image::ImageFormat::Png)
        .unwrap();
    let predict = [strings(&["predict", "--out"]), vec![name(""), name(".png")]].concat();
    assert_shown(place.tool(predict).success(), ".png");
    assert_shown(place.tool(with(&["predict", "missing.png", "--out"], name(""))).code(1), "/b/seed-42/final.ckpt");
    assert_shown(place.tool(with(&["draw", "--out"], name(""))).success(), "/draw.html");
    assert_shown(place.tool(with(&["draw", "--out"], name("-missing"))).code(1), "-missing/b/seed-42");
    assert_shown(place.run(with(&["b", "--data", "idx", "--data-dir"], name("-missing"))).code(1), "-missing");
    fs::write(place.path(name(".toml")), "'widht\\u001b' = [10]\n'\x1b' = 1").unwrap();
    assert_shown(place.run(with(&["c", "--data", "synthetic", "--quick", "--space"], name(".toml"))).code(1), ".toml");
}
