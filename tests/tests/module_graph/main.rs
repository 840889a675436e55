//! The modules of each crate use one another without a cycle, and so do the crates.
//!
//! Each file of a crate uses the files whose items it names: in `use` trees, and by paths in its text. A re-export is
//! followed to the module that defines the item. Declaring a child with `mod` and re-exporting its items is not a use;
//! a child that names an item of its parent uses the parent. Tests and doc comments are left out.
//!
//! `FANIN_TREE=/another/checkout cargo test -p fanin-tests --test module_graph` looks at another working tree.

mod graph;
mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use crate::graph::Graph;

/// Files that may form a cycle: a registry, and the types that it lists.
struct Allowed {
    /// The crate's folder in `crates/`.
    package: &'static str,
    /// All files of the cycle, relative to `src/`; a name that ends with `/` is every file below that folder.
    files: &'static [&'static str],
    reason: &'static str,
}

/// Each entry must be exactly one set of files that use one another; remove the entry when the cycle is gone.
const ALLOWED: &[Allowed] = &[
    Allowed {
        package: "init-core",
        files: &[
            "initializer/definition.rs",
            "initializer/parameter_error.rs",
            "initializer/registry/",
            "initializer/resolve.rs",
            "initializer/spec.rs",
            "initializer/values.rs",
        ],
        reason: "`Initializer` reads its names, parameters and defaults from the table, whose rows are made from the \
                 file of each initializer, which names `Initializer`",
    },
    Allowed {
        package: "init-core",
        files: &["scheme/named.rs", "scheme/spec.rs", "scheme/table.rs"],
        reason: "`Scheme` reads its names, parameters and defaults from the table, whose rows make a `Scheme`",
    },
];

impl Allowed {
    /// Returns whether these files, and no fewer, are the cycle of this entry.
    fn is(&self, files: &BTreeSet<&str>) -> bool {
        let listed = |name: &str, file: &str| name == file || name.ends_with('/') && file.starts_with(name);
        files.iter().all(|file| self.files.iter().any(|name| listed(name, file)))
            && self.files.iter().all(|name| files.iter().any(|file| listed(name, file)))
    }
}

/// The root of the workspace to look at.
fn tree() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    env::var_os("FANIN_TREE").map_or_else(here, PathBuf::from)
}

/// The folders of the workspace's crates.
fn crates(tree: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(tree.join("crates")).expect("the folder crates").map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.join("Cargo.toml").exists()).collect();
    folders.sort();
    assert!(folders.len() >= 6, "{folders:?}");
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().expect("a name").to_str().expect("UTF-8").to_owned()
}

/// The cycles of a crate that the allow list does not have, and the entries of the list that are not needed.
fn faults(package: &str, graph: &Graph, allowed: &[Allowed]) -> Vec<String> {
    let mut unused: Vec<&Allowed> = allowed.iter().filter(|entry| entry.package == package).collect();
    let mut faults = Vec::new();
    for knot in graph.knots() {
        let files: BTreeSet<&str> = knot.iter().map(|&file| graph.names[file].as_str()).collect();
        let known = unused.iter().position(|entry| entry.is(&files));
        match known {
            Some(entry) => _ = unused.remove(entry),
            None => faults.push(format!(
                "{package}: {} files use one another: {}\na shortest cycle:\n{}",
                files.len(),
                files.into_iter().collect::<Vec<_>>().join(", "),
                graph.describe(&graph.cycle(&knot))
            )),
        }
    }
    faults.extend(unused.into_iter().map(|entry| {
        format!("{package}: the allow list's {:?} ({}) is not such a set of files", entry.files, entry.reason)
    }));
    faults
}

