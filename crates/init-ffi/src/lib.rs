//! libfanin: initial weights of neural networks, for C and C++.
//!
//! C programs include `include/fanin.h`, which is generated from this crate, and C++ programs
//! `include/fanin.hpp`. `CONVENTIONS.md` applies to every function. The library fills buffers with
//! the same bits as [`init_kernels`].
//!
//! | module | contents |
//! |---|---|
//! | [`status`], [`error`] | the result of a call, and its message |
//! | [`stream`] | streams: where values come from |
//! | [`choice`], [`kind`] | dtypes, layouts, modes, nonlinearities, levels; kinds of distributions and initializers |
//! | [`distribution`], [`initializer`] | what a fill samples, and what a caller asks for |
//! | [`options`] | threads and level |
//! | [`mod@f32`], [`generated`] | fills and initialisation, one module per element type |
//! | [`fill`], [`init`] | the same for a dtype given as a number, with options and messages |
//! | [`resolution`] | fans, gains, bounds, standard deviations |
//! | [`scheme`], [`plan`] | schemes for one parameter, plans of whole models |
//! | [`buffer`] | memory in huge pages |
//! | [`level`], [`threads`], [`version`] | levels of the machine, the library's threads, its version |

#![allow(clippy::missing_safety_doc, reason = "CONVENTIONS.md says for all functions what the caller guarantees")]
#![allow(clippy::too_many_arguments, reason = "C has no slices: each takes two arguments")]

// In the order in which the header shows them.
pub mod error;
pub mod status;

pub mod stream;

pub mod choice;
pub mod kind;

pub mod distribution;
pub mod initializer;
pub mod options;

pub mod f32;

pub mod generated;

pub mod fill;
pub mod init;

pub mod resolution;

pub mod scheme;

pub mod plan;

pub mod buffer;
pub mod level;
pub mod threads;
pub mod version;

mod cancellation;
mod guard;
mod layout;
mod memory;
