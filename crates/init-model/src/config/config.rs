//! Configurations: a `config.json` as models are published with, turned into the recipe of its
//! family.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use init_core::DType;
use serde_json::{Map, Value};

use super::{
    error::{self, ConfigError, ConfigProblem},
    family::{FAMILIES, Family, names},
    fields::Fields,
    table::Table,
};
use crate::recipe::{location::Location, recipe::Recipe};

/// The largest file that is read as a configuration; published ones have some kilobytes.
const MAX_BYTES: u64 = 16 << 20;

/// A model's configuration: its parameters as its published file has them, and its family's
/// published initialisation.
///
/// It is a Hugging Face `config.json`, of which `model_type` names the family, `architectures` the
/// head, and the family's own fields the sizes. Missing fields have the defaults of transformers,
/// and fields that affect neither names, shapes nor initial values are ignored. Two families have
/// no Hugging Face `config.json`:
///
/// ```json
/// {"model_type": "mlp", "sizes": [784, 300, 100, 10], "bias": true}
/// {"model_type": "torchvision_resnet", "block": "bottleneck", "layers": [3, 4, 6, 3], "num_classes": 1000,
///  "groups": 1, "width_per_group": 64, "zero_init_residual": false}
/// ```
///
/// The [initial values](Family::initialisation) are those of `_init_weights` of transformers 5.24
/// and of the constructors of torchvision 0.29 and torch 2.15, which differ from the papers in
/// places: BERT's own code truncates the normal distribution at 2 s. s is `initializer_range`, by
/// default 0.02. The dtype is the configuration's `dtype` or `torch_dtype`.
///
/// - A tied head is not in the file; an untied one has separate values.
/// - GPT-2 has the names of the published files, which are those of `GPT2Model`, unless its head is
///   untied.
/// - Mixtral has separate experts, as published; transformers 5 packs them into one tensor in
///   memory.
/// - Batch norms have `running_mean` and `running_var`, but not `num_batches_tracked`, an integer
///   that torch takes as 0 if it is missing.
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
    /// Returns [`ConfigError`] if the file cannot be read or is not a configuration of one of the
    /// [`FAMILIES`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let text = text(path).map_err(|problem| ConfigError { location: Location::of(&origin), problem })?;
        Self::parse(&text, &origin)
    }

    /// Reads a configuration from its text; `origin` is its name in error messages.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the text is not JSON, the family or the architecture is not
    /// known, or a field is invalid.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let location = Location::of(origin);
        Self::of(text, &location).map_err(|problem| ConfigError { location, problem })
    }

    fn of(text: &str, location: &Location) -> Result<Self, ConfigProblem> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| ConfigProblem::Syntax { message: error.to_string() })?;
        let object = value.as_object().ok_or_else(|| ConfigProblem::NotAnObject { found: error::cut(&value) })?;
        let family = family(object)?;
        let fields = Fields::new(object);
        if let Some(found) = fields.get("quantization_config") {
            let reason =
                "a quantised file has other tensors; remove the field to initialise the model it was made from";
            return Err(ConfigProblem::unsupported("quantization_config", found, reason));
        }
        let dtype = dtype(&fields)?;
        let mut table = Table::new(location.clone());
        (family.build)(&fields, &mut table)?;
        let (parameters, buffers) = table.elements();
        // The numbers that formulas of a recipe's rules may use.
        let numbers = object.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)));
        Ok(Self {
            family: family.name,
            recipe: table.recipe(family.name, dtype, numbers.collect()),
            parameters,
            buffers,
        })
    }

    /// Returns the name of the family, one of the [`FAMILIES`].
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// Returns the recipe of the configuration, which names no seed.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Consumes the configuration and returns its recipe.
    #[must_use]
    pub fn into_recipe(self) -> Recipe {
        self.recipe
    }

    /// Returns the number of values that training changes: all but the statistics of batch norms.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.parameters
    }

    /// Returns the number of values that are statistics of batch norms.
    #[must_use]
    pub fn buffers(&self) -> u64 {
        self.buffers
    }
}

/// Returns the family that `model_type` names.
fn family(object: &Map<String, Value>) -> Result<Family, ConfigProblem> {
    match object.get("model_type") {
        None | Some(Value::Null) => Err(ConfigProblem::NoType { known: names() }),
        Some(Value::String(found)) => (FAMILIES.iter().find(|family| family.name == found).copied())
            .ok_or_else(|| ConfigProblem::Unknown { found: found.clone(), known: names() }),
        Some(other) => Err(ConfigProblem::field("model_type", "a string such as \"llama\"", other)),
    }
}

/// Returns the element type, of the field's current or earlier name.
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

/// Reads the text of a configuration.
fn text(path: &Path) -> Result<String, ConfigProblem> {
    // Checked before it is opened: opening a pipe blocks until its other end is open.
    let found = fs::metadata(path).map_err(ConfigProblem::Read)?;
    if !found.is_file() {
        return Err(ConfigProblem::NotText { found: "not a regular file" });
    }
    let large = ConfigProblem::NotText { found: "larger than any configuration" };
    if found.len() > MAX_BYTES {
        return Err(large);
    }
    let mut text = String::new();
    let file = File::open(path).map_err(ConfigProblem::Read)?;
    // It may have grown since its size was read.
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > MAX_BYTES => Err(large),
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(ConfigProblem::NotText { found: "not text in UTF-8" })
        }
        Err(error) => Err(ConfigProblem::Read(error)),
    }
}
