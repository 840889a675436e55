//! Rules beyond a glob and an initializer: formulas, scales, types, exclusions.

use std::fs;

use tempfile::tempdir;

use crate::{fanin, refused, tensors, works};

const MODEL: &str = "\
seed = 3
skip = [\"*.inv_freq\"]

[parameters]
\"h.0.c_proj.weight\" = [64, 64]
\"h.10.c_proj.weight\" = [64, 64]
\"h.0.ln.weight\" = [64]
\"h.0.rotary.inv_freq\" = [32]

[[rule]]
regex = 'h\\.\\d\\.c_proj\\.weight'
init = \"normal(std=0.02/sqrt(2*n_layer))\"
dtype = \"bf16\"

[[rule]]
match = \"*.c_proj.weight\"
init = \"uniform(-1, 1)\"
scale = \"1/n_layer\"

[[rule]]
match = \"*.ln.weight\"
init = \"ones\"

[[rule]]
match = \"lm_head.weight\"
init = \"zeros\"
optional = true

[fields]
n_layer = 32
";

#[test]
fn formulas_scales_types_and_exclusions() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("model.toml"), MODEL).unwrap();
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "model.safetensors"]);
    let plain = MODEL
        .replace("normal(std=0.02/sqrt(2*n_layer))", "normal(std=0.0025)")
        .replace("uniform(-1, 1)", "uniform(-0.03125, 0.03125)")
        .replace("scale = \"1/n_layer\"\n", "");
    fs::write(folder.path().join("plain.toml"), plain).unwrap();
    works(folder.path(), ["init", "-q", "--force", "plain.toml", "-o", "plain.safetensors"]);
    let [model, plain] =
        ["model", "plain"].map(|name| fs::read(folder.path().join(format!("{name}.safetensors"))).unwrap());
    let (model, plain) = (tensors(&model), tensors(&plain));
    assert_eq!(model, plain);
    let sizes: Vec<_> = model.iter().map(|(name, bytes)| (name.as_str(), bytes.len())).collect();
    let expected = [("h.0.c_proj.weight", 64 * 64 * 2), ("h.0.ln.weight", 64 * 4), ("h.10.c_proj.weight", 64 * 64 * 4)];
    assert_eq!(sizes, expected);
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let folder = tempdir().unwrap();
    for (from, to, words) in [
        ("n_layer = 32", "n_layers = 32", &["broken.toml:12", "`n_layer` is not a field"][..]),
        ("n_layer = 32", "n_layer = 0", &["broken.toml:12", "0.02/sqrt(2*n_layer)", "inf"]),
        ("n_layer = 32", "n_layer = \"many\"", &["broken.toml:30", "`n_layer` must be a number"]),
        ("\\d\\.c_proj", "(\\d\\.c_proj", &["broken.toml:11", "unclosed group"]),
        ("regex = ", "match = \"*\"\nregex = ", &["broken.toml:12", "`match` or `regex`"]),
        ("\"1/n_layer\"", "-1", &["broken.toml:18", "`scale` must be a number above 0"]),
        ("\"1/n_layer\"", "\"1/\"", &["broken.toml:18", "it ends where"]),
        ("optional = true", "optional = 1", &["broken.toml:27", "true or false"]),
        ("optional = true", "optional = false", &["broken.toml:24", "`lm_head.weight` matches no parameter"]),
        ("\"*.inv_freq\"", "\"*.inv_freq\", \"*.bias\"", &["broken.toml:2", "`*.bias` of `skip`"]),
        ("\"*.inv_freq\"", "\"[\"", &["broken.toml:2", "not a valid pattern"]),
        ("\"ones\"", "\"orthogonal\"\nscale = 2", &["broken.toml:20", "h.0.ln.weight"]),
        ("uniform(-1, 1)", "orthogonal", &["`scale` applies to a distribution", "orthogonal"]),
    ] {
        assert!(MODEL.contains(from), "{from}");
        fs::write(folder.path().join("broken.toml"), MODEL.replacen(from, to, 1)).unwrap();
        refused(
            fanin(folder.path()).args(["init", "--force", "broken.toml", "-o", "out.safetensors"]),
            folder.path(),
            2,
            words,
        );
    }
}

#[test]
fn formulas_name_the_fields_of_a_configuration() {
    let folder = tempdir().unwrap();
    let config =
        r#"{"model_type": "gpt2", "n_layer": 8, "n_embd": 16, "n_head": 2, "n_positions": 32, "vocab_size": 50}"#;
    fs::write(folder.path().join("config.json"), config).unwrap();
    let rules = "[[rule]]\nmatch = \"*.c_proj.weight\"\ninit = \"constant(1/sqrt(2*n_layer))\"\n\
                 [[rule]]\nmatch = \"*\"\ninit = \"constant(n_embd)\"\n";
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    works(
        folder.path(),
        ["init", "-q", "--force", "--config", "config.json", "--rules", "rules.toml", "-o", "m.safetensors"],
    );
    let found = tensors(&fs::read(folder.path().join("m.safetensors")).unwrap());
    assert_eq!(found["h.7.mlp.c_proj.weight"][..4], 0.25f32.to_le_bytes());
    assert_eq!(found["wte.weight"][..4], 16f32.to_le_bytes());
}
