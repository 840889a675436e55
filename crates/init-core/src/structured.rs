//! `Structured`: fills whose elements depend on their position or on each other.

use core::fmt;

use crate::{
    distribution::independent::{Distribution, DistributionError},
    shape::{filters::Filters, matrix::Matrix},
    stft::Stft,
    word::Number,
};

/// A structured fill: its elements depend on their position or on each other.
///
/// It contains every number that a kernel needs, without the shape and the layout that it came
/// from. [`Initializer::resolve`](crate::Initializer::resolve) creates and checks it;
/// [`validate`](Self::validate) checks one that was built by hand.
#[derive(Debug, Clone, PartialEq)]
pub enum Structured {
    /// `gain` times a matrix with orthonormal rows (rows ≤ cols) or columns (rows ≥ cols), each
    /// copy drawn independently and uniformly (Haar) from all such matrices.
    Orthogonal {
        /// The position of the matrices.
        matrix: Matrix,
        /// The factor.
        gain: f64,
    },
    /// Zero except at one tap, which has `gain` times an out × inputs matrix with orthonormal
    /// columns; inputs ≤ out.
    DeltaOrthogonal {
        /// The position of the filters.
        filters: Filters,
        /// The tap that has the matrix.
        centre: usize,
        /// The factor.
        gain: f64,
    },
    /// `gain` where row = col, elsewhere 0.
    Eye {
        /// The position of the matrices.
        matrix: Matrix,
        /// The value on the diagonal.
        gain: f64,
    },
    /// 1 at (g · out / groups + d, d, centre) for every group g and d below the smaller of out /
    /// groups and inputs; elsewhere 0. A convolution of stride 1 then passes its input through
    /// unchanged.
    Dirac {
        /// The position of the filters; `groups` divides their `out`.
        filters: Filters,
        /// The number of groups, at least 1.
        groups: usize,
        /// The tap that has the ones.
        centre: usize,
    },
    /// N(0, std²), except that in every column `zeros` of the rows, chosen uniformly and without
    /// repetition, are 0.
    Sparse {
        /// The position of the matrices.
        matrix: Matrix,
        /// The number of zeros in each column, at most its rows.
        zeros: usize,
        /// The standard deviation of the other elements; finite, at least 0.
        std: f64,
    },
    /// Linear interpolation: the product over the spatial axes of 1 − |x / f − c| with f = ⌈k / 2⌉
    /// and c = (2f − 1 − f mod 2) / (2f), k the size of the axis and x the coordinate on it.
    Bilinear {
        /// The position of the filters.
        filters: Filters,
        /// Whether only the filters with out = input have it and the others are 0, or all have it.
        diagonal: bool,
    },
    /// A random smaller tensor, each of whose filters is repeated `repeats` times in this one, so
    /// that a sub-pixel convolution starts as nearest-neighbour upsampling.
    ///
    /// Row r of this matrix is row r / repeats of the smaller one (`tiled`: row r mod
    /// (rows / repeats)), and `source` gives the flat index of an element in the smaller
    /// tensor.
    Icnr {
        /// The position of the filters: a row is one output channel.
        matrix: Matrix,
        /// How often each filter of the smaller tensor is repeated in this one: r² for r-fold
        /// upsampling of an image; it divides the rows.
        repeats: usize,
        /// Whether the copies of a filter have a distance of rows / repeats (TensorFlow's
        /// `depth_to_space`) rather than being adjacent (PyTorch's `PixelShuffle`).
        tiled: bool,
        /// The smaller tensor, of rows / repeats rows and with the same layout.
        source: Matrix,
        /// The distribution of the smaller tensor.
        distribution: Distribution,
    },
    /// The cosines or sines of a short-time Fourier transform.
    Stft(Stft),
    /// `gain` where row ≡ col modulo the smaller of rows and cols, elsewhere 0: an identity that is
    /// repeated, not padded with zeros, when the matrix is not square.
    PaddedIdentity {
        /// The position of the matrices.
        matrix: Matrix,
        /// The value where row and column are congruent.
        gain: f64,
    },
    /// At the centre tap: where out ≤ inputs, `gain` where they are equal; otherwise part of a
    /// Hadamard matrix, `gain` · 2^(−k/2) · (−1)^b with k = ⌈log₂ out⌉ and b the number of ones
    /// that out and input have in common as binary numbers. Elsewhere 0.
    Hadamard {
        /// The position of the filters.
        filters: Filters,
        /// The tap that has the matrix.
        centre: usize,
        /// The factor.
        gain: f64,
    },
    /// Independent elements, except for one row of zeros, as for an embedding's padding.
    ZeroRow {
        /// The position of the matrix.
        matrix: Matrix,
        /// The row of zeros, below the number of rows.
        row: usize,
        /// The distribution of the other rows.
        distribution: Distribution,
    },
    /// The bias of an LSTM or GRU: `value` in one of several equal parts, 0 in the others.
    GateBias {
        /// The number of elements of each part.
        hidden: usize,
        /// The number of parts.
        gates: usize,
        /// The part that has the value, below `gates`.
        gate: usize,
        /// The value; finite.
        value: f64,
    },
    /// The bias of an LSTM with memories of 1 to `longest` steps: u uniform on [1, longest − 1), ln
    /// u in the forget part, −ln u of the same unit in the input part, 0 elsewhere.
    Chrono {
        /// The number of elements of each part.
        hidden: usize,
        /// The number of parts.
        gates: usize,
        /// The part of the forget gate, below `gates`.
        forget: usize,
        /// The part of the input gate, below `gates` and not the forget gate's.
        input: usize,
        /// The longest memory, in steps; finite, at least 2.
        longest: f64,
    },
}

