//! Random edits of a text or of a configuration's fields.

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use crate::grammar::{number, one_of, text};

/// Text that edits insert: tokens that matter to a parser.
const WORDS: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    "#",
    ",",
    "-",
    "0",
    "\n",
    "\\",
    "\\u0000",
    "e",
    "*",
    "(",
    ")",
    "\u{0}",
    "\u{1b}[2J",
    "é",
    "nan",
    "inf",
    "true",
    "9999999999999999999",
    "[[rule]]\n",
    "[parameters]\n",
    "[fields]\n",
    "init = ",
    "scheme = \"mup(",
    "match = \"*\"\n",
    "blocks = 3\n",
    "null",
    "{}",
    ":",
];

/// An edit of a text: characters removed, text inserted, a piece repeated, two lines swapped.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Cut(Index, usize),
    Insert(Index, String),
    Double(Index, usize),
    SwapLines(Index, Index),
}

pub(crate) fn edits() -> BoxedStrategy<Vec<Edit>> {
    let position = any::<Index>();
    let length = prop_oneof![3 => 1..3usize, 1 => 1..60usize];
    let edit = prop_oneof![
        (position.clone(), length.clone()).prop_map(|(at, count)| Edit::Cut(at, count)),
        (position.clone(), prop_oneof![3 => one_of(WORDS), 1 => number(), 1 => text()])
            .prop_map(|(at, word)| Edit::Insert(at, word)),
        (position.clone(), length).prop_map(|(at, count)| Edit::Double(at, count)),
        (position.clone(), position).prop_map(|(a, b)| Edit::SwapLines(a, b)),
    ];
    prop::collection::vec(edit, 1..5).boxed()
}

pub(crate) fn edited(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        let position = |at: &Index| at.index(chars.len() + 1);
        match edit {
            Edit::Cut(at, count) => {
                let start = position(at);
                chars.drain(start..(start + count).min(chars.len()));
            }
            Edit::Insert(at, word) => {
                let at = position(at);
                chars.splice(at..at, word.chars());
            }
            Edit::Double(at, count) => {
                let start = position(at);
                let piece = chars[start..(start + count).min(chars.len())].to_vec();
                chars.splice(start..start, piece);
            }
            Edit::SwapLines(a, b) => {
                let text: String = chars.iter().collect();
                let mut lines: Vec<_> = text.split('\n').collect();
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
                chars = lines.join("\n").chars().collect();
            }
        }
    }
    chars.into_iter().collect()
}

/// A value that a field of a configuration might have by mistake. The numbers stay below those that give a
/// million tensors, which are allowed but take seconds.
pub(crate) fn json() -> BoxedStrategy<Value> {
    const TEXTS: &[&str] = &[
        "null",
        "true",
        "false",
        "0",
        "1",
        "2",
        "3",
        "-1",
        "0.5",
        "1e300",
        "-0.0",
        "7",
        "64",
        "1000",
        "4294967296",
        "18446744073709551615",
        "1e400",
        "\"\"",
        "\"8\"",
        "\"gelu\"",
        "\"bfloat16\"",
        "\"\\u001b[31m\"",
        "[]",
        "[1, 2]",
        "[0]",
        "[3, 4, 6, 3]",
        "[300, 1]",
        "[\"GPT2LMHeadModel\"]",
        "[null]",
        "{}",
        "{\"rope_type\": \"llama3\"}",
    ];
    prop::sample::select(TEXTS).prop_map(|text| serde_json::from_str(text).unwrap_or(Value::Null)).boxed()
}
