//! The commands of `docs/why-initialisation-matters.md`: each runs, on a smaller scale, and each
//! picture is made by one.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tempfile::tempdir;

use crate::{Run, example, fanin};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/why-initialisation-matters.md");

fn page() -> String {
    fs::read_to_string(PAGE).unwrap()
}

/// The code blocks of the page in their order: the language after the three ticks, and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<_> = page.split("```").collect();
    assert!(parts.len() % 2 == 1, "every block is closed");
    parts.iter().skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// The words of a command, which may continue after a backslash at the end of a line.
fn words(block: &str) -> Vec<String> {
    block.replace("\\\n", " ").split_whitespace().map(str::to_owned).collect()
}

fn commands(page: &str) -> Vec<Vec<String>> {
    let shell = blocks(page).into_iter().filter(|(kind, _)| *kind == "sh").map(|(_, text)| words(text));
    shell.filter(|words| words[0] == "fanin").collect()
}

fn value<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    let index = words.iter().position(|word| word == option)?;
    words.get(index + 1).map(String::as_str)
}

/// The same command with less work, so that it takes a moment.
fn smaller(words: &[String]) -> Vec<String> {
    let less: &[[&str; 2]] = match words[1].as_str() {
        "trace" => &[["--width", "20"], ["--batch", "16"]],
        "compare" => &[["--seeds", "2"], ["--epochs", "1"], ["--pretraining", "1"]],
        "pretrain" => &[["--epochs", "1"]],
        other => panic!("the page runs fanin {other}, which this test cannot scale down"),
    };
    let mut words = words[1..].to_vec();
    for [option, value] in less {
        match words.iter().position(|word| word == option) {
            Some(index) => words[index + 1] = (*value).to_owned(),
            None => words.extend([*option, *value].map(str::to_owned)),
        }
    }
    words
}

/// The files of all options that write a picture, such as `docs/pictures/x.svg`.
fn pictures(words: &[String]) -> Vec<PathBuf> {
    let is_picture = |pair: &&[String]| matches!(pair[0].as_str(), "--plot" | "--filters" | "--reconstructions");
    words.windows(2).filter(is_picture).map(|pair| PathBuf::from(&pair[1])).collect()
}

#[test]
fn every_command_of_the_page_runs_and_makes_its_pictures() {
    let folder = tempdir().unwrap();
    fs::create_dir_all(folder.path().join("docs/pictures")).unwrap();
    fs::create_dir(folder.path().join("examples")).unwrap();
    fs::copy(example("digits.csv.gz"), folder.path().join("examples/digits.csv.gz")).unwrap();
    let commands = commands(&page());
    for wanted in ["trace", "compare", "pretrain"] {
        assert!(commands.iter().any(|words| words[1] == wanted), "fanin {wanted}");
    }
    for words in &commands {
        let run = Run::of(fanin(folder.path()).args(smaller(words)));
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.err);
        for picture in pictures(words) {
            assert!(folder.path().join(&picture).is_file(), "{words:?}");
        }
    }
}

#[test]
fn every_picture_that_is_shown_exists_and_is_made_by_a_command() {
    let page = page();
    let shown: BTreeSet<PathBuf> = page
        .split("](pictures/")
        .skip(1)
        .map(|rest| Path::new("docs/pictures").join(rest.split_once(')').unwrap().0))
        .collect();
    let made: BTreeSet<PathBuf> = commands(&page).iter().flat_map(|words| pictures(words)).collect();
    assert_eq!(shown, made);
    assert!(shown.len() >= 5);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for picture in &shown {
        assert!(root.join(picture).is_file(), "{}", picture.display());
    }
}

/// Each comparison is followed by its table, with the same settings and schemes.
#[test]
fn every_comparison_has_its_table_with_its_seeds_and_schemes() {
    let page = page();
    let blocks = blocks(&page);
    let mut found = 0;
    for pair in blocks.windows(2) {
        let (command, (kind, table)) = (words(pair[0].1), pair[1]);
        if pair[0].0 != "sh" || command[..2] != ["fanin", "compare"] {
            continue;
        }
        found += 1;
        assert_eq!(kind, "text", "{command:?}");
        let title = table.lines().nth(1).unwrap();
        let seeds: u64 = value(&command, "--seeds").unwrap().parse().unwrap();
        assert!(title.ends_with(&format!("seeds 0 to {}", seeds - 1)), "{title}");
        let rate = value(&command, "--learning-rate").unwrap_or("0.01");
        assert!(title.contains(&format!("learning rate {rate},")), "{title}");
        let schemes: Vec<_> = value(&command, "--init").unwrap().split(',').collect();
        let rules: Vec<_> =
            table.lines().enumerate().filter(|(_, line)| line.starts_with('─')).map(|(i, _)| i).collect();
        let rows: Vec<_> = table.lines().skip(rules[1] + 1).take(rules[2] - rules[1] - 1).collect();
        let names: Vec<_> = rows.iter().map(|row| row.split_whitespace().next().unwrap()).collect();
        assert_eq!(names, schemes);
    }
    assert!(found >= 4, "{found}");
}
