//! Presets: published models that are known by name.

use init_core::text::nearest;

use super::config::Config;
use crate::{excerpt::excerpt, recipe::recipe::Recipe};

/// The names and configurations of published models.
const CONFIGS: [(&str, &str); 19] = [
    ("gpt2", include_str!("../../presets/gpt2.json")),
    ("gpt2-medium", include_str!("../../presets/gpt2-medium.json")),
    ("gpt2-large", include_str!("../../presets/gpt2-large.json")),
    ("gpt2-xl", include_str!("../../presets/gpt2-xl.json")),
    ("llama-3.2-1b", include_str!("../../presets/llama-3.2-1b.json")),
    ("llama-3.2-3b", include_str!("../../presets/llama-3.2-3b.json")),
    ("llama-3.1-8b", include_str!("../../presets/llama-3.1-8b.json")),
    ("llama-2-7b", include_str!("../../presets/llama-2-7b.json")),
    ("mistral-7b", include_str!("../../presets/mistral-7b.json")),
    ("mixtral-8x7b", include_str!("../../presets/mixtral-8x7b.json")),
    ("qwen2.5-0.5b", include_str!("../../presets/qwen2.5-0.5b.json")),
    ("qwen3-0.6b", include_str!("../../presets/qwen3-0.6b.json")),
    ("bert-base", include_str!("../../presets/bert-base.json")),
    ("vit-base", include_str!("../../presets/vit-base.json")),
    ("resnet-18", include_str!("../../presets/resnet-18.json")),
    ("resnet-50", include_str!("../../presets/resnet-50.json")),
    ("torchvision-resnet-18", include_str!("../../presets/torchvision-resnet-18.json")),
    ("torchvision-resnet-50", include_str!("../../presets/torchvision-resnet-50.json")),
    ("lenet-300-100", include_str!("../../presets/lenet-300-100.json")),
];

/// The names of all presets.
pub const PRESETS: &[&str] = &{
    let mut names = [""; CONFIGS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = CONFIGS[at].0;
        at += 1;
    }
    names
};

/// Returns the recipe of a published model: its parameters and initialisation, by its
/// [configuration](Config::preset).
///
/// `gpt2` is the 124M model with the names and shapes of the published checkpoint, without the
/// attention mask buffers: 148 parameters of 124,439,808 values. Its linear layers are the
/// checkpoint's `Conv1D`s, stored (in, out). Weights and embeddings are N(0, 0.02²), the two
/// projections of each layer into the residual stream N(0, (0.02/√(2·12))²), layer norms 1 and 0,
/// biases 0 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section
/// 2.3, and the published code). `bert-base` has all of its published checkpoint, including the
/// pooler and the head for sentence pairs that the `BertForMaskedLM` of its published configuration
/// omits.
///
/// ```
/// let plan = init_model::preset("gpt2")?.plan()?;
/// assert_eq!(plan.elements(), 124_439_808);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`PresetError`] if there is no preset of this name.
pub fn preset(name: &str) -> Result<Recipe, PresetError> {
    Config::preset(name).map(Config::into_recipe)
}

impl Config {
    /// Returns the configuration of a published model, one of [`PRESETS`].
    ///
    /// ```
    /// let llama = init_model::Config::preset("llama-3.2-1b")?;
    /// assert_eq!((llama.family(), llama.parameters()), ("llama", 1_235_814_400));
    /// # Ok::<(), init_model::config::PresetError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`PresetError`] if there is no preset of this name.
    pub fn preset(name: &str) -> Result<Self, PresetError> {
        let (_, text) =
            CONFIGS.iter().find(|(known, _)| *known == name).ok_or_else(|| PresetError { name: name.to_owned() })?;
        Ok(built_in(name, text))
    }
}

fn built_in(name: &str, text: &str) -> Config {
    Config::parse(text, &format!("preset {name}")).expect("the tests read every preset")
}

/// A preset that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown preset `{}`{}; the presets are {}", excerpt(.name), suggestion(.name), PRESETS.join(", "))]
pub struct PresetError {
    /// The name as given.
    pub name: String,
}

/// Suggests a preset of nearly this name, or one that the name is a longer form of
/// (`bert-base-uncased`).
fn suggestion(name: &str) -> String {
    let lower = name.to_lowercase();
    let short = || PRESETS.iter().copied().filter(|known| lower.contains(known)).max_by_key(|known| known.len());
    let near = nearest(name, PRESETS).or_else(short);
    near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default()
}
