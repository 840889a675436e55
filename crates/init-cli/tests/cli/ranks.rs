//! Each rank writes its part of the model.

use std::{collections::BTreeMap, fs, path::Path};

use init_model::{NamedTensor, load};
use tempfile::tempdir;

use crate::{Run, fanin, refused, works};

const MODEL: &str = "\
seed = 5

[parameters]
\"q.weight\" = [96, 130]
\"o.weight\" = [96, 130]
\"qkv.weight\" = [36, 10]
\"experts\" = [4, 6, 7]
\"norm.weight\" = [96]
\"square.weight\" = [64, 64]

[[rule]]
match = \"norm.weight\"
init = \"ones\"

[[rule]]
match = \"square.weight\"
init = \"orthogonal\"

[[rule]]
match = \"qkv.weight\"
init = \"xavier_normal\"
blocks = { qkv = [\"q_\", \"k_\", \"v_\"] }

[[rule]]
match = \"*\"
init = \"normal(0, 1)\"
";

fn read(path: &Path) -> BTreeMap<String, NamedTensor> {
    load(path).unwrap().0.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect()
}

/// Concatenates the parts of a tensor along an axis.
fn joined(parts: &[&NamedTensor], axis: usize) -> Vec<f32> {
    let outer: usize = parts[0].shape[..axis].iter().product();
    (0..outer)
        .flat_map(|row| {
            parts.iter().flat_map(move |part| {
                let run = part.values.len() / outer;
                part.values[row * run..][..run].iter().copied()
            })
        })
        .collect()
}

#[test]
fn the_parts_of_all_ranks_make_up_the_whole_model() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "whole.safetensors"]);
    let whole = read(&folder.path().join("whole.safetensors"));
    let splits = [("q.weight", 0), ("o.weight", 1), ("qkv.weight", -1), ("experts", -2), ("square.weight", 1)];
    for dtype in ["f32", "bf16"] {
        works(folder.path(), ["init", "-q", "--force", "model.toml", "--dtype", dtype, "-o", "whole.safetensors"]);
        let whole = read(&folder.path().join("whole.safetensors"));
        let ranks: Vec<_> = ["0", "1"]
            .map(|rank| {
                let mut command =
                    vec!["init", "-q", "--force", "model.toml", "--dtype", dtype, "--rank", rank, "--world", "2"];
                let splits = splits.map(|(name, axis)| format!("{name}={axis}"));
                splits.iter().for_each(|split| command.extend(["--split", split]));
                command.extend(["-o", "part.safetensors"]);
                works(folder.path(), command);
                read(&folder.path().join("part.safetensors"))
            })
            .into();
        for (name, axis) in splits {
            let parts: Vec<_> = ranks.iter().map(|rank| &rank[name]).collect();
            let axis = if axis < 0 { whole[name].shape.len().strict_add_signed(axis) } else { axis as usize };
            assert_eq!(parts[0].shape[axis] * 2, whole[name].shape[axis]);
            assert!(joined(&parts, axis) == whole[name].values, "{dtype} {name}");
        }
        assert!(ranks.iter().all(|rank| rank["norm.weight"] == whole["norm.weight"]));
    }
    assert_eq!(whole.len(), 6);
}

#[test]
fn a_part_is_planned_and_verified_like_the_whole_model() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    let rank = ["--rank", "1", "--world", "3", "--split", "q.weight=0"];
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "part.safetensors"].into_iter().chain(rank));
    let plan = works(folder.path(), ["plan", "model.toml"].into_iter().chain(rank));
    assert!(plan.text().contains("[32, 130]"), "{}", plan.text());
    works(folder.path(), ["verify", "part.safetensors", "--recipe", "model.toml"].into_iter().chain(rank));
    let other = ["--rank", "2", "--world", "3", "--split", "q.weight=0"];
    let run = Run::of(fanin(folder.path()).args(["verify", "part.safetensors", "--recipe", "model.toml"]).args(other));
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("q.weight") && run.text().contains("1 of 6 tensors differ"), "{}", run.text());
}

#[test]
fn splits_that_are_not_possible_are_refused() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    for (arguments, words) in [
        (&["--rank", "2", "--world", "2"][..], &["rank 2 of 2"][..]),
        (&["--rank", "0"], &["--world"]),
        (&["--world", "2"], &["--rank"]),
        (&["--split", "q.weight=0"], &["--rank"]),
        (&["--rank", "0", "--world", "2", "--split", "q.weight"], &["GLOB=AXIS"]),
        (&["--rank", "0", "--world", "2", "--split", "[=0"], &["not a valid pattern"]),
        (&["--rank", "0", "--world", "2", "--split", "*.bias=0"], &["`*.bias`", "matches no parameter"]),
        (&["--rank", "0", "--world", "2", "--split", "q.weight=2"], &["q.weight", "no axis 2"]),
        (&["--rank", "0", "--world", "2", "--split", "q.weight=-3"], &["no axis -3"]),
        (&["--rank", "0", "--world", "5", "--split", "q.weight=0"], &["axis 0", "not a multiple of 5"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["init", "--force", "model.toml", "-o", "out.safetensors"]).args(arguments);
        refused(&mut command, folder.path(), 2, words);
    }
}
