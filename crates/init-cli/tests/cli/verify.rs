//! `fanin verify`: a file is, or is not, exactly the initial state of a recipe and seed.

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use init_kernels::Level;
use init_model::Header;
use tempfile::{TempDir, tempdir};

use crate::{Run, example, fanin, refused, works};

/// A model with a tensor of several chunks, one that is computed as a whole, packed blocks and a
/// row of zeros.
const RECIPE: &str = r#"
seed = 5
[parameters]
"table.weight" = [300, 2000]
"qkv.weight" = [768, 500]
"square.weight" = [600, 600]
"bias" = [7]
[[rule]]
match = "table.weight"
init = "embedding(padding_idx=2, init=normal(0, 0.02))"
[[rule]]
match = "qkv.weight"
init = "xavier_uniform"
blocks = { qkv = ["q", "k", "v"] }
[[rule]]
match = "square.weight"
init = "orthogonal"
[[rule]]
match = "bias"
init = "constant(0.5)"
"#;

fn model(options: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("recipe.toml"), RECIPE).unwrap();
    works(folder.path(), [&["init", "--force", "recipe.toml", "-o", "model.safetensors"], options].concat());
    folder
}

fn verify(folder: &Path, options: &[&str]) -> Run {
    Run::of(fanin(folder).args(["verify", "model.safetensors"]).args(options))
}

/// Asserts that the file differs: exit code 1, and nothing on standard error.
#[track_caller]
fn differs(folder: &Path, options: &[&str], words: &[&str]) {
    let run = verify(folder, options);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""), "{}", run.text());
    for word in words {
        assert!(run.text().contains(word), "no `{word}` in: {}", run.text());
    }
}

/// Writes bytes into an element of a tensor.
fn spoil(folder: &Path, name: &str, element: u64, bytes: &[u8]) {
    let path = folder.join("model.safetensors");
    let header = Header::read(&path).unwrap();
    let tensor = header.tensors().iter().find(|tensor| tensor.name == name).unwrap();
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(tensor.offset + element * bytes.len() as u64)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn what_init_wrote_is_exact_in_every_dtype_at_every_level_and_thread_count() {
    for dtype in ["f32", "f64", "bf16", "f16"] {
        let folder = model(&["--dtype", dtype]);
        for level in Level::available() {
            for threads in ["1", "2", "5"] {
                let mut command = fanin(folder.path());
                command.args(["verify", "model.safetensors", "--recipe", "recipe.toml", "--dtype", dtype]);
                let run = Run::of(command.args(["--threads", threads]).env("FANIN_LEVEL", level.to_string()));
                assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.text());
                assert_eq!(
                    run.text(),
                    "model.safetensors is exactly the initial state of recipe.toml with seed 5 \
                     (from the file's metadata): \
                     4 tensors, 1,344,007 values, bit for bit\n"
                );
            }
        }
    }
}

#[test]
fn one_bit_anywhere_is_found_with_its_tensor_and_index() {
    // The last bit of a value in the first, a middle and the last chunk, in a tensor computed as a
    // whole, and in one of blocks.
    for (name, element, index) in [
        ("table.weight", 0, "[0, 0]"),
        ("table.weight", 262_144, "[131, 144]"),
        ("table.weight", 599_999, "[299, 1999]"),
        ("qkv.weight", 383_999, "[767, 499]"),
        ("square.weight", 300_001, "[500, 1]"),
        ("bias", 6, "[6]"),
    ] {
        let folder = model(&[]);
        let path = folder.path().join("model.safetensors");
        let header = Header::read(&path).unwrap();
        let tensor = header.tensors().iter().find(|tensor| tensor.name == name).unwrap();
        let file = fs::read(&path).unwrap();
        let at = (tensor.offset + 4 * element) as usize;
        let expected = f32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        let found = f32::from_bits(expected.to_bits() ^ 1);
        spoil(folder.path(), name, element, &found.to_le_bytes());
        let location = format!("{name}: 1 of ");
        let first = format!(
            "values differ, first at flat index {element}, {index}: expected {}, found {}",
            f64::from(expected),
            f64::from(found)
        );
        let all = ["NOT", "seed 5", &location, &first, "1 of 4 tensors differ, in 1 of 1,344,007 values"];
        for threads in ["1", "3"] {
            differs(folder.path(), &["--recipe", "recipe.toml", "--threads", threads], &all);
        }
    }
}

#[test]
fn all_differences_are_counted_and_the_first_is_named() {
    let folder = model(&[]);
    // In several chunks, and out of order.
    for element in [599_998, 262_143, 262_150, 4_001] {
        spoil(folder.path(), "table.weight", element, &7f32.to_le_bytes());
    }
    spoil(folder.path(), "square.weight", 359_999, &f32::NAN.to_le_bytes());
    spoil(folder.path(), "square.weight", 10, &(-0.0f32).to_le_bytes());
    let words = [
        "table.weight: 4 of 600,000 values differ, first at flat index 4001, [2, 1]: expected 0, found 7",
        "square.weight: 2 of 360,000 values differ, first at flat index 10, [0, 10]",
        "2 of 4 tensors differ, in 6 of 1,344,007 values",
    ];
    differs(folder.path(), &["--recipe", "recipe.toml"], &words);
    let run = verify(folder.path(), &["--recipe", "recipe.toml", "-q"]);
    assert_eq!((run.code, run.text(), run.err.as_str()), (Some(1), "", ""));

    // Zero is not minus zero.
    let folder = model(&[]);
    spoil(folder.path(), "table.weight", 4_000, &(-0.0f32).to_le_bytes());
    differs(folder.path(), &["--recipe", "recipe.toml"], &["[2, 0]: expected 0, found -0"]);
}

