//! Published models compared with transformers, torchvision and torch: names, shapes and order of
//! their parameters, and the initial values of these libraries against the distributions of our
//! plans.
//!
//! `tests/python/model_tables.py` wrote `vectors/models.json`.

use std::collections::BTreeSet;

use init_core::{DType, Distribution, Resolved, Structured};
use init_kernels::Filler;
use init_model::{Config, Entry, PRESETS, Plan, config::FAMILIES, preset};
use serde_json::{Map, Value};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/models.json")).unwrap()
}

/// A parameter of the library: name, shape and, for small models, the statistics of its initial
/// values.
struct Row<'a> {
    name: &'a str,
    shape: Vec<usize>,
    statistics: Option<Statistics>,
}

/// The statistics of a tensor that the library initialised.
struct Statistics {
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
    zero_rows: u64,
}

fn rows(model: &Value) -> Vec<Row<'_>> {
    let rows = model["tensors"].as_array().unwrap().iter().map(|row| Row {
        name: row[0].as_str().unwrap(),
        shape: row[1].as_array().unwrap().iter().map(|dim| dim.as_u64().unwrap() as usize).collect(),
        statistics: row.get(2).map(|statistics| Statistics {
            mean: statistics[0].as_f64().unwrap(),
            std: statistics[1].as_f64().unwrap(),
            min: statistics[2].as_f64().unwrap(),
            max: statistics[3].as_f64().unwrap(),
            zero_rows: statistics[4].as_u64().unwrap(),
        }),
    });
    rows.collect()
}

fn config(model: &Value) -> Config {
    match model["preset"].as_str() {
        Some(name) => Config::preset(name).unwrap(),
        None => Config::parse(&model["config"].to_string(), "config.json").unwrap(),
    }
}

/// Returns the parameters of the library that our files have: not the integer that counts batches,
/// and for a GPT-2 with a tied head the names of the published files, which are those of the model
/// without a head.
fn published<'a>(model: &'a Value, config: &Config) -> Vec<Row<'a>> {
    let mut rows = rows(model);
    rows.retain(|row| !row.name.ends_with(".num_batches_tracked"));
    if config.family() == "gpt2" && rows.iter().all(|row| row.name.starts_with("transformer.")) {
        for row in &mut rows {
            row.name = row.name.strip_prefix("transformer.").unwrap();
        }
    }
    rows
}

#[test]
fn names_shapes_and_order_are_those_of_the_libraries() {
    let vectors = vectors();
    let mut seen = BTreeSet::new();
    let (mut models, mut tensors) = (0, 0);
    for model in vectors["models"].as_array().unwrap() {
        let config = config(model);
        seen.insert(config.family());
        let plan = config.recipe().plan().unwrap();
        let mut ours: Vec<_> =
            plan.entries().iter().map(|entry| (entry.name.as_str(), entry.shape.dims().to_vec())).collect();
        let mut theirs: Vec<_> = published(model, &config).into_iter().map(|row| (row.name, row.shape)).collect();
        // transformers packs all experts into one tensor in memory, so that they have no order
        // there.
        if config.family() == "mixtral" {
            ours.sort();
            theirs.sort();
        }
        assert_eq!(ours, theirs, "{}", model["name"]);
        models += 1;
        tensors += theirs.len();
    }
    assert_eq!(seen, BTreeSet::from(FAMILIES.map(|family| family.name)));
    for name in ["gpt2", "llama-3.2-1b", "bert-base", "vit-base", "resnet-50", "torchvision-resnet-50"] {
        assert!(vectors["models"].as_array().unwrap().iter().any(|model| model["preset"] == name), "{name}");
    }
    assert_eq!((models, tensors), (56, 3_101));
}

