//! Configurations: a `config.json` as models are published with, turned into the recipe of its
//! family.
//!
//! The configuration itself is [`Config`](crate::Config); built-in ones are
//! [`PRESETS`](crate::PRESETS).

mod bert;
#[expect(clippy::module_inception, reason = "the file of the noun `Config`")]
pub(crate) mod config;
mod decoder;
pub(crate) mod error;
pub(crate) mod family;
mod fields;
mod gpt2;
mod mlp;
pub(crate) mod preset;
mod resnet;
mod table;
mod torchvision_resnet;
mod vit;

pub use self::{
    error::{ConfigError, ConfigProblem},
    family::{FAMILIES, Family},
    preset::PresetError,
};
