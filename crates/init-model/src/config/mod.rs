//! A `config.json` as models are published with, turned into the recipe of its family.

mod bert;
mod decoder;
mod error;
mod fields;
mod gpt2;
mod mlp;
mod resnet;
mod table;
mod torchvision_resnet;
mod vit;

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use init_core::DType;
use serde_json::{Map, Value};

pub use self::error::{ConfigError, ConfigProblem};
use self::{fields::Fields, table::Table};
use crate::{place::Place, recipe::Recipe};

/// The largest file that is read as a configuration: published ones take some kilobytes.
const MAX_BYTES: u64 = 16 << 20;

/// Lists the parameters of a family and the rules for them.
type Build = fn(&Fields<'_>, &mut Table) -> Result<(), ConfigProblem>;

const BUILDS: [(&str, Build); 11] = [
    ("gpt2", gpt2::build),
    ("llama", decoder::llama),
    ("mistral", decoder::mistral),
    ("mixtral", decoder::mixtral),
    ("qwen2", decoder::qwen2),
    ("qwen3", decoder::qwen3),
    ("bert", bert::build),
    ("vit", vit::build),
    ("resnet", resnet::build),
    ("torchvision_resnet", torchvision_resnet::build),
    ("mlp", mlp::build),
];

/// The families that [`Config`] knows, as `model_type` names them.
pub const FAMILIES: [&str; BUILDS.len()] = {
    let mut names = [""; BUILDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = BUILDS[at].0;
        at += 1;
    }
    names
};

/// A model's configuration: its parameters as its published file has them, and its family's published initialisation.
///
/// It is a Hugging Face `config.json`, of which `model_type` names the family, `architectures` the head, and the family's own
/// fields the sizes; what is missing has the default of transformers, and what moves neither names, shapes nor first values is
/// passed over. Two families are no one's `config.json`:
///
/// ```json
/// {"model_type": "mlp", "sizes": [784, 300, 100, 10], "bias": true}
/// {"model_type": "torchvision_resnet", "block": "bottleneck", "layers": [3, 4, 6, 3], "num_classes": 1000,
///  "groups": 1, "width_per_group": 64, "zero_init_residual": false}
/// ```
///
/// | family | the values at the start |
/// |---|---|
/// | `gpt2` | N(0, s²), the two projections into the residual stream N(0, (s/√(2·layers))²), norms 1 and 0, biases 0 |
/// | `llama`, `mistral`, `mixtral`, `qwen2`, `qwen3` | N(0, s²), norms 1, biases 0, the row of `pad_token_id` 0 |
/// | `bert` | the same, LayerNorm 1 and 0 |
/// | `vit` | the same; class token and positions N(0, s²) cut at ±2 |
/// | `resnet`, `torchvision_resnet` | convolutions `kaiming_normal(mode=fan_out)`, norms 1 and 0, the last layer as torch's `Linear` |
/// | `mlp` | torch's `Linear`: U(±1/√fan_in), weights and biases |
///
/// s is `initializer_range`, 0.02 if it is not given. They are what `_init_weights` of transformers 5.24 and the constructors of
/// torchvision 0.29 and torch 2.15 do, which is not always what a paper says: BERT's own code cuts the normal law at 2 s.
/// The dtype is the configuration's `dtype` or `torch_dtype`.
///
/// - A tied head is not in the file; that of an untied one has its own values.
/// - GPT-2 has the names of the published files, which are those of `GPT2Model`, unless it has a head of its own.
/// - Mixtral has its experts one by one, as published; transformers 5 has them in one tensor in memory.
/// - Batch norms list `running_mean` and `running_var`, but not `num_batches_tracked`, an integer that torch takes as 0
///   where it is missing.
///
/// ```
/// let text = r#"{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
///                "num_key_value_heads": 2, "intermediate_size": 96, "vocab_size": 100, "tie_word_embeddings": true}"#;
/// let plan = init_model::Config::parse(text, "config.json")?.recipe().plan()?;
/// assert_eq!(plan.entries()[2].name, "model.layers.0.self_attn.k_proj.weight");
/// assert_eq!(plan.entries()[2].shape.dims(), [32, 64]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    family: &'static str,
    recipe: Recipe,
    parameters: u64,
    buffers: u64,
}

