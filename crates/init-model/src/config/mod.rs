//! Configurations: a `config.json` as models are published with, turned into the recipe of its
//! family.
//!
//! The configuration itself is [`Config`](crate::Config); built-in ones are
//! [`PRESETS`](crate::PRESETS).

#[expect(clippy::module_inception, reason = "the file of the noun `Config`")]
pub(crate) mod config;
mod declaration;
pub(crate) mod error;
pub(crate) mod family;
pub(crate) mod preset;

pub use self::{
    error::{ConfigError, ConfigProblem},
    family::{Family, families},
    preset::PresetError,
};
