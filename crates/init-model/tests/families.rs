//! Families as data: a family of one's own, rows of parameters in a recipe, and rules over a family.

use init_model::{
    Config, Recipe,
    config::{Family, families},
    preset,
};

/// A family that no library has: two kinds of layers, experts in the second kind, and a list field.
const FAMILY: &str = r#"
model_type = "toy"
title = "Toy"
initialisation = "N(0, s²)"
architectures = ["ToyForCausalLM", "ToyModel"]

[fields]
vocab_size = 10
hidden_size = { default = 8, aliases = ["d_model"] }
num_hidden_layers = 3
num_attention_heads = { default = 2, divides = "hidden_size" }
layer_types = { type = "list", default = ["full", "sparse", "full"], check = "layer_types|length == num_hidden_layers",
    expected = "a list of {num_hidden_layers} words" }
first_dense = 1
experts = 2
initializer_range = 0.02
"rope.theta" = 10000.0
tie_word_embeddings = false

[derived]
head_dim = "hidden_size // num_attention_heads"
model = "'' if architecture == 'ToyModel' else 'model.'"

[[parameters]]
name = "{model}embed.weight"
shape = ["vocab_size", "hidden_size"]

[[parameters]]
name = "{model}layers.{layer}."
repeat = { layer = "num_hidden_layers" }
let = { kind = "layer_types[layer]" }
parameters = [
    { name = "{kind}.q_proj", shape = ["hidden_size", "head_dim"], bias = "kind == 'full'",
        init = "normal(std=initializer_range/sqrt(2*(layer+1)))" },
    { name = "mlp.weight", shape = ["hidden_size", "hidden_size"], when = "layer < first_dense" },
    { name = "experts.{expert}.weight", repeat = { expert = "experts" },
        shape = "[hidden_size, 2 * hidden_size]", when = "layer >= first_dense" },
]

[[rule]]
match = "*.weight"
init = "normal(std=initializer_range)"

[[rule]]
match = "*.bias"
init = "zeros"
"#;

fn toy(config: &str) -> Result<Config, String> {
    let family = Family::parse(FAMILY, "toy.toml").map_err(|error| error.to_string())?;
    Config::parse_as(&family, config, "config.json").map_err(|error| error.to_string())
}

/// Name, shape and values of each parameter.
fn table(recipe: &Recipe) -> Vec<(String, String)> {
    let plan = recipe.plan().unwrap();
    let row = |entry: &init_model::Entry| (entry.name.clone(), format!("{} {}", entry.shape, entry.resolved));
    plan.entries().iter().map(row).collect()
}