/// The numbers of parameters are those that the libraries count and the models are published with,
/// counting tied weights once.
#[test]
fn presets_have_the_published_numbers_of_parameters() {
    let vectors = vectors();
    let published = [
        ("gpt2", 124_439_808),
        ("gpt2-medium", 354_823_168),
        ("gpt2-large", 774_030_080),
        ("gpt2-xl", 1_557_611_200),
        ("llama-3.2-1b", 1_235_814_400),
        ("llama-3.2-3b", 3_212_749_824),
        ("llama-3.1-8b", 8_030_261_248),
        ("llama-2-7b", 6_738_415_616),
        ("mistral-7b", 7_241_732_096),
        ("mixtral-8x7b", 46_702_792_704),
        ("qwen2.5-0.5b", 494_032_768),
        ("qwen3-0.6b", 596_049_920),
        ("bert-base", 110_106_428),
        ("vit-base", 86_567_656),
        ("resnet-18", 11_689_512),
        ("resnet-50", 25_557_032),
        ("torchvision-resnet-18", 11_689_512),
        ("torchvision-resnet-50", 25_557_032),
        ("lenet-300-100", 266_610),
    ];
    assert_eq!(published.map(|(name, _)| name), PRESETS);
    for (name, parameters) in published {
        let config = Config::preset(name).unwrap();
        assert_eq!(config.parameters(), parameters, "{name}");
        let plan = config.recipe().plan().unwrap();
        assert_eq!(plan.elements(), config.parameters() + config.buffers(), "{name}");

        let theirs = &vectors["totals"][name];
        // One batch norm has one counter of batches, a tensor of one value.
        let norms = plan.entries().iter().filter(|entry| entry.name.ends_with(".running_mean")).count() as u64;
        assert_eq!(theirs["parameters"], config.parameters(), "{name}");
        assert_eq!(theirs["buffers"], config.buffers() + norms, "{name}");
        assert_eq!(theirs["tensors"], plan.entries().len() as u64 + norms, "{name}");
    }
    assert_eq!(vectors["totals"].as_object().unwrap().len(), published.len());
}

/// Returns the distribution of a parameter, and the number of rows that are zero.
fn distribution_of(entry: &Entry) -> (Distribution, u64) {
    match &entry.resolved {
        Resolved::Distribution(distribution) => (*distribution, 0),
        Resolved::Structured(Structured::ZeroRow { distribution, .. }) => (*distribution, 1),
        other => panic!("{}: {other}", entry.name),
    }
}

/// The libraries' own values have our distributions: mean and standard deviation within 5 standard
/// errors, minimum and maximum within the bounds and, for a uniform distribution, near them.
#[test]
fn the_initial_values_of_the_libraries_have_the_distributions_of_our_plans() {
    let vectors = vectors();
    let mut compared = 0;
    for model in vectors["models"].as_array().unwrap().iter().filter(|model| model.get("config").is_some()) {
        let config = config(model);
        let plan = config.recipe().plan().unwrap();
        for row in published(model, &config) {
            let entry = plan.entries().iter().find(|entry| entry.name == row.name).unwrap();
            let what = format!("{} {}: {}", model["name"], row.name, entry.resolved);
            let (distribution, zero_rows) = distribution_of(entry);
            let Statistics { mean, std, min, max, zero_rows: found } = row.statistics.unwrap();
            let constant = distribution.std() == 0.0;
            if entry.shape.ndim() == 2 && !constant {
                assert_eq!(found, zero_rows, "{what}");
            }
            // The tolerance of f32, and of the seven digits of the vectors.
            let (low, high) = distribution.support();
            let near = 1e-6 * low.abs().max(high.abs()).min(1.0);
            assert!(low - near <= min && max <= high + near, "{what}: {min} … {max}");
            compared += 1;
            if constant {
                assert_eq!(std, 0.0, "{what}");
                continue;
            }
            // A row of zeros reduces the standard deviation.
            let rows = entry.shape.dims()[0] as f64;
            let kept = if zero_rows == 0 { 1.0 } else { (rows - 1.0) / rows };
            let n = entry.shape.numel() as f64 * kept;
            let (mean, std) = (mean / kept, (std * std / kept - mean * mean / kept * (1.0 / kept - 1.0)).sqrt());
            assert!((mean - distribution.mean()).abs() < 5.0 * distribution.std() / n.sqrt(), "{what}: mean {mean}");
            let error = ((distribution.kurtosis() - 1.0) / (4.0 * n)).sqrt();
            assert!(
                (std / distribution.std() - 1.0).abs() < 5.0 * error + 1e-6,
                "{what}: std {std}, not {}",
                distribution.std()
            );
            if let Distribution::Uniform { low, high } = distribution {
                // P(no value of n in the outer share s) = (1 − s)ⁿ < e⁻¹² at s = 12/n.
                let share = 12.0 / n;
                assert!(min < low + (high - low) * share && max > high - (high - low) * share, "{what}: {min} … {max}");
            }
        }
    }
    assert!(compared > 1500, "{compared}");
}

