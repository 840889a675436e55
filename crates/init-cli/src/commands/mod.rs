//! One file a command.

pub(crate) mod bench;
pub(crate) mod bits;
pub(crate) mod compare;
pub(crate) mod gain;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod pretrain;
pub(crate) mod resolve;
pub(crate) mod trace;
