//! Rules for all sources and pages: a `//!` line first, a maximum width, plain words, no empty generated
//! section, no dead link.
//!
//! `FANIN_TREE=/another/checkout cargo test -p fanin-tests --test style` checks another working tree.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

/// The maximum length of a line of Rust, in characters. Prose wraps at 100 columns.
const WIDTH: usize = 120;

/// Expressions that the project does not use, and what it says instead.
const WORDS: &[(&str, &str)] = &[
    ("law", "distribution"),
    ("laws", "distributions"),
    ("comes to", "resolves to"),
    ("came to", "the result of"),
    ("anew", "again"),
    ("even over", "uniform on"),
    ("remarks", "metadata"),
    ("so many", "that many"),
    ("by the caller's word", "the caller guarantees"),
    ("for keeps", "say what happens"),
    ("greatest", "maximum, largest"),
    ("it is a whole number", "must be a whole number"),
];

/// Terms with these words that are standard: their lines are not searched.
const FINE: &[&str] = &["greatest common divisor", "power law", "law of large numbers"];

fn tree() -> PathBuf {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    env::var_os("FANIN_TREE").map_or_else(here, PathBuf::from)
}

/// Returns the files of the working tree with one of these endings, without build outputs and hidden folders.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_symlink() || name.starts_with('.') || matches!(name.as_str(), "target" | "venv") {
                continue;
            }
            if path.is_dir() {
                walk(&path, endings, found);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|&known| ending == known)) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&tree(), endings, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no files with the endings {endings:?}");
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Collects the faults of all files with these endings, and fails if there are any.
#[track_caller]
fn check(endings: &[&str], faults: impl Fn(&Path, &str) -> Vec<String>) {
    let root = tree();
    let mut all = Vec::new();
    for path in files(endings) {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        all.extend(faults(&path, &read(&path)).into_iter().map(|fault| format!("{name}{fault}")));
    }
    assert!(all.is_empty(), "{} faults:\n{}", all.len(), all.join("\n"));
}

/// A `//!` line, or the README of the crate as its documentation.
#[test]
fn every_rust_file_begins_with_its_documentation() {
    let starts = ["//!", "#![doc = include_str!("];
    check(&["rs"], |_, text| match starts.iter().any(|start| text.starts_with(start)) {
        true => vec![],
        false => vec![": begin with a `//!` line".to_owned()],
    });
}

#[test]
fn no_line_of_rust_is_too_long() {
    check(&["rs"], |_, text| {
        let long = text.lines().enumerate().filter(|(_, line)| line.chars().count() > WIDTH);
        long.map(|(at, line)| format!(":{}: {} characters", at + 1, line.chars().count())).collect()
    });
}

/// Returns the words of a text in lower case, each with its line; identifiers are split at underscores.
fn words(text: &str) -> Vec<(String, usize)> {
    let mut words = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let split = line.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
        let lower = split.filter(|word| !word.is_empty()).map(|word| word.to_lowercase().replace('’', "'"));
        words.extend(lower.map(|word| (word.trim_matches('\'').to_owned(), at + 1)));
    }
    words
}

/// Returns the lines on which an expression begins; it may run over the end of a line.
fn lines(words: &[(String, usize)], expression: &str) -> Vec<usize> {
    let wanted: Vec<&str> = expression.split(' ').collect();
    let starts = words.windows(wanted.len());
    let found = starts.filter(|window| window.iter().zip(&wanted).all(|((word, _), wanted)| word == wanted));
    found.map(|window| window[0].1).collect()
}

fn style(text: &str) -> Vec<String> {
    let words = words(text);
    let fine: BTreeSet<usize> = FINE.iter().flat_map(|fine| lines(&words, fine)).collect();
    let mut faults = Vec::new();
    for &(expression, better) in WORDS {
        let found = lines(&words, expression).into_iter().filter(|line| !fine.contains(line));
        faults.extend(found.map(|line| format!(":{line}: \"{expression}\"; say \"{better}\"")));
    }
    faults
}