impl Structured {
    /// Returns the number of elements.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Orthogonal { matrix, .. }
            | Self::Eye { matrix, .. }
            | Self::Sparse { matrix, .. }
            | Self::Icnr { matrix, .. }
            | Self::PaddedIdentity { matrix, .. }
            | Self::ZeroRow { matrix, .. } => matrix.len(),
            Self::DeltaOrthogonal { filters, .. }
            | Self::Dirac { filters, .. }
            | Self::Bilinear { filters, .. }
            | Self::Hadamard { filters, .. } => filters.len(),
            Self::Stft(stft) => stft.len(),
            Self::GateBias { hidden, gates, .. } | Self::Chrono { hidden, gates, .. } => *hidden as u64 * *gates as u64,
        }
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the values are random; if not, they depend only on the parameters here.
    #[must_use]
    pub fn is_random(&self) -> bool {
        match self {
            Self::Orthogonal { .. } | Self::DeltaOrthogonal { .. } | Self::Sparse { .. } | Self::Chrono { .. } => true,
            Self::Icnr { distribution, .. } | Self::ZeroRow { distribution, .. } => {
                !matches!(distribution, Distribution::Constant(_))
            }
            Self::Eye { .. }
            | Self::Dirac { .. }
            | Self::Bilinear { .. }
            | Self::Stft(_)
            | Self::PaddedIdentity { .. }
            | Self::Hadamard { .. }
            | Self::GateBias { .. } => false,
        }
    }

    /// Returns the name of the variant: `orthogonal`, `dirac`, …
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Orthogonal { .. } => "orthogonal",
            Self::DeltaOrthogonal { .. } => "delta_orthogonal",
            Self::Eye { .. } => "eye",
            Self::Dirac { .. } => "dirac",
            Self::Sparse { .. } => "sparse",
            Self::Bilinear { .. } => "bilinear",
            Self::Icnr { .. } => "icnr",
            Self::Stft(_) => "stft",
            Self::PaddedIdentity { .. } => "padded_identity",
            Self::Hadamard { .. } => "hadamard",
            Self::ZeroRow { .. } => "zero_row",
            Self::GateBias { .. } => "gate_bias",
            Self::Chrono { .. } => "chrono",
        }
    }

    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`StructuredError`], which names the invalid parameter and what it must be.
    pub fn validate(&self) -> Result<(), StructuredError> {
        let structured = self.name();
        let number = |parameter, value: f64, fine: bool, need| match fine {
            true => Ok(()),
            false => Err(StructuredError::OutOfRange { structured, parameter, value, need }),
        };
        let finite = |parameter, value: f64| number(parameter, value, value.is_finite(), "a finite number");
        let below = |parameter, value: usize, limit: usize| match value < limit {
            true => Ok(()),
            false => Err(StructuredError::TooLarge { structured, parameter, value, limit }),
        };
        let divides = |parameter, value: usize, whole: usize| match value > 0 && whole.is_multiple_of(value) {
            true => Ok(()),
            false => Err(StructuredError::DoesNotDivide { structured, parameter, value, whole }),
        };
        let valid = |distribution: &Distribution| {
            distribution.validate().map_err(|error| StructuredError::Distribution { structured, error })
        };
        match self {
            Self::Orthogonal { gain, .. } | Self::Eye { gain, .. } | Self::PaddedIdentity { gain, .. } => {
                finite("gain", *gain)
            }
            Self::DeltaOrthogonal { filters, centre, gain } => {
                finite("gain", *gain)?;
                below("centre", *centre, filters.taps().max(1))?;
                below("inputs", filters.inputs(), filters.out().saturating_add(1))
            }
            Self::Hadamard { filters, centre, gain } => {
                finite("gain", *gain)?;
                below("centre", *centre, filters.taps().max(1))
            }
            Self::Dirac { filters, groups, centre } => {
                divides("groups", *groups, filters.out())?;
                below("centre", *centre, filters.taps().max(1))
            }
            Self::Sparse { matrix, zeros, std } => {
                below("zeros", *zeros, matrix.rows().saturating_add(1))?;
                number("std", *std, std.is_finite() && *std >= 0.0, "a finite number of at least 0")
            }
            Self::Bilinear { .. } => Ok(()),
            Self::Icnr { matrix, repeats, source, distribution, .. } => {
                divides("repeats", *repeats, matrix.rows())?;
                let same = source.rows() == matrix.rows() / repeats
                    && (source.copies(), source.cols(), source.inner())
                        == (matrix.copies(), matrix.cols(), matrix.inner());
                if !same {
                    return Err(StructuredError::Source { repeats: *repeats });
                }
                valid(distribution)
            }
            Self::Stft(stft) => stft.fits().then_some(()).ok_or(StructuredError::Stft),
            Self::ZeroRow { matrix, row, distribution } => {
                below("row", *row, matrix.rows())?;
                valid(distribution)
            }
            Self::GateBias { hidden, gates, gate, value } => {
                finite("value", *value)?;
                below("gate", *gate, *gates)?;
                crate::shape::matrix::fits(&[*hidden, *gates])
                    .map(|_| ())
                    .ok_or(StructuredError::Overflow { structured })
            }
            Self::Chrono { hidden, gates, forget, input, longest } => {
                number("longest", *longest, longest.is_finite() && *longest >= 2.0, "a finite number of at least 2")?;
                below("forget", *forget, *gates)?;
                below("input", *input, *gates)?;
                if forget == input {
                    return Err(StructuredError::SameGate { gate: *forget });
                }
                crate::shape::matrix::fits(&[*hidden, *gates])
                    .map(|_| ())
                    .ok_or(StructuredError::Overflow { structured })
            }
        }
    }
}