#[test]
fn the_padding_row_is_zero_and_no_other_row_is() {
    let text = r#"{"model_type": "llama", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
                   "intermediate_size": 8, "vocab_size": 10, "pad_token_id": -2}"#;
    let plan = Config::parse(text, "config.json").unwrap().recipe().plan().unwrap();
    let mut values = vec![1f32; 80];
    plan.fill_at(&mut values, 0, &plan.entries()[0], Filler::new()).unwrap();
    for (row, values) in values.chunks(8).enumerate() {
        assert_eq!(values.iter().all(|&value| value == 0.0), row == 8, "row {row}");
    }
}

/// The order of the parameters and some values are those of earlier versions.
#[test]
fn the_preset_gpt2_equals_its_published_configuration() {
    let published = r#"{"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
        "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
        "initializer_range": 0.02, "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
        "resid_pdrop": 0.1,
        "summary_activation": null, "summary_first_dropout": 0.1, "summary_proj_to_labels": true, 
        "summary_type": "cls_index",
        "summary_use_proj": true, "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
        "vocab_size": 50257}"#;
    let plan = Config::parse(published, "config.json").unwrap().recipe().plan().unwrap();
    assert_eq!(plan, preset("gpt2").unwrap().plan().unwrap());
    let head: Vec<_> = plan.entries()[..4].iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(head, ["wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.0.ln_1.bias"]);
    let mut recipe = preset("gpt2").unwrap();
    recipe.seed = Some(42);
    let seeded = recipe.plan().unwrap();
    for (name, first, last) in [
        ("wte.weight", [0x3cb0_3556, 0x3c91_a78d], 0xbb6d_eb67),
        ("h.0.attn.c_proj.weight", [0xbbc2_62d0, 0x39b9_a627], 0x3968_c885),
        ("h.11.mlp.c_fc.weight", [0x3a97_3360, 0x3c26_290f], 0x3b4b_78c1),
    ] {
        let entry = seeded.entries().iter().find(|entry| entry.name == name).unwrap();
        let mut values = [0f32; 2];
        seeded.fill_at(&mut values, 0, entry, Filler::new()).unwrap();
        assert_eq!(values.map(f32::to_bits), first, "{name}");
        seeded.fill_at(&mut values[..1], entry.shape.numel() - 1, entry, Filler::new()).unwrap();
        assert_eq!(values[0].to_bits(), last, "{name}");
    }
    let of = |name: &str| &plan.entries().iter().find(|entry| entry.name == name).unwrap().resolved;
    let residual = 0.02 / 24f64.sqrt();
    for name in ["h.0.attn.c_proj.weight", "h.11.mlp.c_proj.weight"] {
        assert_eq!(of(name), &Resolved::Distribution(Distribution::Normal { mean: 0.0, std: residual }), "{name}");
    }
    assert_eq!(of("wpe.weight"), &Resolved::Distribution(Distribution::Normal { mean: 0.0, std: 0.02 }));
}

#[test]
fn missing_fields_have_the_defaults_of_transformers() {
    for (written, left_out) in [
        (
            r#"{"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
                "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
                "initializer_range": 0.02}"#,
            r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_key_value_heads": null}"#,
        ),
        (
            r#"{"model_type": "bert", "vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12,
                "pad_token_id": 0,
                "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2}"#,
            r#"{"model_type": "bert", "architectures": []}"#,
        ),
        (
            r#"{"model_type": "mistral", "num_attention_heads": 16, "num_key_value_heads": 8}"#,
            r#"{"model_type": "mistral", "num_attention_heads": 16}"#,
        ),
        (
            r#"{"model_type": "mistral", "num_attention_heads": 16, "num_key_value_heads": 16}"#,
            r#"{"model_type": "mistral", "num_attention_heads": 16, "num_key_value_heads": null}"#,
        ),
    ] {
        let plan = |text| Config::parse(text, "config.json").unwrap().recipe().plan().unwrap();
        assert_eq!(plan(written), plan(left_out), "{left_out}");
    }
}

