//! Schemes in the rules of a recipe, and the multipliers that they give.

use std::{fs, path::Path};

use init_core::scheme::Mup;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{Run, contents, example, fanin, refused, tensors, works};

/// The configuration of a GPT-2 of two layers and the given width, with an untied head.
fn config(folder: &Path, width: usize) {
    let config = json!({
        "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 2, "n_embd": width, "n_head": width / 64,
        "n_positions": 32, "vocab_size": 50, "tie_word_embeddings": false,
    });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
}

/// The output of `fanin plan` for the example's rules at a width, and the file of multipliers.
fn mup(width: usize) -> (Value, Value) {
    let folder = tempdir().unwrap();
    config(folder.path(), width);
    let rules = example("mup-gpt2.toml");
    let arguments = ["plan", "--config", "config.json", "--rules", rules.to_str().unwrap()];
    let plan = works(folder.path(), [&arguments[..], &["--format", "json", "--multipliers", "by.json"]].concat());
    let file = fs::read(folder.path().join("by.json")).unwrap();
    (serde_json::from_slice(&plan.out).unwrap(), serde_json::from_slice(&file).unwrap())
}

/// The standard deviation in the `values` of the plan.
fn std(plan: &Value, name: &str) -> f64 {
    let row = plan["tensors"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    let values = row["values"].as_str().unwrap();
    values.split("std=").nth(1).unwrap().trim_end_matches(')').parse().unwrap()
}

/// Table 8 of Yang et al. 2022 with Adam, at the base width of 256 and at two and four times that.
#[test]
fn the_mup_example_agrees_with_the_table_of_the_paper() {
    const INPUT: [&str; 2] = ["transformer.wte.weight", "transformer.wpe.weight"];
    const HIDDEN: [&str; 4] = ["attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight"];
    let (plan_of_base, by_of_base) = mup(256);
    for (name, by) in by_of_base["parameters"].as_object().unwrap() {
        let factors = ["forward", "learning_rate", "weight_decay"].map(|factor| by[factor].as_f64().unwrap());
        assert_eq!(factors, [1.0; 3], "{name}");
    }
    assert_eq!(std(&plan_of_base, "transformer.h.1.mlp.c_proj.weight"), 0.02 / 2.0);
    for times in [2, 4] {
        let (plan, by) = mup(256 * times);
        let (wider, parameters) = (times as f64, &by["parameters"]);
        for name in INPUT {
            assert_eq!(std(&plan, name), 0.02);
            assert_eq!(parameters[name]["learning_rate"], 1.0);
        }
        for layer in 0..2 {
            for weight in HIDDEN {
                let name = format!("transformer.h.{layer}.{weight}");
                // Up to the rounding of a square root and a product.
                let expected = std(&plan_of_base, &name) / wider.sqrt();
                assert!((std(&plan, &name) / expected - 1.0).abs() < 1e-15, "{name}");
                assert_eq!(parameters[&name]["learning_rate"], 1.0 / wider, "{name}");
                assert_eq!(parameters[&name]["weight_decay"], wider, "{name}");
                assert_eq!(parameters[&name]["forward"], 1.0, "{name}");
            }
        }
        let head = &parameters["lm_head.weight"];
        assert_eq!(std(&plan, "lm_head.weight"), 0.02);
        assert_eq!((&head["forward"], &head["learning_rate"]), (&json!(1.0 / wider), &json!(1.0)));
        // Norms and biases are listed too, with 1.
        assert_eq!(
            parameters["transformer.ln_f.bias"],
            json!({"forward": 1.0, "learning_rate": 1.0, "weight_decay": 1.0})
        );
        // More heads of the same size: the factor on q·k is that of the base model, 1/√64.
        assert_eq!(by["model"], json!({"attention": Mup::attention(64, 64), "tied_logits": 1.0 / wider}));
        assert_eq!(plan["multipliers"], by["model"]);
    }
}

/// The values in the file: at twice the width the standard deviation is 1/√2 as large.
#[test]
fn the_values_have_the_standard_deviation_of_the_scheme() {
    let spread = |width: usize| {
        let folder = tempdir().unwrap();
        config(folder.path(), width);
        let rules = example("mup-gpt2.toml");
        let arguments = ["init", "-q", "--force", "--config", "config.json", "-o", "m.safetensors", "--rules"];
        works(folder.path(), [&arguments[..], &[rules.to_str().unwrap()]].concat());
        let found = tensors(&fs::read(folder.path().join("m.safetensors")).unwrap());
        let values = found["transformer.h.0.mlp.c_fc.weight"].chunks_exact(4);
        let values: Vec<_> = values.map(|bytes| f64::from(f32::from_le_bytes(bytes.try_into().unwrap()))).collect();
        (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt()
    };
    // At least 2¹⁸ values: the relative standard error of the sample is 0.0014; this is seven of
    // them.
    let ratio = spread(256) / spread(512);
    assert!((ratio / 2f64.sqrt() - 1.0).abs() < 0.01, "{ratio}");
}

const DEEP: &str = "\
seed = 3

[fields]
n_layer = 128

[parameters]
\"h.0.q.weight\" = [64, 64]
\"h.0.v.weight\" = [64, 64]
\"h.0.ln.weight\" = [64]

[[rule]]
match = \"*.q.weight\"
scheme = \"deep_norm(part=query_key, layers=n_layer)\"

[[rule]]
match = \"*.v.weight\"
scheme = \"deep_norm(part=scaled, layers=n_layer)\"

[[rule]]
match = \"*.ln.weight\"
init = \"ones\"
";

fn recipe(folder: &Path, text: &str) {
    fs::write(folder.join("recipe.toml"), text).unwrap();
}

#[test]
fn deep_norm_gives_the_factor_on_the_residual_stream() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), DEEP);
    works(folder.path(), ["init", "-q", "--force", "recipe.toml", "-o", "m.safetensors", "--multipliers", "by.json"]);
    let by: Value = serde_json::from_slice(&fs::read(folder.path().join("by.json")).unwrap()).unwrap();
    assert_eq!(by["residual"], 4.0); // (2 · 128)^(1/4)
    let scaled = &by["parameters"]["h.0.v.weight"];
    assert_eq!((&scaled["residual"], &scaled["learning_rate"]), (&json!(4.0), &json!(1.0)));
    assert_eq!(scaled["scheme"], "deep_norm(part=scaled, layers=128)");
    assert!(by["parameters"]["h.0.ln.weight"].get("residual").is_none());
    assert_eq!(by["model"], json!({}));
    // xavier_normal with a gain of (8 · 128)^(−1/4); writing that out gives the same file.
    let plan = works(folder.path(), ["plan", "recipe.toml", "--format", "json"]);
    let plan: Value = serde_json::from_slice(&plan.out).unwrap();
    let init = plan["tensors"][1]["initializer"].as_str().unwrap();
    let gain: f64 = init.strip_prefix("xavier_normal(gain=").unwrap().trim_end_matches(')').parse().unwrap();
    assert!((gain / 2f64.powf(-2.5) - 1.0).abs() < 1e-15, "{gain}");
    let plain = DEEP
        .replace("scheme = \"deep_norm(part=query_key, layers=n_layer)\"", "init = \"xavier_normal\"")
        .replace("scheme = \"deep_norm(part=scaled, layers=n_layer)\"", &format!("init = \"{init}\""));
    fs::write(folder.path().join("plain.toml"), plain).unwrap();
    works(folder.path(), ["init", "-q", "--force", "plain.toml", "-o", "plain.safetensors"]);
    let [a, b] = ["m.safetensors", "plain.safetensors"].map(|name| fs::read(folder.path().join(name)).unwrap());
    assert!(a == b, "the values are those of the initializer, and so is the digest");
    works(folder.path(), ["verify", "m.safetensors", "--recipe", "recipe.toml", "-q"]);
}

