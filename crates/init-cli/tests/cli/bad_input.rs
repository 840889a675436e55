//! Invalid input: exit code 2, one or two lines that name the mistake and the remedy, and existing
//! files left intact.

use std::{fs, path::Path, process::Command};

use tempfile::{TempDir, tempdir};

use crate::{Run, example, fanin, refused};

/// A folder with an existing model.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("out.safetensors"), "earlier").unwrap();
    folder
}

fn init(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = fanin(folder);
    command.args(["init", "--force"]).args(arguments).args(["-o", "out.safetensors"]);
    command
}

/// Asserts that `fanin init` refuses a recipe with a message that has these words.
#[track_caller]
fn recipe_refused(recipe: &str, words: &[&str]) {
    let folder = folder();
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    let words = [&["recipe.toml:"], words].concat();
    refused(&mut init(folder.path(), &["recipe.toml"]), folder.path(), 2, &words);
}

/// One parameter and one rule, on the lines 2 and 5.
fn one(shape: &str, init: &str) -> String {
    format!("[parameters]\n\"fc.weight\" = {shape}\n[[rule]]\nmatch = \"*\"\ninit = \"{init}\"\n")
}

#[test]
fn shapes() {
    recipe_refused(&one("[0, 5]", "zeros"), &[":2:", "`fc.weight`", "[0, 5]", "at least 1"]);
    recipe_refused(&one("[]", "xavier_uniform"), &["`fc.weight`", "fan_in", "`normal`"]);
    recipe_refused(&one("[5]", "kaiming_normal"), &["`fc.weight`", "fan_in", "[5]", "`normal`"]);
    recipe_refused(&one("[-3, 5]", "zeros"), &[":2:", "`fc.weight`", "-3", "at least 1"]);
    recipe_refused(&one("[2.5]", "zeros"), &[":2:", "`fc.weight`", "2.5"]);
    recipe_refused(&one("256", "zeros"), &[":2:", "`fc.weight`", "256", "[256, 784]"]);
    recipe_refused(&one("[4294967296, 4294967296]", "zeros"), &[":2:", "`fc.weight`", "4294967296"]);
    recipe_refused(&one("[99999999999999999999]", "zeros"), &[":2:", "`fc.weight`", "99999999999999999999"]);
    recipe_refused(&one("[4611686018427387904]", "zeros"), &[":2:", "`fc.weight`", "2^63"]);
}

#[test]
fn numbers() {
    recipe_refused(&one("[4]", "normal(std=-1)"), &[":5:", "`std`", "-1"]);
    recipe_refused(&one("[4]", "normal(std=nan)"), &[":5:", "`std`", "NaN"]);
    recipe_refused(&one("[4]", "normal(std=inf)"), &[":5:", "`std`", "inf"]);
    recipe_refused(&one("[4]", "uniform(low=1, high=0)"), &[":5:", "`low`", "`high`"]);
    recipe_refused(&one("[4]", "truncated_normal(std=1, low=2, high=-2)"), &[":5:", "`low`"]);
    let narrow = format!("dtype = \"f16\"\n{}", one("[4]", "constant(1e6)"));
    recipe_refused(&narrow, &["`fc.weight`", "f16"]);
    let narrow = format!("dtype = \"f16\"\n{}", one("[4]", "normal(mean=0, std=20000)"));
    recipe_refused(&narrow, &["`fc.weight`", "f16"]);
}

