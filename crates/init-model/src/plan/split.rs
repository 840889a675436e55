//! Dividing a plan among ranks.

use std::str::FromStr;

use init_core::Shape;

use super::{entry::Entry, part::Part, plan::Plan};
use crate::{
    excerpt::excerpt,
    recipe::pattern::{Pattern, PatternError},
};

/// Which parameters are divided among ranks, and along which axis: 0 for rows or 1 for columns of a
/// weight (tensor parallelism), the first axis of every parameter (FSDP).
///
/// ```
/// use init_model::plan::{Split, SplitError};
///
/// let split: Split = "*.q_proj.weight=0".parse()?;
/// assert_eq!((split.pattern.as_str(), split.axis), ("*.q_proj.weight", 0));
/// # Ok::<(), SplitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Split {
    /// The pattern of their names.
    pub pattern: Pattern,
    /// The axis, negative from the end.
    pub axis: isize,
}

impl FromStr for Split {
    type Err = SplitError;

    /// `GLOB=AXIS`.
    fn from_str(text: &str) -> Result<Self, SplitError> {
        let form = || SplitError::Form { text: text.to_owned() };
        let (pattern, axis) = text.rsplit_once('=').ok_or_else(form)?;
        let axis = axis.trim().parse().map_err(|_| form())?;
        Ok(Self { pattern: Pattern::glob(pattern.trim())?, axis })
    }
}

impl Plan {
    /// Returns the plan of one rank of `world`.
    ///
    /// The first split that matches a parameter divides it into `world` equal parts along its axis,
    /// of which the rank gets one. A parameter that no split matches is whole on every rank. The
    /// parts of all ranks together are the whole parameters, bit for bit.
    ///
    /// # Errors
    ///
    /// Returns [`SplitError`] if `rank` is not below `world`, a split matches no parameter, the
    /// plan is already the plan of one rank, or an axis does not exist or is not a multiple of
    /// `world`.
    ///
    /// ```
    /// use init_kernels::Filler;
    /// use init_model::Recipe;
    ///
    /// let text = "[parameters]\nw = [6, 4]\n[[rule]]\nmatch = \"w\"\ninit = \"xavier_normal\"";
    /// let plan = Recipe::parse(text, "w.toml")?.plan()?;
    /// let (mut whole, mut right) = ([0f32; 24], [0f32; 12]);
    /// plan.fill_at(&mut whole, 0, &plan.entries()[0], Filler::new())?;
    ///
    /// let part = plan.for_rank(&["w=1".parse()?], 1, 2)?;
    /// assert_eq!(part.entries()[0].shape.dims(), [6, 2]);
    /// part.fill_at(&mut right, 0, &part.entries()[0], Filler::new())?;
    /// assert_eq!(right[2..4], whole[4 + 2..][..2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_rank(&self, splits: &[Split], rank: usize, world: usize) -> Result<Self, SplitError> {
        if rank >= world {
            return Err(SplitError::Rank { rank, world });
        }
        let mut taken = vec![false; splits.len()];
        let entries = self.entries().iter().map(|entry| {
            if entry.part.is_some() {
                return Err(SplitError::Twice);
            }
            let Some(index) = splits.iter().position(|split| split.pattern.matches(&entry.name)) else {
                return Ok(entry.clone());
            };
            taken[index] = true;
            entry.part_of(splits[index].axis, rank, world)
        });
        let entries = entries.collect::<Result<_, _>>()?;
        match taken.iter().position(|&taken| !taken) {
            None => Ok(self.with_entries(entries)),
            Some(index) => Err(SplitError::Unmatched { pattern: splits[index].pattern.as_str().to_owned() }),
        }
    }
}

impl Entry {
    fn part_of(&self, axis: isize, rank: usize, world: usize) -> Result<Self, SplitError> {
        let dims = self.shape.dims();
        let at = if axis < 0 { dims.len().checked_add_signed(axis) } else { Some(axis.unsigned_abs()) };
        let at = at.filter(|&at| at < dims.len()).ok_or_else(|| SplitError::Axis {
            name: self.name.clone(),
            shape: self.shape.clone(),
            axis,
        })?;
        if !dims[at].is_multiple_of(world) {
            let (name, shape) = (self.name.clone(), self.shape.clone());
            return Err(SplitError::Indivisible { name, shape, axis: at, world });
        }
        let len = dims[at] / world;
        let mut local = dims.to_vec();
        local[at] = len;
        let shape = Shape::new(local).expect("a part is no larger than the whole");
        let part = Part { whole: self.shape.clone(), axis: at, start: rank * len };
        Ok(Self { shape, part: Some(part), ..self.clone() })
    }
}

/// Why a plan cannot be divided among ranks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A text that is not of the form `GLOB=AXIS`.
    #[error("`{}` is not a split; give GLOB=AXIS, such as `*.q_proj.weight=0`", excerpt(.text))]
    Form {
        /// The text as given.
        text: String,
    },
    /// A pattern that is not a glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A rank that is not below the number of ranks.
    #[error("the rank must be at least 0 and below the number of ranks, got rank {rank} of {world}")]
    Rank {
        /// The rank.
        rank: usize,
        /// The number of ranks.
        world: usize,
    },
    /// A plan that is already the plan of one rank.
    #[error("this is already the plan of one rank; divide the plan of the whole model")]
    Twice,
    /// A split that applies to no parameter.
    #[error(
        "the split `{}` matches no parameter, or only parameters of earlier splits; correct or remove it",
        excerpt(.pattern)
    )]
    Unmatched {
        /// Its glob.
        pattern: String,
    },
    /// An axis that a parameter does not have.
    #[error("parameter `{excerpt}` of shape {shape} has no axis {axis}", excerpt = excerpt(.name))]
    Axis {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Shape,
        /// The axis as given.
        axis: isize,
    },
    /// An axis that the ranks cannot share equally.
    #[error(
        "parameter `{excerpt}` of shape {shape}: the size of axis {axis} is not a multiple of {world} ranks; \
         choose another axis, or leave the parameter whole",
        excerpt = excerpt(.name)
    )]
    Indivisible {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Shape,
        /// The axis.
        axis: usize,
        /// The number of ranks.
        world: usize,
    },
}
