use init_core::{Initializer, Layout, Shape};

use crate::{
    expression::Fields,
    place::Place,
    recipe::{Parameter, Recipe},
    rule::Rule,
    shown::shown,
};

/// The names that [`preset`] knows.
pub const PRESETS: &[&str] = &["gpt2"];

/// A published model's parameters and initialisation, as a recipe.
///
/// `gpt2` is the 124M model with the names and shapes of the published checkpoint, without the attention mask buffers:
/// 148 parameters of 124,439,808 values. Its linear layers are the checkpoint's `Conv1D`s, stored (in, out).
/// Weights and embeddings are N(0, 0.02²), the two projections of each layer that end in the residual stream
/// N(0, (0.02/√(2·12))²), layer norms 1 and 0, biases 0 (Radford et al. 2019, "Language Models are Unsupervised Multitask
/// Learners", section 2.3, and the published code).
///
/// ```
/// let plan = init_model::preset("gpt2")?.plan()?;
/// assert_eq!(plan.elements(), 124_439_808);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PresetError`] if there is no preset of this name.
pub fn preset(name: &str) -> Result<Recipe, PresetError> {
    match name {
        "gpt2" => Ok(Gpt2::SMALL.recipe(Place::of("preset gpt2"))),
        _ => Err(PresetError { name: name.to_owned() }),
    }
}

/// A preset that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown preset `{}`; the presets are {}", shown(.name), PRESETS.join(", "))]
pub struct PresetError {
    /// The name as given.
    pub name: String,
}

/// The dimensions of a GPT-2.
struct Gpt2 {
    vocabulary: usize,
    context: usize,
    width: usize,
    layers: usize,
}

impl Gpt2 {
    const SMALL: Self = Self { vocabulary: 50257, context: 1024, width: 768, layers: 12 };

    fn recipe(&self, place: Place) -> Recipe {
        let parameters = self.parameters();
        let rules = self.rules();
        Recipe {
            seed: None,
            dtype: None,
            layout: Some(Layout::Jax),
            parameters: parameters
                .into_iter()
                .map(|(name, dims)| Parameter {
                    name,
                    shape: Shape::new(dims).expect("a preset's shapes are small"),
                    dtype: None,
                    place: place.clone(),
                })
                .collect(),
            rules: rules
                .into_iter()
                .map(|(pattern, initializer)| {
                    Rule::new(pattern, initializer, None, place.clone()).expect("a preset's patterns are globs")
                })
                .collect(),
            skip: Vec::new(),
            fields: Fields::new(),
            place,
        }
    }

    fn rules(&self) -> [(&'static str, Initializer); 4] {
        let std = 0.02;
        let residual_std = std / ((2 * self.layers) as f64).sqrt();
        let normal = |std| Initializer::Normal { mean: 0.0, std };
        [
            ("*.c_proj.weight", normal(residual_std)),
            ("*ln_?.weight", Initializer::Ones),
            ("*.weight", normal(std)),
            ("*.bias", Initializer::Zeros),
        ]
    }

    fn parameters(&self) -> Vec<(String, Vec<usize>)> {
        let Self { vocabulary, context, width, layers } = *self;
        let mut all =
            vec![("wte.weight".to_owned(), vec![vocabulary, width]), ("wpe.weight".to_owned(), vec![context, width])];
        for layer in 0..layers {
            let mut add = |name: &str, dims: &[usize]| {
                all.push((format!("h.{layer}.{name}"), dims.to_vec()));
            };
            add("ln_1.weight", &[width]);
            add("ln_1.bias", &[width]);
            add("attn.c_attn.weight", &[width, 3 * width]);
            add("attn.c_attn.bias", &[3 * width]);
            add("attn.c_proj.weight", &[width, width]);
            add("attn.c_proj.bias", &[width]);
            add("ln_2.weight", &[width]);
            add("ln_2.bias", &[width]);
            add("mlp.c_fc.weight", &[width, 4 * width]);
            add("mlp.c_fc.bias", &[4 * width]);
            add("mlp.c_proj.weight", &[4 * width, width]);
            add("mlp.c_proj.bias", &[width]);
        }
        all.push(("ln_f.weight".to_owned(), vec![width]));
        all.push(("ln_f.bias".to_owned(), vec![width]));
        all
    }
}