#[test]
fn words() {
    recipe_refused(
        &one("[4, 4]", "xavier_unifrom"),
        &[":5:", "`xavier_unifrom`", "did you mean `xavier_uniform`", "`fanin list`"],
    );
    recipe_refused(&one("[4, 4]", "xavier_uniform(gian=2)"), &[":5:", "`gian`", "gain"]);
    recipe_refused("dtype = \"fp16\"", &[":1:", "`fp16`", "f16"]);
    recipe_refused("layout = \"caffe\"", &[":1:", "`caffe`", "torch", "keras"]);
    recipe_refused("seed = -1", &[":1:", "`seed`", "-1"]);
    recipe_refused("seed = 18446744073709551616", &[":1:", "`seed`"]);
    recipe_refused("seed = \"42\"", &[":1:", "`seed`", "\"42\""]);
    recipe_refused("sede = 1", &[":1:", "`sede`", "seed"]);
    recipe_refused("[parameters]\na = [1]\n[[rule]]\nmach = \"*\"", &[":4:", "`mach`", "match"]);
    recipe_refused("[[rule]]\ninit = \"zeros\"", &[":1:", "`match`"]);
    recipe_refused("[[rule]]\nmatch = \"*\"", &[":1:", "`init`"]);
    recipe_refused("[[rule]]\nmatch = \"h.[0-\"\ninit = \"zeros\"", &[":2:", "`h.[0-`"]);
    recipe_refused("[[rule]]\nmatch = \"\"\ninit = \"zeros\"", &[":2:", "empty"]);
    let long = format!("[[rule]]\nmatch = \"{}\"\ninit = \"zeros\"", "?".repeat(200_000));
    recipe_refused(&long, &[":2:", "200000 bytes", "1024"]);
    let deep = format!("[[rule]]\nmatch = \"{}a{}\"\ninit = \"zeros\"", "{".repeat(400), "}".repeat(400));
    recipe_refused(&deep, &[":2:", "nested too deeply"]);
    recipe_refused("[[rule]]\nmatch = 3\ninit = \"zeros\"", &[":2:", "`match`", "3"]);
    recipe_refused("[rule]\nmatch = \"*\"", &[":1:", "write `[[rule]]`"]);
    recipe_refused("[rule]\nmatch = \"a\"\n[rule]\nmatch = \"b\"", &[":3:", "write `[[rule]]`"]);
    recipe_refused("seeds = 1", &[":1:", "`seeds`", "did you mean `seed`?"]);
    recipe_refused("rule = 3", &[":1:", "`rule`", "[[rule]]"]);
    recipe_refused("parameters = 3", &[":1:", "`parameters`"]);
    recipe_refused("\n\nseed = = 3", &[":3:", "not valid TOML"]);
    recipe_refused("[parameters]\nfc.weight = [3]", &[":2:", "\"fc.weight\"", "quotes"]);
}

