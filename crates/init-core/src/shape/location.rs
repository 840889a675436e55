//! The matrix or the filters of a shape in a layout.

use alloc::vec::Vec;

use crate::shape::{
    axes::{Axes, index},
    dims::Shape,
    fan::FanError,
    filters::{Filters, Order},
    layout::{Layout, block},
    matrix::Matrix,
};

impl Layout {
    /// Returns the number of groups of the layout.
    pub(crate) fn groups(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.groups,
            Self::Packed { layout, .. } => layout.groups(),
            _ => 1,
        }
    }

    /// Returns the order of the axes; `None` if they are listed one by one.
    pub(crate) fn order(&self) -> Option<Order> {
        match self {
            Self::Torch => Some(Order::OutFirst),
            Self::Jax | Self::Keras => Some(Order::OutLast),
            Self::Axes(_) => None,
            Self::Conv(conv) => Some(conv.order()),
            Self::Packed { layout, .. } => layout.order(),
        }
    }

    /// Returns the matrix whose rows are the outputs and whose columns are all other axes but the
    /// batch axes.
    pub(crate) fn matrix(&self, shape: &Shape) -> Result<Matrix, AxesError> {
        let axes = |reason| AxesError::Axes { reason, shape: shape.clone() };
        match self {
            Self::Axes(given) => matrix_of_axes(given, shape),
            Self::Packed { blocks, axis, layout } => {
                let part = block(shape, *blocks, *axis)?;
                let one = layout.matrix(&part)?;
                // The blocks must be along the axis of the rows, and along the first of them.
                let at = index(*axis, shape)?;
                let after: usize = part.dims()[at + 1..].iter().product();
                if one.copies() != 1 || !rows_begin_with(layout, at, shape) {
                    return Err(axes("its blocks must be along its outputs: unpack them"));
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
                    _ => return Err(AxesError::Dims { need: "at least 2 dimensions", shape: shape.clone() }),
                };
                matrix_around(shape, at, rows)
            }
        }
    }

    /// Returns the filters of a convolution, with `min` to `max` dimensions.
    pub(crate) fn filters(
        &self,
        shape: &Shape,
        need: &'static str,
        min: usize,
        max: usize,
    ) -> Result<Filters, AxesError> {
        if !(min..=max).contains(&shape.ndim()) {
            return Err(AxesError::Dims { need, shape: shape.clone() });
        }
        let axes = |reason| AxesError::Axes { reason, shape: shape.clone() };
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
            Self::Packed { .. } => return Err(axes("a convolution cannot be packed: unpack it")),
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

/// Returns the matrix with the rows along one axis.
pub(crate) fn matrix_around(shape: &Shape, axis: usize, rows: usize) -> Result<Matrix, AxesError> {
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let (before, after) = (product(&shape.dims()[..axis]), product(&shape.dims()[axis + 1..]));
    Matrix::between(before, rows, after)
        .ok_or_else(|| AxesError::Axes { reason: "it is too large", shape: shape.clone() })
}

/// Returns whether axis `at` is the first of the outputs.
fn rows_begin_with(layout: &Layout, at: usize, shape: &Shape) -> bool {
    match (layout, layout.order()) {
        (Layout::Axes(axes), _) => axes.out_axes.iter().filter_map(|&axis| index(axis, shape).ok()).min() == Some(at),
        (_, Some(Order::OutFirst)) => at == 0,
        _ => at + 1 == shape.ndim(),
    }
}

/// Returns the matrix of listed axes: the outputs must be adjacent, the batch axes in front of all.
fn matrix_of_axes(axes: &Axes, shape: &Shape) -> Result<Matrix, AxesError> {
    let error = |reason| AxesError::Axes { reason, shape: shape.clone() };
    // The fans check the rest, such as axes that are listed twice.
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
        return Err(error("an axis is input and output at once, so it has no matrix"));
    }
    if out.is_empty() {
        return Err(error("it has no output axis"));
    }
    if out.windows(2).any(|pair| pair[0] + 1 != pair[1]) {
        return Err(error("its output axes are not adjacent: permute them"));
    }
    if batch.iter().enumerate().any(|(i, &axis)| i != axis) {
        return Err(error("its batch axes are not the first ones: permute them"));
    }
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let (first, last, dims) = (out[0], out[out.len() - 1], shape.dims());
    let (copies, before) = (product(&dims[..batch.len()]), product(&dims[batch.len()..first]));
    Matrix::stacked(copies, before, product(&dims[first..=last]), product(&dims[last + 1..]))
        .ok_or_else(|| error("it is too large"))
}

/// The error for a shape that lacks the dimensions or axes that a structured initializer needs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AxesError {
    /// The shape has too few or too many dimensions.
    #[error("it takes {need}, but shape {shape} has {}", .shape.ndim())]
    Dims {
        /// How many there must be.
        need: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// The layout's axes do not divide the shape into a matrix or filters.
    #[error("shape {shape} does not fit this layout: {reason}")]
    Axes {
        /// The mismatch.
        reason: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// The shape has no such axis, or has no fans for another reason.
    #[error(transparent)]
    Fan(#[from] FanError),
}