impl Config {
    /// Reads a configuration from a file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the file cannot be read or is no configuration of a family in [`FAMILIES`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let text = text(path).map_err(|problem| ConfigError { place: Place::of(&origin), problem })?;
        Self::parse(&text, &origin)
    }

    /// Reads a configuration from its text; `origin` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: no JSON, a family or an architecture that is not known, a field whose value cannot be.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let place = Place::of(origin);
        Self::of(text, &place).map_err(|problem| ConfigError { place, problem })
    }

    fn of(text: &str, place: &Place) -> Result<Self, ConfigProblem> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| ConfigProblem::Syntax { message: error.to_string() })?;
        let object = value.as_object().ok_or_else(|| ConfigProblem::NoObject { found: error::cut(&value) })?;
        let (family, build) = family(object)?;
        let fields = Fields::new(object);
        if let Some(found) = fields.get("quantization_config") {
            let reason = "a quantised file has other tensors; take the field out to initialise what it was made from";
            return Err(ConfigProblem::unsupported("quantization_config", found, reason));
        }
        let dtype = dtype(&fields)?;
        let mut table = Table::new(place.clone());
        build(&fields, &mut table)?;
        let (parameters, buffers) = table.elements();
        // What formulas of a recipe's rules may name.
        let numbers = object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
        Ok(Self { family, recipe: table.recipe(family, dtype, numbers.collect()), parameters, buffers })
    }

    /// The family, one of [`FAMILIES`].
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// The recipe that the configuration comes to; it names no seed.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The recipe, for keeps.
    pub fn into_recipe(self) -> Recipe {
        self.recipe
    }

    /// The number of values that training changes: of all but the statistics of batch norms.
    pub fn parameters(&self) -> u64 {
        self.parameters
    }

    /// The number of values of the statistics that batch norms keep.
    pub fn buffers(&self) -> u64 {
        self.buffers
    }
}

/// The family that `model_type` names.
fn family(object: &Map<String, Value>) -> Result<(&'static str, Build), ConfigProblem> {
    match object.get("model_type") {
        None | Some(Value::Null) => Err(ConfigProblem::NoType),
        Some(Value::String(found)) => (BUILDS.iter().find(|(name, _)| name == found).copied())
            .ok_or_else(|| ConfigProblem::Unknown { found: found.clone() }),
        Some(other) => Err(ConfigProblem::field("model_type", "a string such as \"llama\"", other)),
    }
}

/// The element type, under its new or its old name.
fn dtype(fields: &Fields<'_>) -> Result<Option<DType>, ConfigProblem> {
    let Some((field, value)) = ["dtype", "torch_dtype"].iter().find_map(|&name| Some((name, fields.get(name)?))) else {
        return Ok(None);
    };
    let word = value.as_str().map(|word| word.strip_prefix("torch.").unwrap_or(word));
    match word {
        Some("float32" | "float") => Ok(Some(DType::F32)),
        Some("float64" | "double") => Ok(Some(DType::F64)),
        Some("bfloat16") => Ok(Some(DType::Bf16)),
        Some("float16" | "half") => Ok(Some(DType::F16)),
        _ => Err(ConfigProblem::field(field, "float32, float64, bfloat16 or float16", value)),
    }
}

fn text(path: &Path) -> Result<String, ConfigProblem> {
    // Asked before it is opened: opening a pipe waits for its other end.
    let found = fs::metadata(path).map_err(ConfigProblem::Read)?;
    if !found.is_file() {
        return Err(ConfigProblem::NoText { found: "no regular file" });
    }
    let large = ConfigProblem::NoText { found: "larger than any configuration" };
    if found.len() > MAX_BYTES {
        return Err(large);
    }
    let mut text = String::new();
    let file = File::open(path).map_err(ConfigProblem::Read)?;
    // It may have grown since.
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > MAX_BYTES => Err(large),
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(ConfigProblem::NoText { found: "no text in UTF-8" })
        }
        Err(error) => Err(ConfigProblem::Read(error)),
    }
}
