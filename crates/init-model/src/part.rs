//! What one rank holds of a parameter.

use std::str::FromStr;

use init_core::{Resolved, Shape};
use init_kernels::{Element, FillError, Filler, Shard, Stream};

use crate::{
    packed::Packed,
    pattern::{Pattern, PatternError},
    plan::{Entry, Plan},
    shown::shown,
};

/// Which parameters are divided among ranks, and along which axis: rows (0) or columns (1) of a weight as tensor parallelism
/// does, the first axis as FSDP does.
///
/// ```
/// use init_model::Split;
///
/// let split: Split = "*.q_proj.weight=0".parse()?;
/// assert_eq!((split.pattern.as_str(), split.axis), ("*.q_proj.weight", 0));
/// # Ok::<(), init_model::SplitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Split {
    /// Their names.
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

/// The part of a parameter that a rank holds: along one axis, `shape.dims()[axis]` of its [`Entry`] from `start` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The shape of the whole parameter.
    pub whole: Shape,
    /// The axis that is divided.
    pub axis: usize,
    /// Where on this axis the part begins.
    pub start: usize,
}

impl Plan {
    /// The plan of one rank of `world`: each parameter gets the first split that matches it and becomes that rank's equal part along the axis;
    /// what no split matches is whole on every rank. The parts of all ranks, put together, are the whole parameters, bit for bit.
    ///
    /// # Errors
    ///
    /// [`SplitError`] if there is no such rank, a split matches no parameter, the plan is a rank's already, or an axis does not
    /// exist or is no multiple of `world`.
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
            Some(idle) => Err(SplitError::Idle { pattern: splits[idle].pattern.as_str().to_owned() }),
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

/// How a part lies in the whole: runs of consecutive elements at a regular distance.
#[derive(Clone, Copy, Debug)]
struct Runs {
    /// Elements of a run.
    run: u64,
    /// From the start of a run to that of the next, in the whole.
    period: u64,
    /// Where the first begins in the whole.
    first: u64,
}

impl Part {
    fn runs(&self, local: &Shape) -> Runs {
        let inner: u64 = self.whole.dims()[self.axis + 1..].iter().map(|&dim| dim as u64).product();
        let along = |dims: &[usize]| dims[self.axis] as u64 * inner;
        Runs { run: along(local.dims()), period: along(self.whole.dims()), first: self.start as u64 * inner }
    }

    /// Fills the part's elements from flat index `offset` on; `whole` fills those of the whole parameter.
    pub(crate) fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        local: &Shape,
        fill: Fill<'_>,
    ) -> Result<(), FillError> {
        let Runs { run, period, first } = self.runs(local);
        let mut rest = dst;
        let mut at = offset;
        while !rest.is_empty() {
            let (number, inside) = (at / run, at % run);
            let runs = if inside == 0 { rest.len() as u64 / run } else { 0 };
            let len = if runs > 1 && fill.packed.is_none() {
                let len = (runs * run) as usize;
                let sizes = [self.whole.numel() / period, period, number, first, runs, run].map(|size| size as usize);
                let [rows, columns, row, column, height, width] = sizes;
                let shard = Shard::new(&[rows, columns], &[row, column], &[height, width])
                    .expect("a part lies inside its parameter");
                fill.filler.fill_shard(&mut rest[..len], &shard, fill.resolved, fill.stream)?;
                len
            } else {
                let len = (run - inside).min(rest.len() as u64) as usize;
                fill.at(&mut rest[..len], number * period + first + inside)?;
                len
            };
            rest = &mut rest[len..];
            at += len as u64;
        }
        Ok(())
    }
}

/// How the values of a whole parameter are made.
#[derive(Clone, Copy)]
pub(crate) struct Fill<'a> {
    pub(crate) resolved: &'a Resolved,
    pub(crate) packed: Option<&'a Packed>,
    /// The parameter's stream.
    pub(crate) stream: Stream,
    /// The model's, which has those of the parameters that are packed.
    pub(crate) model: Stream,
    pub(crate) filler: Filler,
}

impl Fill<'_> {
    pub(crate) fn at<T: Element>(&self, dst: &mut [T], offset: u64) -> Result<(), FillError> {
        match self.packed {
            None => self.filler.fill_at(dst, offset, self.resolved, self.stream),
            Some(packed) => packed.fill_at(dst, offset, self.resolved, self.model, self.filler),
        }
    }
}

/// Why a plan cannot be divided among ranks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// No `GLOB=AXIS`.
    #[error("`{}` is no split; give GLOB=AXIS, such as `*.q_proj.weight=0`", shown(.text))]
    Form {
        /// The text as given.
        text: String,
    },
    /// A pattern that is no glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A rank that is not in the world.
    #[error("rank {rank} of {world}; the ranks of a world are 0 to one less than its size")]
    Rank {
        /// The rank.
        rank: usize,
        /// The number of ranks.
        world: usize,
    },
    /// A plan that is one rank's already.
    #[error("this plan is one rank's already; divide the plan of the whole model")]
    Twice,
    /// A split that no parameter gets.
    #[error("the split `{}` divides no parameter, or earlier ones took them all; correct or remove it", shown(.pattern))]
    Idle {
        /// Its glob.
        pattern: String,
    },
    /// An axis that a parameter does not have.
    #[error("parameter `{shown}` of shape {shape} has no axis {axis} to divide", shown = shown(.name))]
    Axis {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Shape,
        /// The axis as given.
        axis: isize,
    },
    /// An axis that ranks cannot share equally.
    #[error(
        "parameter `{shown}` of shape {shape}: axis {axis} does not divide into {world} equal parts; \
         choose another axis, or leave the parameter whole", shown = shown(.name)
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
