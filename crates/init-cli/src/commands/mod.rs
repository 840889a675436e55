//! One file a command.

pub(crate) mod bits;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod resolve;
