//! From a shape and a layout to where a matrix or filters lie.

use alloc::vec::Vec;

use crate::axes::{Axes, index};
use crate::fan::FanError;
use crate::filters::{Filters, Order};
use crate::layout::{Layout, block};
use crate::matrix::Matrix;
use crate::shape::Shape;

impl Layout {
    /// How many groups the layout knows of.
    pub(crate) fn groups(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.groups,
            Self::Packed { layout, .. } => layout.groups(),
            _ => 1,
        }
    }

    /// The order of the axes; `None` if they are given one by one.
    pub(crate) fn order(&self) -> Option<Order> {
        match self {
            Self::Torch => Some(Order::OutFirst),
            Self::Jax | Self::Keras => Some(Order::OutLast),
            Self::Axes(_) => None,
            Self::Conv(conv) => Some(conv.order()),
            Self::Packed { layout, .. } => layout.order(),
        }
    }

    /// The matrix whose rows are the outputs and whose columns are all else but batch axes.
    pub(crate) fn matrix(&self, shape: &Shape) -> Result<Matrix, PlaceError> {
        let axes = |reason| PlaceError::Axes { reason, shape: shape.clone() };
        match self {
            Self::Axes(given) => spread(given, shape),
            Self::Packed { blocks, axis, layout } => {
                let part = block(shape, *blocks, *axis)?;
                let one = layout.matrix(&part)?;
                // The axis of the blocks has to be that of the rows, and the first of them.
                let at = index(*axis, shape)?;
                let after: usize = part.dims()[at + 1..].iter().product();
                if one.copies() != 1 || !rows_begin_with(layout, at, shape) {
                    return Err(axes("its blocks have to lie along its outputs: unpack them"));
                }
                let inner = one.inner();
                let before = one.cols() / inner.max(1);
                debug_assert!(after.is_multiple_of(inner.max(1)));
                Matrix::packed(before, *blocks, one.rows(), inner).ok_or_else(|| axes("it is too large"))
            }
            _ => {
                let (rows, at) = match (self.order(), shape.dims()) {
                    (Some(Order::OutFirst), [rows, _, ..]) => (*rows, 0),
                    (_, [_, .., rows]) => (*rows, shape.ndim() - 1),
                    _ => return Err(PlaceError::Dims { need: "at least 2 dimensions", shape: shape.clone() }),
                };
                around(shape, at, rows)
            }
        }
    }

    /// The filters of a convolution, with from `least` to `most` dimensions.
    pub(crate) fn filters(
        &self,
        shape: &Shape,
        need: &'static str,
        least: usize,
        most: usize,
    ) -> Result<Filters, PlaceError> {
        if !(least..=most).contains(&shape.ndim()) {
            return Err(PlaceError::Dims { need, shape: shape.clone() });
        }
        let axes = |reason| PlaceError::Axes { reason, shape: shape.clone() };
        let order = match self {
            Self::Axes(Axes { in_axes, out_axes, batch_axes }) => {
                let find = |axes: &[isize]| axes.iter().map(|&axis| index(axis, shape)).collect::<Result<Vec<_>, _>>();
                let n = shape.ndim();
                match (&find(in_axes)?[..], &find(out_axes)?[..], batch_axes.is_empty()) {
                    ([1], [0], true) => Order::OutFirst,
                    (&[i], &[o], true) if i + 2 == n && o + 1 == n => Order::OutLast,
                    _ => return Err(axes("a convolution has (out, in, *kernel) or (*kernel, in, out)")),
                }
            }
            Self::Packed { .. } => return Err(axes("a convolution can not be packed: unpack it")),
            _ => self.order().unwrap_or_default(),
        };
        let filters = match (order, shape.dims()) {
            (Order::OutFirst, [out, inputs, spatial @ ..]) => Filters::new(order, *out, *inputs, spatial),
            (Order::OutLast, [spatial @ .., inputs, out]) => Filters::new(order, *out, *inputs, spatial),
            _ => None,
        };
        filters.ok_or_else(|| axes("it has fewer than 2 dimensions"))
    }
}

/// The matrix with the rows along one axis.
pub(crate) fn around(shape: &Shape, axis: usize, rows: usize) -> Result<Matrix, PlaceError> {
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let (before, after) = (product(&shape.dims()[..axis]), product(&shape.dims()[axis + 1..]));
    Matrix::between(before, rows, after)
        .ok_or_else(|| PlaceError::Axes { reason: "it is too large", shape: shape.clone() })
}

/// Whether axis `at` is the first of the outputs.
fn rows_begin_with(layout: &Layout, at: usize, shape: &Shape) -> bool {
    match (layout, layout.order()) {
        (Layout::Axes(axes), _) => axes.out_axes.iter().filter_map(|&axis| index(axis, shape).ok()).min() == Some(at),
        (_, Some(Order::OutFirst)) => at == 0,
        _ => at + 1 == shape.ndim(),
    }
}

/// Axes one by one: the outputs next to each other, the batch axes in front of all.
fn spread(axes: &Axes, shape: &Shape) -> Result<Matrix, PlaceError> {
    let fault = |reason| PlaceError::Axes { reason, shape: shape.clone() };
    // What the fans check, such as axes that stand twice.
    if shape.numel() > 0 {
        Layout::Axes(axes.clone()).fans(shape)?;
    }
    let find = |axes: &[isize]| {
        let mut found = axes.iter().map(|&axis| index(axis, shape)).collect::<Result<Vec<_>, _>>()?;
        found.sort_unstable();
        Ok::<_, FanError>(found)
    };
    let (input, out, batch) = (find(&axes.in_axes)?, find(&axes.out_axes)?, find(&axes.batch_axes)?);
    if out.iter().any(|axis| input.contains(axis)) {
        return Err(fault("an axis is input and output at once, which makes no matrix"));
    }
    if out.is_empty() {
        return Err(fault("it has no output axis"));
    }
    if out.windows(2).any(|pair| pair[0] + 1 != pair[1]) {
        return Err(fault("its output axes do not lie next to each other: permute them"));
    }
    if batch.iter().enumerate().any(|(i, &axis)| i != axis) {
        return Err(fault("its batch axes are not the first ones: permute them"));
    }
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let (first, last, dims) = (out[0], out[out.len() - 1], shape.dims());
    let (copies, before) = (product(&dims[..batch.len()]), product(&dims[batch.len()..first]));
    Matrix::stacked(copies, before, product(&dims[first..=last]), product(&dims[last + 1..]))
        .ok_or_else(|| fault("it is too large"))
}

/// Why a structured initializer finds no place in a shape.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Too few or too many dimensions.
    #[error("it takes {need}, but shape {shape} has {}", .shape.ndim())]
    Dims {
        /// How many there should be.
        need: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// The layout's axes make no matrix or no filters of the shape.
    #[error("shape {shape} can not be taken apart by this layout: {reason}")]
    Axes {
        /// Why not.
        reason: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// An axis that the shape does not have, or what else the fans of the shape refuse.
    #[error(transparent)]
    Fan(#[from] FanError),
}
