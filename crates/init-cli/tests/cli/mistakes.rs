//! Recipes and headers with a mistake at every position: an error of one or two lines, or a plan,
//! never a panic.

use std::fs;

use init_model::{Header, Recipe};
use tempfile::tempdir;

use crate::example;

/// The text with each byte in turn removed, doubled, and replaced by each of a few that matter to a
/// parser.
fn mistakes(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).flat_map(|at| {
        let (head, tail) = (&text[..at], &text[at + 1..]);
        let without = [head, tail].concat();
        let cut = head.to_vec();
        let doubled = [head, &[text[at]; 2], tail].concat();
        let changed = b"\"[]{}=.#,-0\n*\\e".map(|byte| [head, &[byte], tail].concat());
        [without, cut, doubled].into_iter().chain(changed)
    })
}

#[test]
fn recipes_with_a_mistake_anywhere() {
    let mut refused = 0;
    for name in ["linear-784x256.toml", "mlp.toml"] {
        for text in mistakes(&fs::read(example(name)).unwrap()) {
            let Ok(text) = String::from_utf8(text) else { continue };
            let error = match Recipe::parse(&text, name) {
                Ok(recipe) => recipe.plan().err().map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(error) = error {
                refused += 1;
                assert!(error.starts_with(name), "{error}");
                assert!(error.lines().count() <= 2, "{error}\n---\n{text}");
            }
        }
    }
    assert!(refused > 1000);
}

#[test]
fn headers_with_a_mistake_anywhere() {
    let json = br#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
        "b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}"#;
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut refused = 0;
    for json in mistakes(json) {
        for length in [json.len() as u64, json.len() as u64 + 1] {
            let mut file = length.to_le_bytes().to_vec();
            file.extend(&json);
            file.extend([0; 16]);
            fs::write(&path, file).unwrap();
            if let Err(error) = Header::read(&path) {
                refused += 1;
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
            }
        }
    }
    assert!(refused > 1000);
}
