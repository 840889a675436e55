//! Models in several files, read through their index.

use std::{fs, path::Path};

use init_model::{
    Header,
    file::{HeaderError, IndexCorruption},
};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::{fanin, refused, works};

const INDEX: &str = "model.safetensors.index.json";

/// A model of four tensors in one file and in two, and the recipe of both.
fn sharded() -> TempDir {
    let folder = tempdir().unwrap();
    let text = "seed = 3\n[parameters]\n\"a.weight\" = [300, 200]\n\"a.bias\" = [300]\n\"b.weight\" = [200, 300]\n\
                \"b.bias\" = [200]\n[[rule]]\nmatch = \"*.weight\"\ninit = \"xavier_uniform\"\n\
                [[rule]]\nmatch = \"*\"\ninit = \"zeros\"\n";
    fs::write(folder.path().join("model.toml"), text).unwrap();
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "whole.safetensors"]);
    works(folder.path(), ["init", "-q", "--force", "model.toml", "--shard-size", "242KB", "-o", "model.safetensors"]);
    folder
}

fn read_index(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join(INDEX)).unwrap()).unwrap()
}

fn write_index(folder: &Path, index: &Value) {
    fs::write(folder.join(INDEX), serde_json::to_vec(index).unwrap()).unwrap();
}

/// The ways to name such a model: its index, the plain name of the file, and the folder.
const NAMES: [&str; 3] = [INDEX, "model.safetensors", "."];

#[test]
fn an_index_its_plain_name_and_its_folder_name_all_files() {
    let folder = sharded();
    assert_eq!(Header::read(folder.path()).unwrap().files().len(), 2);
    for name in NAMES {
        let run = works(folder.path(), ["verify", name, "--recipe", "model.toml"]);
        assert!(run.text().contains("exactly the initial state") && run.text().contains("4 tensors"), "{}", run.text());
        let run = works(folder.path(), ["diff", "whole.safetensors", name]);
        assert!(run.text().contains("0 of 4 common tensors differ"), "{}", run.text());
        let statistics = |name: &str| works(folder.path(), ["inspect", name, "--recipe", "model.toml"]).out;
        assert!(statistics(name) == statistics("whole.safetensors"));
        let like =
            ["init", "-q", "--force", "--like", name, "--rules", "rules.toml", "--seed", "3", "-o", "like.safetensors"];
        let rules = fs::read_to_string(folder.path().join("model.toml")).unwrap();
        let rules = &rules[rules.find("[[rule]]").unwrap()..];
        fs::write(folder.path().join("rules.toml"), rules).unwrap();
        works(folder.path(), like);
        let [like, whole] =
            ["like", "whole"].map(|name| fs::read(folder.path().join(name.to_owned() + ".safetensors")).unwrap());
        assert!(like == whole, "{name}");
    }
}

#[test]
fn a_changed_value_in_a_later_file_is_found_under_its_name() {
    let folder = sharded();
    let header = Header::read(folder.path()).unwrap();
    let tensor = header.tensors().iter().find(|tensor| tensor.name == "b.weight").unwrap();
    let shard = &header.files()[tensor.file];
    assert!(tensor.file > 0);
    let mut bytes = fs::read(shard).unwrap();
    bytes[tensor.offset as usize + 4 * 777] ^= 1;
    fs::write(shard, bytes).unwrap();
    let run = crate::Run::of(fanin(folder.path()).args(["verify", INDEX, "--recipe", "model.toml"]));
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("b.weight: 1 of 60,000 values differ, first at flat index 777"), "{}", run.text());
}

#[test]
fn metadata_of_a_model_is_what_all_its_files_share() {
    let folder = sharded();
    let seed = || Header::read(folder.path()).unwrap().metadata().get("fanin.seed").cloned();
    assert_eq!(seed().as_deref(), Some("3"));
    // If one file has another seed, the model has none.
    let other = tempdir().unwrap();
    fs::copy(folder.path().join("model.toml"), other.path().join("model.toml")).unwrap();
    let again =
        ["init", "-q", "--force", "model.toml", "--seed", "4", "--shard-size", "242KB", "-o", "model.safetensors"];
    works(other.path(), again);
    let shard = "model-00002-of-00002.safetensors";
    fs::copy(other.path().join(shard), folder.path().join(shard)).unwrap();
    assert_eq!(seed(), None);
}

/// A change to an index, and a check of the error that it gives.
type Case = (&'static str, fn(&mut Value), fn(&IndexCorruption) -> bool);

#[test]
fn an_index_that_does_not_match_its_files_is_refused() {
    let first = "model-00001-of-00002.safetensors";
    let cases: [Case; 6] = [
        (
            "no JSON map",
            |index| *index = json!(["weight_map"]),
            |corruption| matches!(corruption, IndexCorruption::Json(_)),
        ),
        ("empty", |index| index["weight_map"] = json!({}), |corruption| *corruption == IndexCorruption::Empty),
        (
            "elsewhere",
            |index| index["weight_map"]["a.bias"] = json!("../model.safetensors"),
            |corruption| matches!(corruption, IndexCorruption::Elsewhere { name, .. } if name == "a.bias"),
        ),
        (
            "absolute",
            |index| index["weight_map"]["a.bias"] = json!("/etc/passwd"),
            |corruption| matches!(corruption, IndexCorruption::Elsewhere { .. }),
        ),
        (
            "not there",
            |index| index["weight_map"]["c.weight"] = json!("model-00001-of-00002.safetensors"),
            |corruption| matches!(corruption, IndexCorruption::Missing { name, .. } if name == "c.weight"),
        ),
        (
            "not listed",
            |index| drop(index["weight_map"].as_object_mut().unwrap().remove("b.bias")),
            |corruption| matches!(corruption, IndexCorruption::Unlisted { name, .. } if name == "b.bias"),
        ),
    ];
    for (case, change, is_right) in cases {
        let folder = sharded();
        let mut index = read_index(folder.path());
        change(&mut index);
        write_index(folder.path(), &index);
        match Header::read(folder.path().join(INDEX)) {
            Err(HeaderError::Index { corruption, .. }) if is_right(&corruption) => {}
            other => panic!("{case}: {other:?}"),
        }
        let mut command = fanin(folder.path());
        refused(command.args(["verify", INDEX, "--recipe", "model.toml"]), folder.path(), 2, &[INDEX]);
    }
    let folder = sharded();
    fs::remove_file(folder.path().join(first)).unwrap();
    refused(fanin(folder.path()).args(["inspect", INDEX]), folder.path(), 2, &[first]);
    let empty = tempdir().unwrap();
    refused(fanin(empty.path()).args(["inspect", "."]), empty.path(), 2, &["not a regular file", "model.safetensors"]);
}