/// The error for invalid parameters of a structured fill.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StructuredError {
    /// A number outside its range.
    #[error("`{parameter}` of `{structured}` must be {need}, got {}", Number(*.value))]
    OutOfRange {
        /// The name of the structured fill.
        structured: &'static str,
        /// The name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The requirement, as in "must be …".
        need: &'static str,
    },
    /// A count or index that is too large.
    #[error("`{parameter}` of `{structured}` must be below {limit}, got {value}")]
    TooLarge {
        /// The name of the structured fill.
        structured: &'static str,
        /// The name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: usize,
        /// The exclusive upper limit.
        limit: usize,
    },
    /// A number that does not divide another.
    #[error("`{parameter}` of `{structured}` must divide {whole}, got {value}")]
    DoesNotDivide {
        /// The name of the structured fill.
        structured: &'static str,
        /// The name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: usize,
        /// The number that it must divide.
        whole: usize,
    },
    /// A row outside of an embedding.
    #[error(
        "row {row} is out of range: rows of an embedding of {rows} rows run from -{rows} to {}",
        .rows.saturating_sub(1)
    )]
    Row {
        /// The row as given, negative from the end.
        row: isize,
        /// The number of rows.
        rows: usize,
    },
    /// The smaller tensor of `icnr` does not have the sizes of the larger one without its repeats.
    #[error("the smaller tensor of `icnr` must be the larger one with its rows divided by {repeats}")]
    Source {
        /// How often each filter is repeated in the larger tensor.
        repeats: usize,
    },
    /// The forget gate is also the input gate.
    #[error("the forget gate and the input gate of `chrono` must differ, but both are {gate}")]
    SameGate {
        /// That gate.
        gate: usize,
    },
    /// More elements than can be indexed.
    #[error("`{structured}` has more elements than can be indexed")]
    Overflow {
        /// The name of the structured fill.
        structured: &'static str,
    },
    /// The sizes of an STFT kernel are out of range.
    #[error("`stft` needs at least 2 frequency bins, and at most as many elements as can be indexed")]
    Stft,
    /// The distribution of the elements is invalid.
    #[error("`{structured}`: {error}")]
    Distribution {
        /// The name of the structured fill.
        structured: &'static str,
        /// Which parameter of it is invalid.
        error: DistributionError,
    },
}