#[test]
fn multipliers_do_not_depend_on_the_seed_or_the_rank() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), DEEP);
    let file = |arguments: &[&str]| {
        works(folder.path(), [&["plan", "recipe.toml", "--multipliers", "by.json"], arguments].concat());
        fs::read_to_string(folder.path().join("by.json")).unwrap()
    };
    let first = file(&[]);
    assert_eq!(file(&["--seed", "7"]), first);
    let [whole, part]: [Value; 2] = [first, file(&["--rank", "1", "--world", "2", "--split", "*.v.weight=0"])]
        .map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(whole["parameters"], part["parameters"]);
}

#[test]
fn the_table_has_a_column_for_each_multiplier_that_is_not_one() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), DEEP);
    let head = |run: Run| run.text().lines().nth(1).unwrap().split_whitespace().skip(7).collect::<Vec<_>>().join(" ");
    assert_eq!(head(works(folder.path(), ["plan", "recipe.toml"])), "residual");
    recipe(folder.path(), &DEEP.replace("deep_norm(part=scaled, layers=n_layer)", "mup(hidden, 32)"));
    assert_eq!(head(works(folder.path(), ["plan", "recipe.toml"])), "learning rate weight decay residual");
    recipe(
        folder.path(),
        "[parameters]\na = [4, 4]\n[[rule]]\nmatch = \"*\"\nscheme = \"mup(hidden, 4)\"\n\
         [multipliers]\nlogits = 0.25\n",
    );
    let run = works(folder.path(), ["plan", "recipe.toml"]);
    assert!(run.text().ends_with("multipliers of the model: logits × 0.250000\n"), "{}", run.text());
    assert_eq!(head(run), "");
    let csv = works(folder.path(), ["plan", "recipe.toml", "--format", "csv"]);
    assert!(csv.text().contains("\"mup(role=hidden, base_fan_in=4)\",1,1,1,\n"), "{}", csv.text());
}

