//! The crate root: the main nouns. The README is its documentation.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod excerpt;

pub mod check;
pub mod config;
pub mod file;
pub mod plan;
pub mod recipe;

pub use init_core;
pub use init_kernels::{self, Cancelled, Progress};

pub use crate::{
    check::{
        diff::{Diff, diff},
        inspect::{Inspection, inspect},
        verdict::{Judgement, judge},
        verify::{Verification, verify},
    },
    config::{
        config::Config,
        preset::{PRESETS, preset},
    },
    file::{
        formats::Format,
        header::Header,
        replacement::Replacement,
        saved::{NamedTensor, load, save},
        tensor::Tensor,
        writer::{Writer, Written, write},
    },
    plan::{entry::Entry, plan::Plan},
    recipe::recipe::Recipe,
};
