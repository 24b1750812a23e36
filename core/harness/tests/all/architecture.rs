//! ARCHITECTURE.md says which room uses which, and no two files use each other, directly or in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree};

const PACKAGES: [(&str, &str); 4] = [
    ("ch11_fetch", "core/fetch"),
    ("ch11_kernels", "core/kernels"),
    ("ch11_core", "core"),
    ("ch11_harness", "core/harness"),
];

/// The path of a module, beginning with its package: `["ch11_core", "nets", "linear"]`.
type ModulePath = Vec<String>;

/// A file of code that is not a test.
#[derive(Default)]
struct Module {
    /// What it re-exports: each name, and the path that it stands for.
    reexports: BTreeMap<String, Vec<String>>,
    /// The paths of what it uses.
    uses: Vec<Vec<String>>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("cfg") && it.meta.to_token_stream().to_string().contains("test"))
}

/// Reads all modules of the packages.
fn modules() -> BTreeMap<ModulePath, Module> {
    let mut modules = BTreeMap::new();
    for (name, folder) in PACKAGES {
        read(&root().join(folder).join("src/lib.rs"), vec![name.to_owned()], &mut modules);
    }
    modules
}

fn read(file: &Path, path: ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let is_root = path.len() == 1 || file.ends_with("mod.rs");
    let folder = if is_root { file.parent().unwrap().to_owned() } else { file.with_extension("") };
    let mut module = Module::default();
    for item in syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap().items {
        match item {
            Item::Mod(inner) if is_test(&inner.attrs) => {}
            Item::Mod(inner) if inner.content.is_none() => {
                let name = inner.ident.to_string();
                let candidates = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
                let file = candidates.into_iter().find(|file| file.exists()).unwrap();
                read(&file, [path.as_slice(), &[name]].concat(), modules);
            }
            Item::Use(item) if is_test(&item.attrs) => {}
            Item::Use(item) => {
                let mut paths = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut paths);
                let paths = paths.into_iter().map(|(name, target)| (name, absolute(&target, &path)));
                if matches!(item.vis, syn::Visibility::Inherited) {
                    module.uses.extend(paths.map(|(_, target)| target));
                } else {
                    module.reexports.extend(paths);
                }
            }
            other => inline_paths(other.to_token_stream(), &path, &mut module.uses),
        }
    }
    modules.insert(path, module);
}

/// Lists what a `use` brings in: the name that it has here, and its path.
fn flatten(tree: &UseTree, before: &mut Vec<String>, paths: &mut Vec<(String, Vec<String>)>) {
    let whole = |before: &[String], last: String| [before, &[last]].concat();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, paths);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, paths)),
        UseTree::Name(name) if name.ident == "self" => paths.push((before.last().unwrap().clone(), before.clone())),
        UseTree::Name(name) => paths.push((name.ident.to_string(), whole(before, name.ident.to_string()))),
        UseTree::Rename(name) => paths.push((name.rename.to_string(), whole(before, name.ident.to_string()))),
        UseTree::Glob(_) => paths.push(("*".to_owned(), before.clone())),
    }
}

/// Lists paths that begin with `crate`, `super` or a package's name, wherever they stand.
fn inline_paths(tokens: TokenStream, module: &[String], uses: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        let mut segments = Vec::new();
        while let Some(TokenTree::Ident(word)) = tokens.get(at) {
            segments.push(word.to_string());
            let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == ':');
            at += if is_colon(at + 1) && is_colon(at + 2) { 3 } else { 1 };
            if !is_colon(at - 1) {
                break;
            }
        }
        let begins = |first: &String| ["crate", "super"].contains(&first.as_str()) || is_package(first);
        if segments.len() > 1 && begins(&segments[0]) {
            uses.push(absolute(&segments, module));
        } else if let (true, Some(token)) = (segments.is_empty(), tokens.get(at)) {
            if let TokenTree::Group(group) = token {
                inline_paths(group.stream(), module, uses);
            }
            at += 1;
        }
    }
}

fn is_package(name: &str) -> bool {
    PACKAGES.iter().any(|(package, _)| *package == name)
}

/// Makes a path begin with its package; one of another package, or of a child, stays as it is.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    match path[0].as_str() {
        "crate" => [&module[..1], &path[1..]].concat(),
        "super" => {
            let up = path.iter().take_while(|word| *word == "super").count();
            [&module[..module.len() - up], &path[up..]].concat()
        }
        "self" => [module, &path[1..]].concat(),
        other if is_package(other) => path.to_vec(),
        _ => [module, path].concat(),
    }
}

/// Finds the module that defines what a path names, through re-exports; `None` if another package does.
fn definer(path: &[String], modules: &BTreeMap<ModulePath, Module>) -> Option<ModulePath> {
    let mut length = (1..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
    let mut path = path.to_vec();
    for _ in 0..10 {
        let Some(name) = path.get(length) else { break };
        let Some(target) = modules[&path[..length]].reexports.get(name) else { break };
        path = [target.as_slice(), &path[length + 1..]].concat();
        length = (1..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
    }
    Some(path[..length].to_vec())
}

/// Lists, for each module, the others that it uses.
fn arrows() -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let modules = modules();
    let of = |(path, module): (&ModulePath, &Module)| {
        let uses = module.uses.iter().filter(|it| is_package(&it[0]) && *it != path);
        // A name that a module brings in from its own children is found through them.
        let used: BTreeSet<ModulePath> =
            uses.filter_map(|it| definer(it, &modules)).filter(|used| used != path).collect();
        (path.clone(), used)
    };
    modules.iter().map(of).collect()
}

/// The room that a module is in: `nets`, `cli`; the small packages are one room each.
fn room(path: &[String]) -> &str {
    match path[0].as_str() {
        "ch11_fetch" => "fetch",
        "ch11_kernels" => "kernels",
        _ => path.get(1).map_or("lib", String::as_str),
    }
}

#[test]
fn the_table_of_who_uses_whom_is_true() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = page.split("| room | uses |").nth(1).expect("a table of rooms");
    let names = |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let said: BTreeMap<String, BTreeSet<String>> = rows
        .flat_map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            let uses = names(cells[2]);
            names(cells[1]).into_iter().map(move |room| (room, uses.clone()))
        })
        .collect();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, used) in arrows() {
        let uses = found.entry(room(&path).to_owned()).or_default();
        uses.extend(used.iter().map(|used| room(used).to_owned()).filter(|used| used != room(&path)));
    }
    for not_a_room in ["lib", "fuzzing"] {
        found.remove(not_a_room);
    }
    assert_eq!(said, found, "left: ARCHITECTURE.md, right: the code");
    let order: Vec<&String> = said.keys().collect();
    assert!(order.len() > 12, "{order:?}");
}
#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut arrows = arrows();
    assert!(arrows.len() > 100, "{} files", arrows.len());
    // What uses nothing that is left is in no circle.
    loop {
        let free: Vec<ModulePath> =
            arrows.iter().filter(|(_, used)| used.is_empty()).map(|(path, _)| path.clone()).collect();
        if free.is_empty() {
            break;
        }
        for path in &free {
            arrows.remove(path);
            arrows.values_mut().for_each(|used| {
                used.remove(path);
            });
        }
    }
    let name = |path: &ModulePath| path.join("::");
    let circles: Vec<String> = arrows
        .iter()
        .map(|(path, used)| format!("{} uses {}", name(path), used.iter().map(name).collect::<Vec<_>>().join(", ")))
        .collect();
    assert!(circles.is_empty(), "circles among:\n{}", circles.join("\n"));
}
