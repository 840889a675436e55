//! Packed parameters: several weights of one size in one tensor.

use init_core::Layout;

use crate::excerpt::excerpt;

/// The weights of one size that are packed into a parameter: queries, keys and values; experts; the
/// gates of an LSTM.
///
/// In a recipe, next to `match` and `init`:
///
/// ```toml
/// blocks = 3                                              # three weights, each with the fans of a separate one
/// blocks = { in_proj = ["q_proj", "k_proj", "v_proj"] }   # and with the values of the parameters of these names
/// axis = 0                                                # the axis they are packed along; default: the outputs
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The weights.
    pub parts: Parts,
    /// The axis that they are packed along, negative from the end; `None` is the layout's axis of
    /// outputs.
    pub axis: Option<isize>,
}

/// The weights of a packed parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// That many weights, drawn as one tensor: each has the distribution of a separate weight, but
    /// other values.
    Count(usize),
    /// Weights with the values, bit for bit, that separate parameters of these names have.
    Named {
        /// A part of the packed parameter's name, which occurs in it once: `in_proj`.
        part: String,
        /// Its replacements in the names of the separate parameters, in the order of the blocks.
        names: Vec<String>,
    },
}

impl Parts {
    fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Named { names, .. } => names.len(),
        }
    }
}

impl Blocks {
    /// Returns the layout of the packed parameter.
    pub(crate) fn layout(&self, layout: &Layout) -> Result<Layout, BlocksError> {
        let packed = layout.clone().packed(self.parts.count(), self.axis);
        packed.ok_or_else(|| BlocksError::NoAxis { layout: layout.clone() })
    }

    /// Returns the names of the separate parameters, if they are named.
    pub(crate) fn separate(&self, name: &str) -> Result<Option<Vec<String>>, BlocksError> {
        let Parts::Named { part, names } = &self.parts else { return Ok(None) };
        let found = name.matches(part.as_str()).count();
        if found != 1 {
            return Err(BlocksError::Part { name: name.to_owned(), part: part.clone(), found });
        }
        Ok(Some(names.iter().map(|with| name.replacen(part.as_str(), with, 1)).collect()))
    }
}

/// Why a parameter cannot consist of blocks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlocksError {
    /// The layout does not have exactly one output axis.
    #[error("layout {layout} does not have exactly one output axis for the blocks: give their axis as `axis`")]
    NoAxis {
        /// The layout.
        layout: Layout,
    },
    /// The part of the name that the blocks replace does not occur in it exactly once.
    #[error(
        "`blocks` replaces `{}`, which must occur once in `{}`, but occurs {found} times",
        excerpt(.part), excerpt(.name)
    )]
    Part {
        /// The parameter.
        name: String,
        /// The part.
        part: String,
        /// The number of occurrences.
        found: usize,
    },
    /// The name of a block is also that of another parameter or block, which would have the same
    /// values.
    #[error("its block `{}` is also the name of a parameter or of another block: give it another name", excerpt(.name))]
    Taken {
        /// The name of the block.
        name: String,
    },
}
