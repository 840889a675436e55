//! The formats, one file (or folder) for each: how it is read, and how it is laid out.
//!
//! Their table is [`format`](super::format).

pub(super) mod gguf;
pub(super) mod npy;
pub(super) mod npz;
pub(super) mod safetensors;
