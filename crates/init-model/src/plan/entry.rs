//! The entry of a plan: the values of one parameter.

use init_core::{
    DType, Distribution, Fans, Initializer, Resolved, Shape, Structured,
    scheme::{Multipliers, Scheme},
};

use super::{packed::Packed, part::Part};

/// An entry of a plan: the name, shape, dtype and values of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The parameter's name, which also names its stream.
    pub name: String,
    /// Its shape; for a [part](Self::part), the shape of the part.
    pub shape: Shape,
    /// Its element type.
    pub dtype: DType,
    /// Its fans, where the layout defines them.
    pub fans: Option<Fans>,
    /// The initializer that its rule names.
    pub initializer: Initializer,
    /// The scheme that its rule names, if any.
    pub scheme: Option<Scheme>,
    /// The factors of the scheme for the layer and its optimizer; all 1 without a scheme.
    pub multipliers: Multipliers,
    /// The initializer resolved for this shape, or for the shape of each parameter that is packed
    /// into it.
    pub resolved: Resolved,
    /// The parameters that are packed into it, each with the stream of its name.
    pub packed: Option<Packed>,
    /// The position in the whole parameter, in the plan of one rank; every other field then
    /// describes the whole.
    pub part: Option<Part>,
}

impl Entry {
    /// Returns the size of the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shape.numel() * self.dtype.size() as u64
    }

    /// Returns the distribution of the values, if they are independent draws.
    #[must_use]
    pub fn distribution(&self) -> Option<&Distribution> {
        self.resolved.distribution()
    }

    /// Whether a part of it costs about as much as all of it, so that it is generated in one piece.
    pub(crate) fn is_whole(&self) -> bool {
        use Structured::{DeltaOrthogonal, Orthogonal, Sparse};
        matches!(self.resolved.structured(), Some(Orthogonal { .. } | DeltaOrthogonal { .. } | Sparse { .. }))
    }
}
