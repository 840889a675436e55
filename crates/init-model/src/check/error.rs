//! Why a file could not be checked.

use init_kernels::{Cancelled, FillError};

use super::pair::MismatchError;
use crate::{excerpt::excerpt, file::read_error::ReadError};

/// Why [`inspect`](crate::inspect()), [`verify`](crate::verify()) or [`diff`](crate::diff()) has no
/// result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The values cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The caller cancelled the check.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Names and shapes are not those of the plan; only from [`verify`](crate::verify()).
    #[error(transparent)]
    Mismatch(#[from] MismatchError),
    /// A parameter of the plan cannot be filled, such as when this machine does not have the level
    /// requested; only from [`verify`](crate::verify()).
    #[error("parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Fill {
        /// The parameter.
        name: String,
        /// The error of the fill.
        source: FillError,
    },
}