#[test]
fn every_embedded_family_plans_its_defaults_for_each_of_its_architectures() {
    for family in families() {
        let architectures = family.architectures.iter().map(|name| format!(r#", "architectures": ["{name}"]"#));
        for architecture in architectures.chain([String::new()]) {
            let sizes = if family.name == "mlp" { r#", "sizes": [3, 2]"# } else { "" };
            let text = format!(r#"{{"model_type": "{}"{architecture}{sizes}}}"#, family.name);
            let config = Config::parse(&text, "config.json").unwrap_or_else(|error| panic!("{text}: {error}"));
            let plan = config.recipe().plan().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(plan.elements() == config.parameters() + config.buffers(), "{text}");
        }
    }
}

#[test]
fn a_family_of_one_s_own_has_conditions_lists_experts_and_the_layer() {
    let config = toy("{}").unwrap();
    assert_eq!(config.family(), "toy");
    let std = |layer: f64| 0.02 / (2.0 * (layer + 1.0)).sqrt();
    let expected = [
        ("model.embed.weight", "[10, 8] normal(mean=0, std=0.02)".to_owned()),
        ("model.layers.0.full.q_proj.weight", format!("[8, 4] normal(mean=0, std={})", std(0.0))),
        ("model.layers.0.full.q_proj.bias", "[8] constant(value=0)".to_owned()),
        ("model.layers.0.mlp.weight", "[8, 8] normal(mean=0, std=0.02)".to_owned()),
        ("model.layers.1.sparse.q_proj.weight", format!("[8, 4] normal(mean=0, std={})", std(1.0))),
        ("model.layers.1.experts.0.weight", "[8, 16] normal(mean=0, std=0.02)".to_owned()),
        ("model.layers.1.experts.1.weight", "[8, 16] normal(mean=0, std=0.02)".to_owned()),
        ("model.layers.2.full.q_proj.weight", format!("[8, 4] normal(mean=0, std={})", std(2.0))),
        ("model.layers.2.full.q_proj.bias", "[8] constant(value=0)".to_owned()),
        ("model.layers.2.experts.0.weight", "[8, 16] normal(mean=0, std=0.02)".to_owned()),
        ("model.layers.2.experts.1.weight", "[8, 16] normal(mean=0, std=0.02)".to_owned()),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
    assert_eq!(table(config.recipe()), expected);
    let other =
        toy(r#"{"architectures": ["ToyModel"], "d_model": 4, "num_hidden_layers": 1, "layer_types": ["full"]}"#);
    assert_eq!(table(other.unwrap().recipe())[0], ("embed.weight".into(), "[10, 4] normal(mean=0, std=0.02)".into()));
}

#[test]
fn mistakes_in_a_configuration_of_a_family_are_named_with_its_field() {
    for (config, words) in [
        (r#"{"num_hidden_layers": 2}"#, "`layer_types` must be a list of 2 words, got"),
        (r#"{"hidden_size": 7}"#, "`num_attention_heads` must be a divisor of hidden_size, which is 7, got 2"),
        (r#"{"d_model": "8"}"#, "`d_model` must be an integer from 1 to 2147483647, got \"8\""),
        (r#"{"n_embd": 64}"#, "`hidden_size`, a size of toy, is missing, and `n_embd` is not one of its names"),
        (r#"{"architectures": ["Other"]}"#, "unknown `architectures` entry `Other`; the known ones are ToyForCausalLM"),
    ] {
        let error = toy(config).unwrap_err();
        assert!(error.starts_with("config.json: ") && error.contains(words), "{error}");
    }
}

#[test]
fn mistakes_in_a_family_are_named_with_file_line_and_key() {
    // The line is that of the change, but for a table of rows that of its heading.
    for (from, to, up, words) in [
        ("shape = [\"vocab_size\"", "shape = [\"vocab_sizes\"", 2, "`shape`: the formula `vocab_sizes`"),
        ("layer_types[layer]", "layer_types[layer", 0, "`kind`: the formula"),
        (
            "layer < first_dense",
            "layer < first",
            0,
            "`when`: the formula `layer < first` cannot be evaluated: `first` is",
        ),
        (
            "experts = 2",
            "experts = \"2\"",
            -21,
            "`repeat`: the formula `experts` cannot be evaluated: it must be a number",
        ),
        ("normal(std=initializer_range/", "normal(std=initializer/", 0, "the formula `initializer/sqrt"),
        ("// num_attention_heads", "/ 3", -12, "parameter `model.layers.0.full.q_proj` has the dimension 2.6"),
        ("type = \"list\"", "type = \"lists\"", 0, "unknown key `lists`"),
        ("repeat = { layer", "repeats = { layer", 0, "unknown key `repeats`: did you mean `repeat`?"),
        ("bias = \"kind", "biases = \"kind", 0, "unknown key `biases`"),
    ] {
        let line = FAMILY[..FAMILY.find(from).unwrap()].matches('\n').count() as i32 + 1 - up;
        let error = Family::parse(&FAMILY.replacen(from, to, 1), "toy.toml").map_err(|error| error.to_string());
        let error = error.and_then(|family| Config::parse_as(&family, "{}", "config.json").map_err(|e| e.to_string()));
        let error = error.map(drop).unwrap_err();
        assert!(
            error.contains(&format!("toy.toml:{line}: {words}")) && error.lines().count() == 1,
            "{line} {from}: {error}"
        );
    }
}

/// GPT-2's 148 parameters in ten rows of a recipe, which has the powers of a family.
#[test]
fn a_recipe_of_ten_rows_is_gpt2() {
    let text = r#"
layout = "jax"

[fields]
n_layer = 12
n_embd = 768

[derived]
inner = "4 * n_embd"

[[parameters]]
name = "wte.weight"
shape = [50257, "n_embd"]

[[parameters]]
name = "wpe.weight"
shape = [1024, "n_embd"]

[[parameters]]
name = "h.{layer}."
repeat = { layer = "n_layer" }
parameters = [
    { name = "ln_1", shape = ["n_embd"], bias = true },
    { name = "attn.c_attn", shape = ["n_embd", "3 * n_embd"], bias = true },
    { name = "attn.c_proj", shape = ["n_embd", "n_embd"], bias = true, init = "normal(std=0.02/sqrt(2*n_layer))" },
    { name = "ln_2", shape = ["n_embd"], bias = true },
    { name = "mlp.c_fc", shape = ["n_embd", "inner"], bias = true },
    { name = "mlp.c_proj", shape = ["inner", "n_embd"], bias = true, init = "normal(std=0.02/sqrt(2*n_layer))" },
]

[[parameters]]
name = "ln_f"
shape = ["n_embd"]
bias = true

[[rule]]
match = "*ln_?.weight"
init = "ones"

[[rule]]
match = "*.weight"
init = "normal(std=0.02)"

[[rule]]
match = "*.bias"
init = "zeros"
"#;
    let recipe = Recipe::parse(text, "gpt2.toml").unwrap();
    assert_eq!(recipe.plan().unwrap().digest(), preset("gpt2").unwrap().plan().unwrap().digest());
}

#[test]
fn rules_laid_over_a_family_come_before_its_own() {
    let model = preset("gpt2").unwrap();
    let rules = "[[rule]]\nmatch = \"*.c_proj.weight\"\ninit = \"normal(std=0.02/sqrt(2*(layer+1)))\"\n";
    let rules = Recipe::parse_with(rules, "rules.toml", model.fields.clone()).unwrap();
    let over = model.clone().laid_over(rules.clone());
    let before = table(&model);
    for (index, (name, values)) in table(&over).into_iter().enumerate() {
        let from = over.rule_of(&over.parameters[index]).unwrap().location.to_string();
        if name.ends_with("c_proj.weight") {
            let layer: f64 = name.split('.').nth(1).unwrap().parse().unwrap();
            assert!(values.ends_with(&format!("std={})", 0.02 / (2.0 * (layer + 1.0)).sqrt())), "{name}: {values}");
            assert_eq!(from, "rules.toml:1");
        } else {
            assert_eq!((name, values), before[index]);
            assert!(from.starts_with("families/gpt2.toml:"), "{from}");
        }
    }
    // In place of the family's rules, they leave the other parameters without one.
    let error = model.clone().with_rules_of(rules).plan().unwrap_err().to_string();
    assert!(error.contains("no rule matches parameter `wte.weight`"), "{error}");
    // A rule that matches nothing is an error here as well.
    let typo = Recipe::parse("[[rule]]\nmatch = \"*.c_prj.weight\"\ninit = \"zeros\"\n", "rules.toml").unwrap();
    let error = model.laid_over(typo).plan().unwrap_err().to_string();
    assert!(error.starts_with("rules.toml:1: the rule `*.c_prj.weight` matches no parameter"), "{error}");
}

#[test]
fn the_layer_is_the_first_number_of_a_name() {
    let text = "[parameters]\n\"h.3.weight\" = [4]\n\"out.weight\" = [4]\n[[rule]]\nmatch = \"h.*\"\n\
                init = \"constant(layer + 1)\"\n[[rule]]\nmatch = \"*\"\ninit = \"constant(layer)\"\n";
    let recipe = Recipe::parse(text, "model.toml").unwrap();
    let error = recipe.plan().unwrap_err().to_string();
    assert!(error.contains("parameter `out.weight`") && error.contains("`layer`"), "{error}");
    let text = text.replace("constant(layer)", "zeros");
    assert_eq!(table(&Recipe::parse(&text, "model.toml").unwrap())[0].1, "[4] constant(value=4)");
}

/// The tables that `tests/python/family_tables.py` has compared with the models of transformers:
/// names, shapes, ties and the first values, measured.
#[test]
fn the_tables_are_those_that_were_compared_with_the_library() {
    let lines = include_str!("vectors/families.jsonl").lines();
    let mut compared = std::collections::BTreeSet::new();
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let config = Config::parse(&line["config"].to_string(), "config.json").unwrap();
        let plan = config.recipe().plan().unwrap();
        let mut rows: Vec<_> =
            plan.entries().iter().map(|entry| format!("{} {} {}\n", entry.name, entry.shape, entry.resolved)).collect();
        rows.sort_unstable();
        // FNV-1a of the sorted lines.
        let hash = rows
            .concat()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        assert_eq!(line["hash"], format!("{hash:016x}"), "{}", line["config"]);
        compared.insert(config.family().to_owned());
    }
    assert!(compared.len() >= 30, "{}", compared.len());
}