#[test]
fn a_failure_leaves_no_multipliers() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), DEEP);
    let arguments = ["init", "--force", "recipe.toml", "-o", "m.safetensors", "--multipliers"];
    let with = |path: &str| {
        let mut command = fanin(folder.path());
        command.args(arguments).arg(path);
        command
    };
    refused(&mut with("no/folder/by.json"), folder.path(), 1, &["no/folder/by.json", "create the folder"]);
    refused(&mut with("m.safetensors"), folder.path(), 2, &["both name m.safetensors"]);
    refused(&mut with("."), folder.path(), 2, &["not a regular file"]);
    // If the model cannot be written, the multipliers are not written either.
    let mut command = fanin(folder.path());
    command.args(["init", "--force", "recipe.toml", "-o", "no/m.safetensors", "--multipliers", "by.json"]);
    refused(&mut command, folder.path(), 1, &["no/m.safetensors"]);
    // A dry run writes nothing at all.
    let before = contents(folder.path());
    works(folder.path(), [&arguments[..], &["by.json", "--dry-run"]].concat());
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let folder = tempdir().unwrap();
    for (from, to, words) in [
        ("part=query_key", "part=query", &["recipe.toml:13", "unknown part `query`: did you mean `query_key`?"][..]),
        ("part=query_key, ", "", &["recipe.toml:13", "`deep_norm` needs its `part`"]),
        (", layers=n_layer", "", &["recipe.toml:13", "`layers` of `deep_norm` is missing"]),
        (
            "layers=n_layer",
            "layers=n_layers",
            &["recipe.toml:13", "`layers` of `deep_norm`", "`n_layers` is not a number", "n_layer"],
        ),
        ("layers=n_layer", "layers=n_layer/3", &["recipe.toml:13", "a whole number from 1", "42.66"]),
        ("deep_norm(", "deepnorm(", &["recipe.toml:13", "unknown scheme `deepnorm`: did you mean `deep_norm`?"]),
        ("deep_norm(part=query_key, layers=n_layer)", "mup(role=hiden)", &["recipe.toml:13", "did you mean `hidden`?"]),
        (
            "deep_norm(part=query_key, layers=n_layer)",
            "mup(role=hidden)",
            &["recipe.toml:13", "`base_fan_in`", "is missing"],
        ),
        ("deep_norm(part=query_key, layers=n_layer)", "xavier_normal", &["recipe.toml:13", "give it as `init`"]),
        (
            "init = \"ones\"",
            "init = \"mup(role=input)\"",
            &["recipe.toml:21", "is a scheme, not an initializer", "`scheme = …`"],
        ),
        (
            "init = \"ones\"",
            "init = \"ones\"\nscheme = \"ntk\"",
            &["recipe.toml:22", "one of two: a rule has `init` or `scheme`"],
        ),
        (
            "init = \"ones\"",
            "scheme = \"mup(role=hidden, base_fan_in=8)\"\nblocks = 3",
            &["recipe.toml:19", "h.0.ln.weight", "3 blocks"],
        ),
        (
            "init = \"ones\"",
            "scheme = \"self_normalizing\"",
            &["recipe.toml:19", "h.0.ln.weight", "too few dimensions"],
        ),
        ("init = \"ones\"", "schema = \"ntk\"", &["recipe.toml:21", "unknown key `schema`", "scheme"]),
        ("init = \"ones\"", "scheme = 3", &["recipe.toml:21", "`scheme` must be a string"]),
        ("init = \"ones\"", "", &["recipe.toml:19", "no `init`", "scheme"]),
        ("[fields]", "[multipliers]\nlogits = \"1/n_head\"\n[fields]", &["recipe.toml:4", "`n_head` is not a field"]),
        (
            "[fields]",
            "[multipliers]\nlogits = [1]\n[fields]",
            &["recipe.toml:4", "`logits` must be a number or a formula"],
        ),
        (
            "[fields]",
            "[multipliers]\nlogits = inf\n[fields]",
            &["recipe.toml:4", "`logits` must be a number or a formula"],
        ),
        ("seed = 3", "seed = 3\nmultipliers = 2", &["recipe.toml:2", "a table [multipliers]"]),
    ] {
        assert!(DEEP.contains(from), "{from}");
        recipe(folder.path(), &DEEP.replacen(from, to, 1));
        refused(fanin(folder.path()).args(["plan", "recipe.toml"]), folder.path(), 2, words);
    }
}

#[test]
fn multipliers_need_a_scheme() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), "[parameters]\na = [2, 2]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n");
    for command in [&["init", "-o", "m.safetensors"][..], &["plan"]] {
        let mut command_line = fanin(folder.path());
        command_line.args(command).args(["recipe.toml", "--multipliers", "by.json"]);
        refused(
            &mut command_line,
            folder.path(),
            2,
            &["--multipliers has nothing to write", "`scheme`", "[multipliers]"],
        );
    }
}