#[test]
fn the_dtype_is_that_of_the_configuration() {
    let dtype = |fields: &str| {
        let text = format!("{{\"model_type\": \"mlp\", \"sizes\": [3, 2]{fields}}}");
        let plan: Plan = Config::parse(&text, "config.json").unwrap().recipe().plan().unwrap();
        plan.entries()[0].dtype
    };
    assert_eq!(dtype(""), DType::F32);
    assert_eq!(dtype(", \"torch_dtype\": \"bfloat16\""), DType::Bf16);
    assert_eq!(dtype(", \"dtype\": \"float16\", \"torch_dtype\": \"bfloat16\""), DType::F16);
    assert_eq!(dtype(", \"dtype\": null, \"torch_dtype\": \"torch.float64\""), DType::F64);
}

/// Returns the error message of a configuration with one field added or changed.
fn refused(base: &str, field: &str, value: &str) -> String {
    let mut object: Map<String, Value> = serde_json::from_str(base).unwrap();
    object.insert(field.to_owned(), serde_json::from_str(value).unwrap());
    let text = Value::Object(object).to_string();
    let error = Config::parse(&text, "config.json").map(|_| ()).expect_err(&text).to_string();
    assert!(error.starts_with("config.json: ") && error.lines().count() == 1, "{error}");
    assert!(error.len() < 800, "{error}");
    error
}

#[test]
fn wrong_fields_are_named_with_their_values() {
    let gpt2 = r#"{"model_type": "gpt2", "n_embd": 8, "n_head": 2, "n_layer": 1}"#;
    let llama = r#"{"model_type": "llama", "hidden_size": 8, "num_attention_heads": 4, "num_hidden_layers": 1}"#;
    let mixtral = r#"{"model_type": "mixtral", "num_hidden_layers": 100000}"#;
    let bert = r#"{"model_type": "bert"}"#;
    let vit = r#"{"model_type": "vit"}"#;
    let resnet = r#"{"model_type": "resnet"}"#;
    let torchvision = r#"{"model_type": "torchvision_resnet", "block": "basic"}"#;
    let mlp = r#"{"model_type": "mlp"}"#;
    for (base, field, value, words) in [
        (gpt2, "n_embd", "\"768\"", &["`n_embd`", "from 1 to 2147483647", "\"768\""][..]),
        (gpt2, "n_layer", "0", &["`n_layer`", "got 0"]),
        (gpt2, "n_layer", "2.5", &["`n_layer`", "2.5"]),
        (gpt2, "n_layer", "-1", &["`n_layer`", "-1"]),
        (gpt2, "vocab_size", "2147483648", &["`vocab_size`", "2147483648"]),
        (gpt2, "n_layer", "2000000000", &["1000000 tensors"]),
        (gpt2, "n_head", "3", &["`n_head`", "divisor of n_embd, which is 8", "got 3"]),
        (gpt2, "initializer_range", "-0.02", &["`initializer_range`", "above 0", "-0.02"]),
        (gpt2, "initializer_range", "0", &["`initializer_range`", "above 0"]),
        (gpt2, "add_cross_attention", "true", &["`add_cross_attention`", "not supported"]),
        (gpt2, "architectures", "[\"GPT2ForTokenClassification\"]", &["GPT2ForTokenClassification", "GPT2LMHeadModel"]),
        (gpt2, "architectures", "\"GPT2Model\"", &["`architectures`", "list", "\"GPT2Model\""]),
        (gpt2, "architectures", "[3]", &["`architectures`", "[3]"]),
        (gpt2, "tie_word_embeddings", "\"no\"", &["`tie_word_embeddings`", "true or false", "\"no\""]),
        (gpt2, "torch_dtype", "\"float8_e4m3fn\"", &["`torch_dtype`", "bfloat16", "float8_e4m3fn"]),
        (gpt2, "quantization_config", "{\"bits\": 4}", &["`quantization_config`", "remove the field"]),
        (llama, "num_attention_heads", "3", &["`num_attention_heads`", "hidden_size", "got 3"]),
        (llama, "num_key_value_heads", "3", &["`num_key_value_heads`", "num_attention_heads, which is 4", "got 3"]),
        (llama, "head_dim", "0", &["`head_dim`", "got 0"]),
        (llama, "pad_token_id", "32000", &["`pad_token_id`", "32000", "null"]),
        (llama, "pad_token_id", "-32001", &["`pad_token_id`", "-32001"]),
        (llama, "attention_bias", "1", &["`attention_bias`", "true or false", "got 1"]),
        (mixtral, "num_local_experts", "100000", &["1000000 tensors"]),
        (
            bert,
            "position_embedding_type",
            "\"relative_key\"",
            &["`position_embedding_type`", "absolute", "relative_key"],
        ),
        (vit, "image_size", "[224]", &["`image_size`", "height and width", "[224]"]),
        (vit, "patch_size", "[16, 0]", &["`patch_size`", "got 0"]),
        (vit, "id2label", "[]", &["`id2label`", "object"]),
        (resnet, "depths", "[3, 4, 6]", &["`depths`", "4 sizes", "[3,4,6]"]),
        (resnet, "hidden_sizes", "[256, 512, 1024, 3]", &["`hidden_sizes`", "at least 4", "got 3"]),
        (resnet, "layer_type", "\"bottle\"", &["`layer_type`", "basic or bottleneck", "\"bottle\""]),
        (torchvision, "layers", "[2, 2, 2]", &["`layers`", "4 sizes"]),
        (torchvision, "groups", "32", &["`groups`", "1 with basic blocks", "got 32"]),
        (mlp, "sizes", "null", &["`sizes`", "cannot be omitted"]),
        (mlp, "sizes", "[784]", &["`sizes`", "at least 2", "[784]"]),
        (mlp, "sizes", "[]", &["`sizes`", "[]"]),
    ] {
        let error = refused(base, field, value);
        for word in words {
            assert!(error.contains(word), "no `{word}` in: {error}");
        }
    }
}

