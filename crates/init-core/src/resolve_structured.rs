//! From a structured initializer to what is filled in.

use alloc::boxed::Box;

use crate::axes::index;
use crate::distribution::Distribution;
use crate::filters::Order;
use crate::initializer::Initializer;
use crate::layout::Layout;
use crate::matrix::Matrix;
use crate::placement::{PlaceError, around};
use crate::resolve::ResolveError;
use crate::shape::Shape;
use crate::stft::Stft;
use crate::structured::{Structured, StructuredError};

const TWO: &str = "2 dimensions";
const CONV: &str = "3 to 5 dimensions, as a convolution has";

impl Initializer {
    /// The structure of a structured initializer, and `None` for any other. Not yet validated.
    pub(crate) fn structure(&self, shape: &Shape, layout: &Layout) -> Result<Option<Structured>, ResolveError> {
        let initializer = self.name();
        let misplaced = |error: PlaceError| ResolveError::Place { initializer, error: Box::new(error) };
        let dims = |need| misplaced(PlaceError::Dims { need, shape: shape.clone() });
        let filters = |need, least, most| layout.filters(shape, need, least, most).map_err(misplaced);
        let matrix = || layout.matrix(shape).map_err(misplaced);
        let unfit = |error| ResolveError::Structured { initializer, shape: shape.clone(), error: Box::new(error) };
        let divided = |parameter, value: usize, whole: usize| match value > 0 && whole.is_multiple_of(value) {
            true => Ok(whole / value),
            false => Err(unfit(StructuredError::DoesNotDivide { structured: initializer, parameter, value, whole })),
        };
        let hidden = |gates: usize| match shape.dims() {
            &[size] => divided("gates", gates, size),
            _ => Err(dims("1 dimension")),
        };
        Ok(Some(match *self {
            Self::Eye { gain } => {
                let &[ref stack @ .., rows, cols] = shape.dims() else { return Err(dims("at least 2 dimensions")) };
                let matrix = Matrix::stacked(stack.iter().product(), 1, rows, cols).ok_or_else(|| dims(TWO))?;
                Structured::Eye { matrix, gain }
            }
            Self::Dirac { groups, centre } => {
                let filters = filters(CONV, 3, 5)?;
                let centre = filters.centre(centre);
                Structured::Dirac { filters, groups: groups.unwrap_or(layout.groups()), centre }
            }
            Self::Orthogonal { gain, column_axis } => {
                let matrix = match column_axis {
                    _ if shape.ndim() < 2 => return Err(dims("at least 2 dimensions")),
                    None => matrix()?,
                    Some(axis) => {
                        let at = index(axis, shape).map_err(|error| misplaced(error.into()))?;
                        around(shape, at, shape.dims()[at]).map_err(misplaced)?
                    }
                };
                Structured::Orthogonal { matrix, gain: gain.value() }
            }
            Self::DeltaOrthogonal { gain, centre } => {
                let filters = filters(CONV, 3, 5)?;
                let centre = filters.centre(centre);
                Structured::DeltaOrthogonal { filters, centre, gain: gain.value() }
            }
            Self::Sparse { sparsity, std } => {
                if shape.ndim() != 2 {
                    return Err(dims(TWO));
                }
                let matrix = matrix()?;
                // As PyTorch rounds. At most the rows, since sparsity is at most 1.
                let zeros = libm::ceil(sparsity * matrix.rows() as f64) as usize;
                Structured::Sparse { matrix, zeros, std }
            }
            Self::Bilinear { diagonal } => Structured::Bilinear { filters: filters(CONV, 3, 5)?, diagonal },
            Self::Icnr { r, ref init, tiled } => {
                let spatial = filters(CONV, 3, 5)?.spatial().len() as u32;
                let matrix = matrix()?;
                let repeats = r.checked_pow(spatial).unwrap_or(usize::MAX);
                let rows = divided("r^d", repeats, matrix.rows())?;
                let mut smaller = shape.dims().to_vec();
                let out_first = layout.order().unwrap_or_else(|| match matrix.is_row_major() {
                    true => Order::OutFirst,
                    false => Order::OutLast,
                }) == Order::OutFirst;
                let at = if out_first { 0 } else { shape.ndim() - 1 };
                smaller[at] = rows;
                let smaller = Shape::new(smaller).map_err(|_| dims(CONV))?;
                let source = layout.matrix(&smaller).map_err(misplaced)?;
                let default = Self::KAIMING_NORMAL;
                let distribution = init.as_deref().unwrap_or(&default).distribution(&smaller, layout)?;
                Structured::Icnr { matrix, repeats, tiled: tiled.unwrap_or(!out_first), source, distribution }
            }
            Self::Stft { side, window, scaling, periodic } => {
                let &[frame, channels, bins] = shape.dims() else {
                    return Err(dims("3 dimensions, (frame, 1, bins)"));
                };
                Structured::Stft(Stft { frame, channels, bins, side, window, scaling, periodic })
            }
            Self::PaddedIdentity { gain } => Structured::PaddedIdentity { matrix: matrix()?, gain },
            Self::Hadamard { gain, centre } => {
                let filters = filters("2 to 5 dimensions", 2, 5)?;
                let centre = filters.centre(centre);
                Structured::Hadamard { filters, centre, gain }
            }
            Self::Embedding { padding_idx, ref init } => {
                let &[rows, cols] = shape.dims() else { return Err(dims(TWO)) };
                let matrix = Matrix::row_major(rows, cols).ok_or_else(|| dims(TWO))?;
                let from_end = if padding_idx < 0 { rows } else { 0 };
                let row = from_end.checked_add_signed(padding_idx).filter(|&row| row < rows);
                let row = row.ok_or_else(|| unfit(StructuredError::Row { row: padding_idx, rows }))?;
                let distribution = match init {
                    Some(init) => init.distribution(shape, layout)?,
                    None => Distribution::Normal { mean: 0.0, std: 1.0 },
                };
                Structured::ZeroRow { matrix, row, distribution }
            }
            Self::GateBias { value, gate, gates } => {
                Structured::GateBias { hidden: hidden(gates)?, gates, gate, value }
            }
            Self::Chrono { longest, forget, input, gates } => {
                Structured::Chrono { hidden: hidden(gates)?, gates, forget, input, longest }
            }
            _ => return Ok(None),
        }))
    }
}
