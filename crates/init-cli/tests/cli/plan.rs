//! `fanin plan`: one plan as a table, JSON and CSV.

use std::fs;

use init_model::preset;
use serde_json::Value;
use tempfile::tempdir;

use crate::{example, works};

#[test]
fn the_table_is_that_of_a_dry_run() {
    let folder = tempdir().unwrap();
    let recipe = example("mlp.toml");
    let recipe = recipe.to_str().unwrap();
    for source in [&[recipe][..], &["--preset", "gpt2", "--seed", "3", "--dtype", "f16"], &[recipe, "--layout", "jax"]]
    {
        let dry = works(folder.path(), [&["init", "--force", "--dry-run"], source].concat()).out;
        assert_eq!(works(folder.path(), [&["plan"], source].concat()).out, dry);
        assert_eq!(works(folder.path(), [&["plan", "--format", "table"], source].concat()).out, dry);
    }
}

#[test]
fn json_has_every_parameter_with_every_digit() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["plan", "--preset", "gpt2", "--seed", "7", "--format", "json"]);
    let found: Value = serde_json::from_slice(&run.out).unwrap();
    let plan = preset("gpt2").unwrap().plan().unwrap();
    assert_eq!(found["seed"], 7);
    assert_eq!(found["parameters"], 124_439_808);
    assert_eq!(found["bytes"], 497_759_232);
    let rows = found["tensors"].as_array().unwrap();
    assert_eq!(rows.len(), plan.entries().len());
    for (row, entry) in rows.iter().zip(plan.entries()) {
        assert_eq!(row["name"], entry.name.as_str());
        assert_eq!(row["shape"], serde_json::to_value(entry.shape.dims()).unwrap());
        assert_eq!(row["dtype"], "f32");
        assert_eq!(row["elements"], entry.shape.numel());
        assert_eq!(row["bytes"], entry.bytes());
        assert_eq!(row["fan_in"].as_f64(), entry.fans.map(|fans| fans.fan_in));
        assert_eq!(row["initializer"], entry.initializer.to_string());
        assert_eq!(row["values"], entry.resolved.to_string());
    }
    let residual = rows.iter().find(|row| row["name"] == "h.0.attn.c_proj.weight").unwrap();
    assert_eq!(residual["values"], format!("normal(mean=0, std={})", 0.02 / 24f64.sqrt()));
}

#[test]
fn csv_reads_back() {
    let folder = tempdir().unwrap();
    // A name with characters that CSV quotes, and blocks.
    let recipe = "[parameters]\n'a,\"b\"' = [2, 3]\n\"qkv.weight\" = [6, 4]\n\
                  [[rule]]\nmatch = \"qkv*\"\ninit = \"xavier_uniform\"\n\
                  blocks = { qkv = [\"q\", \"k\", \"v\"] }\n[[rule]]\nmatch = \"*\"\ninit = \"normal(0.5, 0.25)\"\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    let run = works(folder.path(), ["plan", "recipe.toml", "--dtype", "bf16", "--format", "csv"]);
    let lines: Vec<_> = run.text().lines().collect();
    assert_eq!(
        lines,
        [
            "name,shape,dtype,elements,bytes,fan_in,fan_out,initializer,values,blocks,\
             scheme,forward,learning_rate,weight_decay,residual",
            "\"a,\"\"b\"\"\",\"[2, 3]\",bf16,6,12,3,2,\"normal(mean=0.5, std=0.25)\",\
             \"normal(mean=0.5, std=0.25)\",,,1,1,1,",
            "qkv.weight,\"[6, 4]\",bf16,24,48,4,2,xavier_uniform,\
             \"uniform(low=-0.9999999999999999, high=0.9999999999999999)\",\
             \"q.weight, k.weight, v.weight\",,1,1,1,",
        ]
    );
    let json = works(folder.path(), ["plan", "recipe.toml", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.out).unwrap();
    assert_eq!(json["tensors"][1]["blocks"], serde_json::json!(["q.weight", "k.weight", "v.weight"]));
    assert!(json["tensors"][0].get("blocks").is_none());
}