/// Prints the name and the main parameters: `orthogonal(rows=256, cols=784, gain=1)`.
impl fmt::Display for Structured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name())?;
        let matrix = |f: &mut fmt::Formatter<'_>, matrix: &Matrix| {
            if matrix.copies() != 1 {
                write!(f, "copies={}, ", matrix.copies())?;
            }
            write!(f, "rows={}, cols={}", matrix.rows(), matrix.cols())
        };
        match self {
            Self::Orthogonal { matrix: m, gain }
            | Self::Eye { matrix: m, gain }
            | Self::PaddedIdentity { matrix: m, gain } => {
                matrix(f, m)?;
                write!(f, ", gain={}", Number(*gain))?;
            }
            Self::DeltaOrthogonal { filters, centre, gain } | Self::Hadamard { filters, centre, gain } => {
                write!(
                    f,
                    "out={}, inputs={}, centre={centre}, gain={}",
                    filters.out(),
                    filters.inputs(),
                    Number(*gain)
                )?;
            }
            Self::Dirac { filters, groups, centre } => {
                write!(f, "out={}, inputs={}, groups={groups}, centre={centre}", filters.out(), filters.inputs())?;
            }
            Self::Sparse { matrix: m, zeros, std } => {
                matrix(f, m)?;
                write!(f, ", zeros={zeros}, std={}", Number(*std))?;
            }
            Self::Bilinear { filters, diagonal } => write!(f, "spatial={:?}, diagonal={diagonal}", filters.spatial())?,
            Self::Icnr { repeats, distribution, .. } => write!(f, "repeats={repeats}, {distribution}")?,
            Self::Stft(stft) => write!(f, "frame={}, bins={}, side={}", stft.frame, stft.bins, stft.side)?,
            Self::ZeroRow { row, distribution, .. } => write!(f, "row={row}, {distribution}")?,
            Self::GateBias { hidden, gate, value, .. } => {
                write!(f, "hidden={hidden}, gate={gate}, value={}", Number(*value))?;
            }
            Self::Chrono { hidden, longest, .. } => write!(f, "hidden={hidden}, longest={}", Number(*longest))?,
        }
        f.write_str(")")
    }
}