#[test]
fn the_modules_of_each_crate_have_no_cycle() {
    let tree = tree();
    let crates = crates(&tree);
    let mut all = Vec::new();
    for folder in &crates {
        for root in ["lib.rs", "main.rs"].map(|root| folder.join("src").join(root)) {
            if root.exists() {
                let graph = Graph::of(&root);
                let uses: usize = graph.uses.iter().map(BTreeMap::len).sum();
                println!("{}: {} files, {uses} uses", name(folder), graph.names.len());
                all.extend(faults(&name(folder), &graph, ALLOWED));
            }
        }
    }
    for entry in ALLOWED {
        assert!(crates.iter().any(|folder| name(folder) == entry.package), "no crate {}", entry.package);
        assert!(!entry.reason.is_empty(), "{:?}", entry.files);
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}

/// The crates of the workspace that a manifest names as dependencies of any kind.
fn dependencies(manifest: &str, packages: &BTreeSet<String>) -> BTreeSet<String> {
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
        } else if inside {
            let end = line.find(['.', '=', ' ']).unwrap_or(line.len());
            found.extend(packages.get(&line[..end]).cloned());
        }
    }
    found
}

#[test]
fn the_crates_have_no_cycle() {
    let folders = crates(&tree());
    let packages: BTreeSet<String> = folders.iter().map(|folder| name(folder)).collect();
    let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in &folders {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains(&format!("name = \"{}\"", name(folder))), "a folder has its crate's name");
        // A crate may depend on itself for its tests, with other features.
        let mut on = dependencies(&manifest, &packages);
        on.remove(&name(folder));
        open.insert(name(folder), on);
    }
    assert!(open["init-kernels"].contains("init-core"), "{open:?}");
    // Crates without dependencies are taken away until none is left.
    while !open.is_empty() {
        let done: Vec<String> =
            open.iter().filter(|(_, on)| on.is_empty()).map(|(package, _)| package.clone()).collect();
        assert!(!done.is_empty(), "crates that depend on one another: {open:?}");
        open.retain(|package, _| !done.contains(package));
        open.values_mut().for_each(|on| on.retain(|package| !done.contains(package)));
    }
}

/// A crate of these files, in a temporary folder.
fn sketch(files: &[(&str, &str)]) -> Graph {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    Graph::of(&folder.path().join(files[0].0))
}

#[track_caller]
fn assert_cycle(files: &[(&str, &str)], expected: &[&str]) {
    let faults = faults("sketch", &sketch(files), &[]);
    let [fault] = &faults[..] else { panic!("{} faults: {faults:?}", faults.len()) };
    for part in expected {
        assert!(fault.contains(part), "{part}\n{fault}");
    }
}

#[track_caller]
fn assert_no_cycle(files: &[(&str, &str)]) {
    assert_eq!(faults("sketch", &sketch(files), &[]), Vec::<String>::new());
}

#[test]
fn a_cycle_of_imports_is_found() {
    assert_cycle(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::{b::{self, B}, std};\npub struct A(B);"),
            ("b.rs", "\n\nuse super::c::C as D;\npub struct B(D);"),
            ("c.rs", "pub struct C(Option<Box<crate::a::A>>);"),
        ],
        &["3 files", "a.rs:1 (crate::b::B) -> b.rs", "b.rs:3 (super::c::C) -> c.rs", "c.rs:1 (crate::a::A) -> a.rs"],
    );
}

#[test]
fn re_exports_are_followed_to_the_module_that_defines_the_item() {
    let files = |user: &'static str| {
        [
            ("lib.rs", "mod a; mod b;\npub use a::A; pub(crate) use b::*;"),
            ("a.rs", "use crate::B;\npub struct A(B);"),
            ("b.rs", user),
        ]
    };
    assert_no_cycle(&files("pub struct B;"));
    assert_cycle(&files("pub struct B(*const crate::A);"), &["a.rs:1 (crate::B) -> b.rs", "b.rs:1 (crate::A) -> a.rs"]);
}