#[test]
fn the_words_are_plain() {
    check(&["rs", "md", "h", "hpp", "toml", "py", "sh"], |path, text| {
        // The list itself, and the page that explains it.
        if path.ends_with("tests/tests/style.rs") || path.ends_with("CONTRIBUTING.md") { vec![] } else { style(text) }
    });
}

#[test]
fn expressions_are_found_across_lines_and_in_identifiers() {
    let text = "fn draw_law() {}\n/// The result so\n/// many lines later: a Power Law, lawful, forlaws.\n";
    assert_eq!(style(text), [":1: \"law\"; say \"distribution\"", ":2: \"so many\"; say \"that many\""]);
}

/// Returns the sections between `<!-- name -->` and `<!-- end of name -->` with fewer than three lines of text.
fn empty_sections(text: &str) -> Vec<String> {
    let marker = |line: &str| Some(line.trim().strip_prefix("<!--")?.strip_suffix("-->")?.trim().to_owned());
    let mut faults = Vec::new();
    for (at, name) in text.lines().enumerate().filter_map(|(at, line)| Some((at, marker(line)?))) {
        if name.starts_with("end of ") {
            continue;
        }
        let section: Vec<&str> = text.lines().skip(at + 1).collect();
        let end = section.iter().position(|line| marker(line).is_some_and(|end| end == format!("end of {name}")));
        match end {
            None => faults.push(format!(":{}: no end of the section \"{name}\"", at + 1)),
            Some(end) if section[..end].iter().filter(|line| !line.trim().is_empty()).count() < 3 => {
                faults.push(format!(":{}: the generated section \"{name}\" is empty", at + 1));
            }
            Some(_) => {}
        }
    }
    faults
}

#[test]
fn no_generated_section_is_empty() {
    check(&["md"], |_, text| empty_sections(text));
}

#[test]
fn empty_sections_are_found() {
    let section = |lines: &str| empty_sections(&format!("# A\n<!-- table -->\n{lines}<!-- end of table -->\n"));
    assert_eq!(section("| a |\n|---|\n| 1 |\n"), Vec::<String>::new());
    assert_eq!(section("\n"), [":2: the generated section \"table\" is empty"]);
    assert_eq!(empty_sections("<!-- table -->\n"), [":1: no end of the section \"table\""]);
}

/// Returns the anchor of a heading, as code hosts generate it.
fn anchor(heading: &str) -> String {
    let kept =
        heading.trim_start_matches('#').trim().chars().filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Returns the relative links of a page whose file or heading does not exist.
fn dead_links(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        for link in line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link)) {
            if link.contains("://") || link.contains("::") || link.starts_with("mailto:") || link.contains(' ') {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.to_path_buf() } else { path.parent().expect("a folder").join(file) };
            // Rustdoc's own links name items.
            if !file.is_empty() && !file.contains(['/', '.']) && !target.exists() {
                continue;
            }
            if !target.exists() {
                faults.push(format!(":{}: {link}: no such file", at + 1));
            } else if !heading.is_empty() && target.extension().is_some_and(|ending| ending == "md") {
                let page = read(&target);
                if !page.lines().any(|line| line.starts_with('#') && anchor(line) == heading) {
                    faults.push(format!(":{}: {link}: no such heading", at + 1));
                }
            }
        }
    }
    faults
}

#[test]
fn no_relative_link_is_dead() {
    check(&["md"], dead_links);
}

#[test]
fn dead_links_are_found() {
    let page = tree().join("README.md");
    let text = "[a](README.md) [b](missing.md)\n```\n[c](missing.md)\n```\n[d](#no-such-heading) [e](https://x.y/z)\n";
    assert_eq!(dead_links(&page, text), [":1: missing.md: no such file", ":5: #no-such-heading: no such heading"]);
    assert_eq!(anchor("## Whole models, on the *disk*"), "whole-models-on-the-disk");
}
