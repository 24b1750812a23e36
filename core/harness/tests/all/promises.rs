//! Each test that PROMISES.md names is there, is run, and can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemFn};

/// What may decide whether a test is run: with these, the same tests are run wherever the promises are kept.
const CONDITIONS: [&str; 3] = ["test", "unix", "target_os = \"linux\""];

/// What makes a test fail, besides functions and macros whose names begin with `assert`.
const FAILING: [&str; 5] = ["panic", "success", "code", "unwrap_err", "expect_err"];

#[test]
fn every_promise_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("PROMISES.md")).unwrap();
    let mut links = 0;
    for link in page.split("[`").skip(1) {
        let (name, rest) = link.split_once("`](").unwrap();
        let (path, _) = rest.split_once(')').unwrap();
        let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let is_file = Path::new(path).ends_with(name) || path == name;
        if let (false, Err(fault)) = (is_file, can_fail(&text, name)) {
            panic!("{path}: {name} {fault}");
        }
        links += 1;
    }
    assert!(links > 50, "{links} links");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise"));
    for row in rows {
        assert_eq!(row.matches(" | ").count(), 1, "no test in: {row}");
        assert!(row.split(" | ").nth(1).unwrap().contains('`'), "no test in: {row}");
    }
}

/// The functions of a file by name, each with the attributes of the modules around it and its own.
type Functions = BTreeMap<String, (Vec<Attribute>, ItemFn)>;

/// Checks that a file has a test of this name, that it is run, and that it asserts something.
fn can_fail(text: &str, name: &str) -> Result<(), String> {
    let mut functions = Functions::new();
    collect(syn::parse_file(text).map_err(|error| error.to_string())?.items, &[], &mut functions);
    let (attributes, _) = functions.get(name).ok_or("is not there")?;
    let written: Vec<String> = attributes.iter().map(|it| it.meta.to_token_stream().to_string()).collect();
    if !written.iter().any(|attribute| attribute == "test") {
        return Err("is no test".to_owned());
    }
    let allowed = |attribute: &str| {
        let condition = attribute.strip_prefix("cfg (").and_then(|rest| rest.strip_suffix(')'));
        let may_be_left_out = ["ignore", "cfg", "cfg_attr"].iter().any(|word| attribute.starts_with(word));
        !may_be_left_out || condition.is_some_and(|condition| CONDITIONS.contains(&condition.trim()))
    };
    if let Some(other) = written.iter().find(|attribute| !allowed(attribute)) {
        return Err(format!("is not always run: {other}"));
    }
    if asserts(name, &functions, &mut BTreeSet::new()) { Ok(()) } else { Err("asserts nothing".to_owned()) }
}

fn collect(items: Vec<Item>, around: &[Attribute], functions: &mut Functions) {
    let all = |own: &[Attribute]| [around, own].concat();
    for item in items {
        match item {
            Item::Fn(function) => {
                functions.insert(function.sig.ident.to_string(), (all(&function.attrs), function));
            }
            Item::Mod(module) => {
                let attributes = all(&module.attrs);
                collect(module.content.map(|(_, items)| items).unwrap_or_default(), &attributes, functions);
            }
            Item::Macro(item) if item.mac.path.segments.last().is_some_and(|last| last.ident == "proptest") => {
                let file: syn::File = syn::parse2(without_arguments(item.mac.tokens)).unwrap();
                collect(file.items, around, functions);
            }
            _ => {}
        }
    }
}

/// Removes the arguments of the tests in a `proptest!`, which are not written as those of Rust functions are.
fn without_arguments(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_fn = |index: usize| matches!(&tokens[index], TokenTree::Ident(word) if word == "fn");
    let token = |(index, token): (usize, &TokenTree)| match token {
        TokenTree::Group(_) if index >= 2 && is_fn(index - 2) => {
            Group::new(Delimiter::Parenthesis, TokenStream::new()).into()
        }
        token => token.clone(),
    };
    tokens.iter().enumerate().map(token).collect()
}

/// Returns whether a function can fail, or one of the same file that it calls.
fn asserts<'a>(name: &str, functions: &'a Functions, seen: &mut BTreeSet<&'a str>) -> bool {
    let Some((name, (_, function))) = functions.get_key_value(name) else { return false };
    if !seen.insert(name) {
        return false;
    }
    let body = function.block.to_token_stream().to_string();
    let mut words = body.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|word| {
        word.starts_with("assert")
            || word.starts_with("prop_assert")
            || FAILING.contains(&word)
            || asserts(word, functions, seen)
    })
}

#[test]
fn a_test_that_cannot_fail_is_found() {
    let test = |attributes: &str, body: &str| {
        let helper = "fn helper() { assert_eq!(1, 1); }\nfn idle() { idle() }";
        can_fail(&format!("{helper}\n#[cfg(test)] mod tests {{ {attributes} fn named() {{ {body}\n}} }}"), "named")
    };
    for body in ["assert!(true)", "run().success();", "helper()", "assert_fails(run(), &[])", "panic!(\"no\")"] {
        assert_eq!(test("#[test]", body), Ok(()), "{body}");
        assert_eq!(test("#[cfg(unix)] #[test]", body), Ok(()), "{body}");
    }
    for body in ["", "// assert!(false)", "run();", "idle()"] {
        assert_eq!(test("#[test]", body), Err("asserts nothing".to_owned()), "{body}");
    }
    for attributes in
        ["#[test] #[ignore]", "#[test] #[ignore = \"slow\"]", "#[cfg(any())] #[test]", "#[cfg(windows)] #[test]"]
    {
        assert!(test(attributes, "assert!(true)").unwrap_err().starts_with("is not always run"), "{attributes}");
    }
    assert_eq!(test("", "assert!(true)"), Err("is no test".to_owned()));
    assert!(can_fail("#[cfg(any())] mod tests { #[test] fn named() { assert!(true) } }", "named").is_err());
    assert_eq!(can_fail("// fn named(", "named"), Err("is not there".to_owned()));
}
