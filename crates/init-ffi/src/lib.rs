//! libfanin: the initial weights of neural networks, for C and C++.
//!
//! The library is used through `include/fanin.h`, which is written from this crate, or `include/fanin.hpp`; `CONVENTIONS.md` holds for
//! every function. What it fills is what [`init_kernels`] fills, bit for bit.
//!
//! | module | noun |
//! |---|---|
//! | [`status`], [`error`] | what a call came to, and its message |
//! | [`stream`] | where values come from |
//! | [`choice`] | dtypes, layouts, modes, nonlinearities, levels |
//! | [`distribution`], [`initializer`] | what is sampled, and what a person asks for |
//! | [`options`] | threads and level |
//! | [`mod@f32`], [`mod@f64`], [`bf16`], [`mod@f16`] | fills and initialisation, a type each |
//! | [`fill`], [`init`] | the same by dtype, with options and messages |
//! | [`figures`] | fans, gains, bounds, standard deviations |
//! | [`buffer`] | memory in huge pages |
//! | [`level`], [`version`] | what the machine has, what the library is |

#![allow(clippy::missing_safety_doc, reason = "CONVENTIONS.md says for all functions what a caller promises")]
#![allow(clippy::too_many_arguments, reason = "C has no slices, which take two arguments each")]

// In the order in which the header shows them.
pub mod error;
pub mod status;

pub mod stream;

pub mod choice;
pub mod distribution;
pub mod initializer;
pub mod options;

pub mod f32;

pub mod bf16;
pub mod f16;
pub mod f64;

pub mod fill;
pub mod init;

pub mod figures;

pub mod buffer;
pub mod level;
pub mod version;

mod guard;
mod layout;
mod memory;
mod pool;
