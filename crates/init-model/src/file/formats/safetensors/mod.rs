//! Safetensors: <https://github.com/huggingface/safetensors#format>, and the index of a model of
//! several files.

pub(in crate::file) mod header;
pub(in crate::file) mod index;
