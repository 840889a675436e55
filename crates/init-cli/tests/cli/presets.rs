//! Published models by name and by their config.json.

use std::fs;

use init_model::{Config, PRESETS, config::FAMILIES};
use serde_json::Value;
use tempfile::tempdir;

use crate::{fanin, refused, tensors, works};

#[test]
fn every_preset_is_listed_with_its_numbers() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["presets", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&run.out).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, PRESETS);
    for row in &rows {
        let config = Config::preset(row["name"].as_str().unwrap()).unwrap();
        assert_eq!(row["family"], config.family());
        assert_eq!(row["parameters"], config.parameters());
        let plan = config.recipe().plan().unwrap();
        assert_eq!(row["tensors"], plan.entries().len());
        assert_eq!(row["bytes_bf16"], 2 * plan.elements());
    }
    let llama = rows.iter().find(|row| row["name"] == "llama-3.2-1b").unwrap();
    assert_eq!((&llama["parameters"], &llama["dtype"]), (&1_235_814_400_u64.into(), &"bf16".into()));

    let run = works(folder.path(), ["presets"]);
    let row = |name: &str| run.text().lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
    for word in ["llama", "1,235,814,400", "146", "bf16", "2,471,628,800"] {
        assert!(row("llama-3.2-1b").contains(word), "{}", row("llama-3.2-1b"));
    }
    let last = run.text().lines().last().unwrap();
    assert!(FAMILIES.iter().all(|family| last.contains(family.name)), "{last}");
}

#[test]
fn a_dry_run_prints_the_plan_with_totals() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["init", "--force", "--preset", "llama-3.2-1b", "--dry-run"]);
    let totals = "1,235,814,400 parameters in 146 tensors, 2,471,628,800 bytes of bf16, seed 0 (default)";
    assert_eq!(run.text().lines().last().unwrap(), totals);
    let row = run.text().lines().find(|line| line.contains("model.layers.15.self_attn.k_proj.weight")).unwrap();
    for word in ["[512, 2048]", "bf16", "normal", "std 0.02"] {
        assert!(row.contains(word), "{row}");
    }
    assert!(!run.text().contains("lm_head"), "the head is tied");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_configuration_becomes_a_file() {
    let folder = tempdir().unwrap();
    let config = r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"],
        "hidden_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48, "vocab_size": 50,
        "pad_token_id": 3,
        "torch_dtype": "bfloat16", "rope_theta": 500000.0, "transformers_version": "4.45.0"}"#;
    fs::write(folder.path().join("config.json"), config).unwrap();
    let run =
        works(folder.path(), ["init", "--force", "--config", "config.json", "--seed", "9", "-o", "out.safetensors"]);
    assert!(run.text().contains(" bytes of bf16, seed 9"), "{}", run.text());
    let bytes = fs::read(folder.path().join("out.safetensors")).unwrap();
    let found = tensors(&bytes);
    assert_eq!(found.len(), 2 * 9 + 3);
    assert_eq!(found["lm_head.weight"].len(), 50 * 32 * 2);
    assert_eq!(found["model.layers.1.self_attn.v_proj.weight"].len(), 16 * 32 * 2);
    let table = &found["model.embed_tokens.weight"];
    for (row, values) in table.chunks(64).enumerate() {
        assert_eq!(values.iter().all(|&byte| byte == 0), row == 3, "row {row}");
    }
    // 1 in bf16.
    assert!(found["model.norm.weight"].as_chunks::<2>().0.iter().all(|&word| word == [0x80, 0x3f]));

    // An option overrides the configuration, and the same parameter of a plain recipe has the same
    // values.
    works(
        folder.path(),
        ["init", "--force", "--config", "config.json", "--seed", "9", "--dtype", "f32", "-o", "f32.safetensors"],
    );
    let wide = tensors(&fs::read(folder.path().join("f32.safetensors")).unwrap());
    let recipe =
        "seed = 9\n[parameters]\n\"lm_head.weight\" = [50, 32]\n[[rule]]\nmatch = \"*\"\ninit = \"normal(0, 0.02)\"\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "head.safetensors"]);
    let head = tensors(&fs::read(folder.path().join("head.safetensors")).unwrap());
    assert_eq!(wide["lm_head.weight"], head["lm_head.weight"]);
}

#[test]
fn invalid_configurations_are_refused() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("out.safetensors"), "earlier").unwrap();
    for (config, words) in [
        (r#"{"model_type": "t5"}"#, &["config.json: ", "`t5`", "llama", "torchvision_resnet", "--like"][..]),
        (r#"{"hidden_size": 3}"#, &["`model_type`", "qwen3", "--like"]),
        (r#"{"model_type": "llama", "hidden_size": "big"}"#, &["`hidden_size`", "\"big\"", "from 1"]),
        (
            r#"{"model_type": "bert", "architectures": ["BertForChess"]}"#,
            &["BertForChess", "BertForMaskedLM", "--like"],
        ),
        ("{\"model_type\": \"gpt2\",\n}", &["JSON", "line 2"]),
        ("[1]", &["object", "[1]"]),
    ] {
        fs::write(folder.path().join("config.json"), config).unwrap();
        for command in
            [&["init", "-o", "out.safetensors", "--config", "config.json"][..], &["plan", "--config", "config.json"]]
        {
            refused(fanin(folder.path()).args(command), folder.path(), 2, words);
        }
    }
    fs::write(folder.path().join("config.json"), [0xff, 0xfe]).unwrap();
    refused(fanin(folder.path()).args(["plan", "--config", "config.json"]), folder.path(), 2, &["UTF-8"]);
    refused(fanin(folder.path()).args(["plan", "--config", "missing.json"]), folder.path(), 2, &["missing.json"]);
    refused(fanin(folder.path()).args(["plan", "--config", "."]), folder.path(), 2, &["not a regular file"]);
    let large = fs::File::create(folder.path().join("large.json")).unwrap();
    large.set_len(17 << 20).unwrap();
    let mut command = fanin(folder.path());
    refused(command.args(["plan", "--config", "large.json"]), folder.path(), 2, &["larger than any configuration"]);

    for arguments in [
        &["plan"][..],
        &["plan", "--config", "config.json", "--preset", "gpt2"],
        &["plan", "recipe.toml", "--config", "config.json"],
        &["plan", "--config", "config.json", "--rules", "rules.toml"],
        &["plan", "--preset", "gpt3"],
        &["plan", "--preset", "gpt2", "--format", "xml"],
        &["presets", "extra"],
    ] {
        refused(fanin(folder.path()).args(arguments), folder.path(), 2, &[]);
    }
    let mut command = fanin(folder.path());
    refused(command.args(["plan", "--preset", "gpt3"]), folder.path(), 2, &["`gpt3`", "`gpt2`", "`fanin presets`"]);
}
