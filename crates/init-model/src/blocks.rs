use init_core::{Layout, Shape};

use crate::{packed::Packed, shown::shown};

/// How a parameter is put together of several weights of one size: queries, keys and values; experts; the gates of an LSTM.
///
/// In a recipe, beside `match` and `init`:
///
/// ```toml
/// blocks = 3                                              # each with the fans that it has alone
/// blocks = { in_proj = ["q_proj", "k_proj", "v_proj"] }   # and the values of the parameters of these names
/// axis = 0                                                # where they lie; without it along the outputs
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The weights.
    pub parts: Parts,
    /// The axis along which they lie, negative from the end; `None` is the layout's axis of outputs.
    pub axis: Option<isize>,
}

/// The weights of a packed parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// So many, drawn as one tensor: each has the law that it has alone, but other values.
    Count(usize),
    /// Those that a model has under names of their own if they are not packed, bit for bit.
    Named {
        /// The part of the packed parameter's name that stands once in it: `in_proj`.
        part: String,
        /// What stands there in the names of the separate parameters, in the order of the blocks.
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
    /// The layout of the packed parameter.
    pub(crate) fn layout(&self, layout: &Layout) -> Result<Layout, BlocksError> {
        let packed = layout.clone().packed(self.parts.count(), self.axis);
        packed.ok_or_else(|| BlocksError::NoAxis { layout: layout.clone() })
    }

    /// Where the separate parameters stand in the packed one, if they are named.
    pub(crate) fn separate(&self, name: &str, shape: &Shape, axis: isize) -> Result<Option<Packed>, BlocksError> {
        let Parts::Named { part, names } = &self.parts else { return Ok(None) };
        let found = name.matches(part.as_str()).count();
        if found != 1 {
            return Err(BlocksError::Part { name: name.to_owned(), part: part.clone(), found });
        }
        let names = names.iter().map(|with| name.replacen(part.as_str(), with, 1)).collect();
        Ok(Some(Packed::new(names, shape, axis)))
    }
}

/// Why a parameter is not put together of blocks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlocksError {
    /// The layout has no axis of outputs.
    #[error("layout {layout} has no one axis of outputs for the blocks: give `axis` beside `blocks`")]
    NoAxis {
        /// The layout.
        layout: Layout,
    },
    /// The part of the name that the blocks have another one for does not stand in it, or not once.
    #[error(
        "`blocks` gives other words for `{}`, which stands {found} times in `{}` but should once", shown(.part), shown(.name)
    )]
    Part {
        /// The parameter.
        name: String,
        /// The part.
        part: String,
        /// How often it stands there.
        found: usize,
    },
    /// The name of a block is that of another parameter or block, which would have the same values.
    #[error("its block `{}` is a parameter or a block of another one as well: give it another name", shown(.name))]
    Taken {
        /// The name of the block.
        name: String,
    },
}