#[test]
fn a_model_larger_than_any_file_has_no_plan() {
    let text = r#"{"model_type": "mlp", "sizes": [2147483647, 2147483647]}"#;
    let error = Config::parse(text, "config.json").unwrap().recipe().plan().unwrap_err().to_string();
    assert!(error.starts_with("config.json: ") && error.contains("2^63"), "{error}");
}

#[test]
fn an_unknown_architecture_lists_the_known_ones() {
    for (text, word) in [
        (r#"{"model_type": "t5"}"#, "`t5`"),
        (r#"{"model_type": ""}"#, "``"),
        (r#"{"architectures": ["LlamaForCausalLM"]}"#, "`model_type` is missing"),
        (r#"{"model_type": null}"#, "`model_type` is missing"),
    ] {
        let error = Config::parse(text, "config.json").unwrap_err().to_string();
        assert!(error.contains(word) && !error.contains("--"), "{error}");
        for family in FAMILIES {
            assert!(error.contains(family.name), "no {} in: {error}", family.name);
        }
    }
    for (text, word) in [
        ("[]", "got []"),
        ("3", "got 3"),
        ("{", "not valid JSON"),
        ("", "not valid JSON"),
        (r#"{"model_type": 7}"#, "got 7"),
    ] {
        let error = Config::parse(text, "config.json").unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// The text with one byte removed or replaced gives a plan or an error of one line, and never
/// panics.
#[test]
fn a_mistake_at_any_offset_is_an_error_of_one_line_or_none() {
    let text = r#"{"model_type": "mixtral", "architectures": ["MixtralModel"], "hidden_size": 8,
        "num_attention_heads": 4, "num_hidden_layers": 1, "num_local_experts": 2, "intermediate_size": 9,
        "vocab_size": 10, "pad_token_id": 3}"#;
    let mut refused = 0;
    for at in 0..text.len() {
        let (head, tail) = (&text[..at], &text[at + 1..]);
        let changed =
            ["", "\"", "[", "}", ":", ",", "-", "0", "9", "e", "\\", "null"].map(|byte| [head, byte, tail].concat());
        for text in changed.into_iter().chain([head.to_owned()]) {
            match Config::parse(&text, "config.json") {
                Ok(config) => drop(config.recipe().plan().unwrap()),
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.to_string().lines().count(), 1, "{error}");
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
