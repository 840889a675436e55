//! The crate root: the main nouns. The README is its documentation.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "files"), allow(dead_code, reason = "some functions serve only model files"))]

mod excerpt;

#[cfg(feature = "files")]
pub mod check;
pub mod config;
#[cfg(feature = "files")]
pub mod file;
pub mod plan;
pub mod recipe;

pub use init_core;
pub use init_kernels::{self, Cancelled, Progress};

#[cfg(feature = "files")]
pub use crate::{
    check::{
        diff::{Diff, diff},
        inspect::{Inspection, inspect},
        verdict::{Judgement, judge},
        verify::{Verification, verify},
    },
    file::{
        formats::Format,
        header::Header,
        replacement::Replacement,
        saved::{NamedTensor, load, save},
        tensor::Tensor,
        writer::{Writer, Written, write},
    },
};
pub use crate::{
    config::{
        config::Config,
        preset::{PRESETS, preset},
    },
    plan::{entry::Entry, plan::Plan},
    recipe::recipe::Recipe,
};