#[test]
fn coverage() {
    let rules = |lines: &str| format!("[parameters]\n\"fc.weight\" = [4]\n\"fc.bias\" = [4]\n{lines}");
    recipe_refused(&rules(""), &[":2:", "`fc.weight`", "no rule"]);
    recipe_refused(
        &rules("[[rule]]\nmatch = \"*.weight\"\ninit = \"ones\""),
        &[":3:", "`fc.bias`", "no rule", "[[rule]]"],
    );
    recipe_refused(
        &rules("[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n[[rule]]\nmatch = \"h.*\"\ninit = \"ones\""),
        &[":7:", "`h.*`", "matches no parameter"],
    );
    recipe_refused(
        &rules("[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n[[rule]]\nmatch = \"*.bias\"\ninit = \"zeros\""),
        &[":7:", "`*.bias`", "first matching rule applies", "`fc.bias`", "`*`"],
    );
    recipe_refused("[parameters]\na = [4]\nb = [4]\na = [5]", &[":4:", "a is given twice"]);
    recipe_refused("[parameters]\n\"x.y\" = [4]\n\"x.y\" = [5]", &[":3:", "\"x.y\" is given twice"]);
    recipe_refused("[parameters]\n__metadata__ = [4]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"", &["__metadata__"]);
    let folder = folder();
    fs::write(folder.path().join("recipe.toml"), "seed = 3\n").unwrap();
    let words = ["recipe.toml", "no parameters", "[parameters]"];
    refused(&mut init(folder.path(), &["recipe.toml"]), folder.path(), 2, &words);
}

#[test]
fn names_with_line_breaks_are_escaped() {
    let rules = |lines: &str| format!("[parameters]\n\"a\\nb\" = [4]\n{lines}");
    let all = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    recipe_refused("\"a\\nb\\nc\" = 3", &["`a\\nb\\nc`"]);
    recipe_refused("[parameters]\n\"a\\nb\\nc\" = 3", &["`a\\nb\\nc`"]);
    recipe_refused("[parameters]\n\"a\\nb\\n\".c = [3]", &["a\\nb\\n.c"]);
    recipe_refused(&rules("[[rule]]\nmatch = \"x\\ny\\n[\"\ninit = \"ones\""), &["`x\\ny\\n[`"]);
    recipe_refused(&rules(&format!("{all}[[rule]]\nmatch = \"x\\ny\\n\"\ninit = \"ones\"")), &["`x\\ny\\n`"]);
    recipe_refused(&rules(&format!("{all}[[rule]]\nmatch = \"a\\nb\"\ninit = \"ones\"")), &["`a\\nb`", "matches `*`"]);
    let long = "n".repeat(5000);
    let shown = format!("`{}…`", &long[..200]);
    recipe_refused(&format!("[parameters]\n{long} = [4]"), &[&shown]);
    let folder = folder();
    refused(&mut init(folder.path(), &["--preset", "a\nb\nc"]), folder.path(), 2, &["`a\\nb\\nc`", "`fanin presets`"]);
}

#[test]
fn options() {
    let folder = folder();
    let linear = example("linear-784x256.toml");
    let linear = linear.to_str().unwrap();
    for (arguments, words) in [
        (&["--preset", "gpt3"][..], &["`gpt3`", "did you mean `gpt2`"][..]),
        (&["--preset", "GPT-2"], &["`GPT-2`", "did you mean `gpt2`"]),
        (&["--preset", "meta-llama/Llama-3.2-1B-Instruct"], &["did you mean `llama-3.2-1b`"]),
        (&["--preset", "stable-diffusion"], &["`stable-diffusion`", "`fanin presets`"]),
        (&["gpt2"], &["`gpt2`", "did you mean `--preset gpt2`"]),
        (&["bert-base-uncased"], &["did you mean `--preset bert-base`"]),
        (&[linear, "--dtype", "fp8"], &["fp8", "f16"]),
        (&[linear, "--seed", "-1"], &["--seed", "from 0 to 18446744073709551615"]),
        (&[linear, "--seed", "18446744073709551616"], &["--seed", "from 0 to 18446744073709551615"]),
        (&[linear, "--threads", "0"], &["`--threads` must be", "between 1 and 1024, got 0"]),
        (&[linear, "--preset", "gpt2"], &["--preset", "cannot"]),
        (&[linear, "--rules", linear], &["--like"]),
        (&["--like", "out.safetensors"], &["--rules"]),
        (&[], &["RECIPE"]),
        (&[linear, "--sed", "1"], &["--sed", "--seed", "`fanin init --help`"]),
    ] {
        refused(&mut init(folder.path(), arguments), folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    refused(command.args(["init", "--force", linear]), folder.path(), 2, &["--output"]);
    let mut command = init(folder.path(), &[linear]);
    refused(command.env("FANIN_LEVEL", "avx1024"), folder.path(), 2, &["avx1024", "portable"]);
    let mut command = fanin(folder.path());
    refused(command.args(["bits", "--seed", "1", "--limit", "1Mb"]), folder.path(), 2, &["1Mb", "64MiB"]);
}

#[test]
fn a_preset_is_suggested_only_for_a_word_in_the_place_of_a_recipe() {
    let folder = folder();
    for (arguments, is_suggested) in [
        (&["init", "gpt2"][..], true),
        (&["init", "--seed", "1", "gpt2"], true),
        (&["init", "-q", "--dtype=f32", "GPT2"], true),
        (&["init", "--preset", "gpt2"], false),
        (&["init", "--preset=gpt2"], false),
        (&["init", "--config", "gpt2"], false),
        (&["init", "-o", "gpt2"], false),
        (&["init", "--threads", "2", "--like", "gpt2"], false),
    ] {
        let run = Run::of(fanin(folder.path()).args(arguments));
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.err);
        assert_eq!(run.err.contains("did you mean `--preset gpt2`?"), is_suggested, "{arguments:?}: {}", run.err);
    }
}

#[test]
fn words_in_the_wrong_place_get_a_hint() {
    let folder = folder();
    refused(fanin(folder.path()).arg("int"), folder.path(), 2, &["unknown command `int`: did you mean `init`?"]);
    for command in ["inspect", "verify"] {
        let mut given = fanin(folder.path());
        given.args([command, "out.safetensors", "r.toml"]);
        refused(&mut given, folder.path(), 2, &["did you mean `--recipe r.toml`?"]);
    }
    fs::write(folder.path().join("config.json"), "{\n\"model_type\": \"gpt2\"\n}").unwrap();
    let words = ["`config.json` is not a recipe", "`--config config.json`"];
    refused(&mut init(folder.path(), &["config.json"]), folder.path(), 2, &words);
}

#[test]
fn recipes_that_are_not_text() {
    let folder = folder();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("binary"), b"\xff\xfe").unwrap();
    refused(&mut init(folder.path(), &["sub"]), folder.path(), 2, &["sub", "a folder", "TOML"]);
    refused(&mut init(folder.path(), &["binary"]), folder.path(), 2, &["binary", "not text", "TOML"]);
}

#[test]
fn outputs_that_are_not_regular_files() {
    let folder = folder();
    let linear = example("linear-784x256.toml");
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::create_dir(folder.path().join("sub.npz")).unwrap();
    for (target, reason) in [("sub", "extension"), (".", "extension"), ("sub.npz", "not a regular file")] {
        let mut command = fanin(folder.path());
        command.args(["init", "--force"]).arg(&linear).args(["-o", target]);
        refused(&mut command, folder.path(), 2, &[target, reason]);
    }
    #[cfg(unix)]
    {
        assert!(Command::new("mkfifo").arg(folder.path().join("pipe.safetensors")).status().unwrap().success());
        let mut command = fanin(folder.path());
        command.args(["init", "--force"]).arg(&linear).args(["-o", "pipe.safetensors"]);
        refused(&mut command, folder.path(), 2, &["pipe.safetensors", "not a regular file"]);
        assert!(folder.path().join("pipe.safetensors").exists());
        // Nobody writes into the pipe, so opening it would block for ever.
        let mut command = fanin(folder.path());
        refused(
            command.args(["inspect", "pipe.safetensors"]),
            folder.path(),
            2,
            &["pipe.safetensors", "not a regular file"],
        );
    }
}

/// A file with the length of the header, the header and that many bytes of data.
fn model(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + data, 0);
    file
}