#[test]
fn the_seed_is_the_given_one_or_that_of_the_file_and_its_origin_is_named() {
    let folder = model(&["--seed", "77"]);
    let run = verify(folder.path(), &["--recipe", "recipe.toml"]);
    assert_eq!(run.code, Some(0));
    assert!(run.text().contains("seed 77 (from the file's metadata; the recipe has 5)"), "{}", run.text());
    let run = verify(folder.path(), &["--recipe", "recipe.toml", "--seed", "77"]);
    assert_eq!(run.code, Some(0));
    assert!(run.text().contains("seed 77 (as given)"), "{}", run.text());
    let words = ["seed 5 (as given)", "3 of 4 tensors differ", "[0, 0]"];
    differs(folder.path(), &["--recipe", "recipe.toml", "--seed", "5"], &words);

    // A file without metadata, as other programs write it.
    let path = folder.path().join("model.safetensors");
    let header = r#"{"bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let file = |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &1f32.to_le_bytes()].concat();
    fs::write(&path, file(header)).unwrap();
    let rule = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    fs::write(folder.path().join("ones.toml"), rule).unwrap();
    let run = verify(folder.path(), &["--recipe", "ones.toml"]);
    assert!(run.text().contains("seed 0 (the default; neither the file nor the recipe names one)"), "{}", run.text());
    fs::write(folder.path().join("ones.toml"), format!("seed = 3\n{rule}")).unwrap();
    let run = verify(folder.path(), &["--recipe", "ones.toml"]);
    assert!(run.text().contains("seed 3 (from the recipe; the file names none)"), "{}", run.text());

    fs::write(&path, file(&format!("{{\"__metadata__\":{{\"fanin.seed\":\"x\"}},{}", &header[1..]))).unwrap();
    let mut command = fanin(folder.path());
    command.args(["verify", "model.safetensors", "--recipe", "ones.toml"]);
    refused(&mut command, folder.path(), 2, &["`x`", "--seed"]);
}

#[test]
fn every_way_to_name_a_model() {
    let folder = tempdir().unwrap();
    let config = r#"{"model_type": "resnet", "depths": [1, 1], "hidden_sizes": [8, 16], "layer_type": "basic"}"#;
    fs::write(folder.path().join("config.json"), config).unwrap();
    let rules = "[[rule]]\nmatch = \"*\"\ninit = \"normal\"\n";
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    for source in [
        &["--config", "config.json"][..],
        &["--preset", "lenet-300-100"],
        &["--like", "earlier.safetensors", "--rules", "rules.toml"],
    ] {
        works(folder.path(), [&["init", "-q", "--force", "--seed", "3", "-o", "model.safetensors"], source].concat());
        let run = verify(folder.path(), source);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{source:?}: {}", run.text());
        differs(folder.path(), &[source, &["--seed", "4"]].concat(), &["NOT", "seed 4"]);
        fs::copy(folder.path().join("model.safetensors"), folder.path().join("earlier.safetensors")).unwrap();
    }
    // A recipe of rules alone applies to the tensors of the file.
    let run = verify(folder.path(), &["--recipe", "rules.toml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn a_different_dtype_is_named() {
    let folder = model(&["--dtype", "bf16"]);
    let words = ["table.weight: bf16 in the file, f32 expected", "4 of 4 tensors differ", "--dtype"];
    differs(folder.path(), &["--recipe", "recipe.toml"], &words);
    let run = verify(folder.path(), &["--recipe", "recipe.toml", "--dtype", "bf16"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn invalid_input_is_refused() {
    let folder = model(&[]);
    let other =
        RECIPE.replace("\"bias\" = [7]", "\"bias\" = [8]").replace("\"qkv.weight\" = [768, 500]", "\"more\" = [2]");
    let other = other.replace("match = \"qkv.weight\"", "match = \"more\"").replace("blocks =", "# blocks =");
    let other = other.replace("init = \"xavier_uniform\"", "init = \"ones\"");
    fs::write(folder.path().join("other.toml"), other).unwrap();
    fs::write(folder.path().join("no.safetensors"), "none").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let linear = example("linear-784x256.toml");
    let linear = linear.to_str().unwrap();
    let both =
        ["`qkv.weight`", "recipe does not list", "`more`", "file does not have", "`bias` is [8]", "[7] in the file"];
    for (arguments, words) in [
        (&["model.safetensors"][..], &["no model", "--recipe", "--config", "--preset", "--like"][..]),
        (&["model.safetensors", "--recipe", "other.toml"], &both),
        (&["model.safetensors", "--recipe", linear], &["`table.weight`", "and 1 more", "`fc.weight`, `fc.bias`"]),
        (&["model.safetensors", "--preset", "gpt2"], &["`wte.weight`", "and 145 more"]),
        (&["model.safetensors", "--preset", "gpt"], &["`gpt`", "gpt2"]),
        (&["model.safetensors", "--recipe", "recipe.toml", "--preset", "gpt2"], &["cannot be used"]),
        (&["model.safetensors", "--recipe", "recipe.toml", "--rules", "recipe.toml"], &["--like"]),
        (&["model.safetensors", "--like", "model.safetensors"], &["--rules"]),
        (&["model.safetensors", "--recipe", "recipe.toml", "--seed", "-1"], &["-1"]),
        (&["no.safetensors", "--recipe", "recipe.toml"], &["no.safetensors", "formats that can be read"]),
        (&["empty", "--recipe", "recipe.toml"], &["not a regular file", "model.safetensors"]),
        (&[], &["FILE"]),
    ] {
        let mut command = fanin(folder.path());
        refused(command.arg("verify").args(arguments), folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    command.args(["verify", "missing.safetensors", "--recipe", "recipe.toml"]);
    refused(&mut command, folder.path(), 2, &["missing.safetensors"]);
}
