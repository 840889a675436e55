//! Random recipes and configurations give an error that names its line, or a plan that can be filled, and
//! never a panic.
//!
//! A few hundred cases of each kind run in seconds; for more,
//! `PROPTEST_CASES=100000 cargo test -p init-model --test fuzz_recipes`.

mod check;
mod edits;
mod grammar;

use std::{env, fs, path::Path};

use init_model::PRESETS;
use proptest::{prelude::*, sample::Index, test_runner::Config as Cases};
use serde_json::Value;

use crate::{
    check::{check_config, check_recipe},
    edits::{edited, edits, json},
    grammar::{recipe, rule, shape, text},
};

fn cases(default: u32) -> Cases {
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    // A failure becomes a named test.
    Cases { cases, failure_persistence: None, ..Cases::default() }
}

/// Returns the recipes among the examples; one with rules only gets the fields and names of a small GPT-2.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let recipes = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let recipes: Vec<_> = recipes
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            if text.contains("\n[parameters]") {
                return text;
            }
            let fields = ["n_layer = 1\n", "n_head = 2\n", "n_embd = 16\n"];
            let missing = fields.iter().filter(|field| !text.contains(&format!("\n{}", &field[..field.len() - 3])));
            let fields: String = ["[fields]\n"].iter().chain(missing).copied().collect();
            let (head, _) = text.split_once("\n[").unwrap();
            let layout = if head.contains("\nlayout = ") { "" } else { "layout = \"jax\"\n" };
            let names = [
                ("wte.weight", "[50, 16]"),
                ("wpe.weight", "[8, 16]"),
                ("h.0.ln_1.weight", "[16]"),
                ("h.0.attn.c_attn.weight", "[16, 48]"),
                ("h.0.attn.c_proj.weight", "[16, 16]"),
                ("h.0.mlp.c_fc.weight", "[16, 64]"),
                ("h.0.mlp.c_proj.weight", "[64, 16]"),
                ("h.0.mlp.c_proj.bias", "[16]"),
            ];
            let lines = names.map(|(name, shape)| format!("\"{name}\" = {shape}\n"));
            format!("{layout}{}\n[parameters]\n{}", text.replace("[fields]\n", &fields), lines.concat())
        })
        .collect();
    assert!(recipes.len() >= 3 && recipes.iter().all(|text| check_recipe(text)));
    recipes
}

/// Returns the configurations of the presets.
fn configurations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let texts: Vec<_> =
        PRESETS.iter().map(|name| fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).collect();
    assert!(texts.iter().all(|text| check_config(text)));
    texts
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn recipes_from_a_grammar(text in recipe()) {
        check_recipe(&text);
    }

    #[test]
    fn rules_over_valid_parameters(rules in prop::collection::vec(rule(), 1..4), dims in shape()) {
        let rules = rules.join("\n").replace("[rule]\n", "[[rule]]\n").replace("[[[", "[[").replace("]]]", "]]");
        let text = format!(
            "[fields]\nn_layer = 2\nn_embd = 64\nwidth = 8\n\
             [parameters]\n\"a.weight\" = [8, 4]\n\"b.weight\" = [6, 2, 3, 3]\n\"a.bias\" = [8]\nc = {dims}\n\
             {rules}\n[[rule]]\nmatch = \"*\"\ninit = \"normal\"\noptional = true\n"
        );
        check_recipe(&text);
    }

    #[test]
    fn any_text_as_a_recipe(text in text()) {
        check_recipe(&text);
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn examples_with_several_edits(edits in edits()) {
        thread_local!(static EXAMPLES: Vec<String> = examples());
        EXAMPLES.with(|examples| {
            for text in examples {
                check_recipe(&edited(text, &edits));
            }
        });
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn configurations_with_several_edits(edits in edits()) {
        thread_local!(static CONFIGURATIONS: Vec<String> = configurations());
        CONFIGURATIONS.with(|texts| {
            for text in texts {
                check_config(&edited(text, &edits));
            }
        });
    }

    #[test]
    fn configurations_with_other_values(
        changes in prop::collection::vec((any::<Index>(), json(), any::<bool>()), 1..4)
    ) {
        thread_local!(static CONFIGURATIONS: Vec<String> = configurations());
        CONFIGURATIONS.with(|texts| {
            for text in texts {
                let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else { unreachable!() };
                for (index, value, removed) in &changes {
                    let Some(name) = fields.keys().nth(index.index(fields.len())).cloned() else { continue };
                    // The family stays: without it nothing else is read.
                    match (name == "model_type", removed) {
                        (true, _) => continue,
                        (_, true) => fields.remove(&name),
                        (_, false) => fields.insert(name, value.clone()),
                    };
                }
                check_config(&Value::Object(fields).to_string());
            }
        });
    }
}
