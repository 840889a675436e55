//! The functions of the other element types, generated from `f32.rs` by `tests/generated.rs`.

pub mod bf16;
pub mod f16;
pub mod f64;