#[test]
fn a_parent_uses_its_child_only_where_it_names_the_childs_items() {
    let child = ("part/mod.rs", "mod small;\npub use small::Small;\npub const LIMIT: usize = 3;");
    let small = ("part/small.rs", "use super::LIMIT;\npub struct Small([u8; LIMIT]);");
    let root = ("lib.rs", "pub mod part;");
    assert_no_cycle(&[root, child, small]);
    let caller = ("part/mod.rs", "mod small;\npub use small::Small;\npub const LIMIT: usize = size_of::<Small>();");
    assert_cycle(&[root, caller, small], &["part/mod.rs:2 (small::Small) -> part/small.rs", "-> part/mod.rs"]);
    let inline = ("part/mod.rs", "mod small;\npub const LIMIT: usize = size_of::<small::Small>();");
    assert_cycle(&[root, inline, small], &["part/mod.rs:2 (small::Small)", "part/small.rs:1 (super::LIMIT)"]);
}

#[test]
fn globs_macros_and_local_imports_count() {
    let root = ("lib.rs", "mod a; mod b;");
    let b = ("b.rs", "pub struct B; pub fn b() { use crate::a::a; a(); }");
    assert_no_cycle(&[root, ("a.rs", "use crate::b::*; pub fn a() {}"), b]);
    assert_cycle(&[root, ("a.rs", "use crate::b::*;\npub fn a() { let _ = B; }"), b], &["a.rs:2 (B by crate::b::*)"]);
    let macros = ("a.rs", "macro_rules! make { () => { $crate::b::B } }\npub fn a() {}");
    assert_cycle(&[root, macros, b], &["a.rs:1 (crate::b::B)"]);
}

/// Each glob of another crate was once searched for the name of each, and so on: 2³² searches for two of them.
#[test]
fn several_globs_of_other_crates_are_followed_once() {
    let globs = "use alpha::prelude::*; use beta::prelude::*; use gamma::prelude::*; use crate::b::*;\n";
    let user = format!("{globs}pub fn a() {{ let _ = (B, C); }}");
    assert_cycle(
        &[("lib.rs", "mod a; mod b;"), ("a.rs", &user), ("b.rs", "pub struct B; pub fn b() { crate::a::a(); }")],
        &["a.rs:2 (B by crate::b::*)"],
    );
}

#[test]
fn tests_comments_strings_and_other_crates_do_not_count() {
    assert_no_cycle(&[
        ("lib.rs", "mod a; mod b; use std::fmt;"),
        (
            "a.rs",
            "//! See [`crate::b::B`].\nuse core::fmt as b;\n#[cfg(test)]\nuse crate::b::B;\n/// crate::b::B\n\
             pub fn a<'b>(_: &'b str) -> &'static str { \"crate::b::B\" /* crate::b::B */ }\n\
             #[cfg(all(test, unix))]\nmod tests { use crate::b::B; }\npub fn c(self_: b::Arguments) {}",
        ),
        ("b.rs", "pub struct B; pub(in crate::b) fn b() { crate::a::a(\"\"); }"),
    ]);
}

#[test]
fn the_allow_list_has_exactly_the_cycles_that_are_there() {
    let graph = sketch(&[
        ("lib.rs", "mod row; mod table;"),
        ("row.rs", "use crate::table::TABLE;\npub struct Row; pub fn f() { TABLE; }"),
        ("table.rs", "use crate::row::Row;\npub const TABLE: Row = Row;"),
    ]);
    let entry = |package, files| Allowed { package, files, reason: "a registry" };
    let both = &["table.rs", "row.rs"];
    assert_eq!(faults("sketch", &graph, &[entry("sketch", both), entry("other", both)]), Vec::<String>::new());
    let found = faults("sketch", &graph, &[entry("sketch", &["row.rs"])]);
    assert!(found.len() == 2 && found[1].contains("is not such a set"), "{found:?}");
    assert_eq!(faults("sketch", &graph, &[entry("sketch", both), entry("sketch", both)]).len(), 1);
    let folder = sketch(&[
        ("lib.rs", "mod rows;"),
        ("rows/mod.rs", "mod a; pub struct Row; pub const A: Row = a::A;"),
        ("rows/a.rs", "use super::Row;\npub const A: Row = Row;"),
    ]);
    assert_eq!(faults("sketch", &folder, &[entry("sketch", &["rows/"])]), Vec::<String>::new());
    assert_eq!(faults("sketch", &folder, &[entry("sketch", &["rows/", "other/"])]).len(), 2);
}
