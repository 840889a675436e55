//! One file or folder per command.

pub(crate) mod bench;
pub(crate) mod bits;
#[cfg(feature = "pretrain")]
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod gain;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod presets;
#[cfg(feature = "pretrain")]
pub(crate) mod pretrain;
pub(crate) mod resolve;
pub(crate) mod trace;
pub(crate) mod verify;