#[test]
fn corrupt_headers() {
    let tensor =
        |shape: &str, offsets: &str| format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
    let two = |first: &str, second: &str| {
        format!(
            r#"{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{first}}},
                "b":{{"dtype":"F32","shape":[2],"data_offsets":{second}}}}}"#
        )
    };
    let twice = two("[0,8]", "[8,16]").replace("\"b\":", "\"a\":");
    for (file, words) in [
        (vec![], &["0 bytes", "8"][..]),
        (vec![1, 2, 3], &["3 bytes", "8"]),
        (u64::MAX.to_le_bytes().to_vec(), &["formats that can be read", ".safetensors"]),
        (model("{}", 0)[..9].to_vec(), &["header of 2 bytes", "9"]),
        (model("not json", 0), &["JSON", "column"]),
        (model("[]", 0), &["JSON"]),
        (model("\u{fffd}{}", 0), &["JSON"]),
        (model("{\"w\":3}", 0), &["JSON"]),
        (model(r#"{"w":{"shape":[1],"data_offsets":[0,4]}}"#, 4), &["dtype"]),
        (model(&tensor("[-1]", "[0,4]"), 4), &["JSON", "-1"]),
        (model(&tensor("[2]", "[0,8]").replace("F32", "F33"), 8), &["`w`", "`F33`"]),
        (model(&tensor("[2]", "[0,8]").replace("F32", "F\\n3\\n3"), 8), &["`w`", "`F\\n3\\n3`"]),
        (model(&tensor("[2]", "[0,4]"), 4), &["`w`", "[0, 4]", "8 bytes"]),
        (model(&tensor("[2]", "[8,0]"), 8), &["`w`", "[8, 0]"]),
        (model(&tensor("[2]", "[18446744073709551600,18446744073709551608]"), 8), &["`w`"]),
        (model(&tensor("[4294967296,4294967296]", "[0,0]"), 0), &["`w`", "4294967296"]),
        (model(&twice, 16), &["`a` twice"]),
        (model(&two("[0,8]", "[4,12]"), 12), &["`b`", "byte 4", "ends at 8"]),
        (model(&two("[0,8]", "[12,20]"), 20), &["`b`", "byte 12", "ends at 8"]),
        (model(&two("[0,8]", "[8,16]"), 10), &["tensors end at byte", "download it again"]),
        (model(&two("[0,8]", "[8,16]"), 17), &["tensors end at byte"]),
        (model(&tensor("[2]", "[0,8]").replace("F32", "I64").replace("[0,8]", "[0,16]"), 16), &["`w`", "I64", "bf16"]),
        (model("{}", 0), &["no parameters"]),
    ] {
        let folder = folder();
        fs::write(folder.path().join("like.safetensors"), &file).unwrap();
        fs::write(folder.path().join("rules.toml"), "[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n").unwrap();
        let arguments = ["--like", "like.safetensors", "--rules", "rules.toml"];
        let words = [&["like.safetensors"], words].concat();
        let is_empty = words.contains(&"no parameters");
        let init_words = if is_empty { &words[1..] } else { &words };
        refused(&mut init(folder.path(), &arguments), folder.path(), 2, init_words);

        if !is_empty && !words.contains(&"I64") {
            let mut command = fanin(folder.path());
            refused(command.args(["inspect", "like.safetensors"]), folder.path(), 2, &words);
        }
    }
}

#[test]
fn like_cannot_be_combined_with_parameters() {
    let folder = folder();
    let linear = example("linear-784x256.toml");
    let arguments = ["--like", "out.safetensors", "--rules", linear.to_str().unwrap()];
    refused(&mut init(folder.path(), &arguments), folder.path(), 2, &["[parameters]", "--like"]);
}

#[test]
fn a_file_that_does_not_match_the_recipe() {
    let folder = folder();
    let file = model(
        r#"{"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
            "fc.gain":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}"#,
        20,
    );
    fs::write(folder.path().join("model.safetensors"), file).unwrap();
    let rule = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    for (parameters, words) in [
        ("\"fc.weight\" = [2, 2]", &["`fc.gain`", "recipe does not list"][..]),
        ("\"fc.weight\" = [2, 2]\n\"fc.gain\" = [1]\nmore = [1]", &["`more`", "file does not have"]),
        ("\"fc.weight\" = [4]\n\"fc.gain\" = [1]", &["`fc.weight`", "[4]", "[2, 2]"]),
    ] {
        fs::write(folder.path().join("recipe.toml"), format!("[parameters]\n{parameters}\n{rule}")).unwrap();
        let mut command = fanin(folder.path());
        command.args(["inspect", "model.safetensors", "--recipe", "recipe.toml"]);
        refused(&mut command, folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    command.args(["inspect", "model.safetensors", "--tensor", "fc.bias"]);
    refused(&mut command, folder.path(), 2, &["`fc.bias`", "--tensor"]);
}
