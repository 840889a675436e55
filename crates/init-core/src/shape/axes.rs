//! `Axes`: a layout whose axes are listed one by one, also from an einsum equation.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    shape::{
        dims::Shape,
        fan::{FanError, Fans},
    },
    word::quoted,
};

/// Axes listed one by one, with the meaning of JAX's `in_axis`, `out_axis` and `batch_axis`.
///
/// Negative numbers count from the end. Axes in none of the lists are the receptive field. An
/// axis may be both an input and an output axis (the receptive field is then divided by it twice,
/// as in JAX, which is how Flax scales embeddings), but must not be listed twice in one list, and a
/// batch axis must be in no other list.
///
/// ```
/// use init_core::{Axes, Layout, Shape};
///
/// // Five stacked experts, each 4 → 3.
/// let layout = Layout::Axes(Axes::new([-2], [-1], [0]));
/// let fans = layout.fans(&Shape::new([5, 4, 3]).unwrap()).unwrap();
/// assert_eq!((fans.fan_in, fans.fan_out), (4.0, 3.0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Axes {
    /// The axes that are summed over in the forward pass.
    pub in_axes: Vec<isize>,
    /// The axes that remain in the output.
    pub out_axes: Vec<isize>,
    /// The axes that stack independent weights: experts, heads, layers.
    pub batch_axes: Vec<isize>,
}

impl Axes {
    /// Creates the layout from its three lists. [`Layout::fans`](crate::Layout::fans) checks them
    /// against a shape.
    #[must_use]
    pub fn new(
        in_axes: impl Into<Vec<isize>>,
        out_axes: impl Into<Vec<isize>>,
        batch_axes: impl Into<Vec<isize>>,
    ) -> Self {
        Self { in_axes: in_axes.into(), out_axes: out_axes.into(), batch_axes: batch_axes.into() }
    }

    /// Returns the axes of the second operand of an einsum, as in Flax's and Keras's einsum layers.
    ///
    /// An axis that the product sums over is an input; one that is only in the weight and the
    /// result is an output; one that is in both operands and the result is a batch axis.
    ///
    /// # Errors
    ///
    /// [`EinsumError`] for a text that is not `operand,weight->result` of single letters (and
    /// `...`, which may represent axes that the weight does not have), and for an axis that is in
    /// the weight alone or twice.
    ///
    /// ```
    /// use init_core::{Axes, Layout, Shape};
    ///
    /// // Attention: 768 inputs to 12 heads of 64, as one weight (768, 12, 64).
    /// let axes = Axes::einsum("btd,dhk->bthk")?;
    /// assert_eq!(axes, Axes::new([0], [1, 2], []));
    /// let fans = Layout::Axes(axes).fans(&Shape::new([768, 12, 64]).unwrap()).unwrap();
    /// assert_eq!((fans.fan_in, fans.fan_out), (768.0, 768.0));
    /// // A linear map for each of several experts.
    /// assert_eq!(Axes::einsum("ebd,edf->ebf")?, Axes::new([1], [2], [0]));
    /// # Ok::<(), init_core::shape::EinsumError>(())
    /// ```
    pub fn einsum(equation: &str) -> Result<Self, EinsumError> {
        let fault = |reason| EinsumError { equation: equation.to_string(), reason };
        let (operands, result) = equation.split_once("->").ok_or(fault("it has no `->`"))?;
        let (input, weight) = operands.split_once(',').ok_or(fault("it does not have two operands"))?;
        let labels = |text: &str| {
            let text = text.trim();
            let rest = text.strip_prefix("...").or_else(|| text.strip_suffix("...")).unwrap_or(text);
            rest.chars()
                .all(|c| c.is_ascii_alphabetic())
                .then(|| rest.to_string())
                .ok_or(fault("its axes are not single letters"))
        };
        let (input, result, kernel) = (labels(input)?, labels(result)?, labels(weight)?);
        if weight.contains("...") {
            return Err(fault("its weight has `...`"));
        }
        let mut axes = Self::default();
        for (axis, label) in kernel.char_indices() {
            if kernel[axis + 1..].contains(label) {
                return Err(fault("an axis is in its weight twice"));
            }
            let list = match (input.contains(label), result.contains(label)) {
                (true, false) => &mut axes.in_axes,
                (false, true) => &mut axes.out_axes,
                (true, true) => &mut axes.batch_axes,
                (false, false) => return Err(fault("an axis is in its weight alone")),
            };
            list.push(axis as isize);
        }
        Ok(axes)
    }
}

/// The error for an equation that is not an einsum of an input and a weight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} is not an einsum of an input and a weight: {reason}; write it as `btd,dhk->bthk`, the weight second",
    quoted(.equation)
)]
pub struct EinsumError {
    equation: String,
    reason: &'static str,
}

/// Returns the fans as JAX computes them; without axes, for its default ones.
pub(crate) fn jax_fans(shape: &Shape, axes: Option<&Axes>) -> Result<Fans, FanError> {
    let [input, out, batch] = match axes {
        None if shape.ndim() < 2 => {
            return Err(FanError::TooFewDims { layout: "jax", axes: "in, out", shape: shape.clone() });
        }
        None => [shape.dims()[shape.ndim() - 2] as f64, shape.dims()[shape.ndim() - 1] as f64, 1.0],
        Some(axes) => {
            let mut seen = [Vec::new(), Vec::new(), Vec::new()];
            for (list, seen) in [&axes.in_axes, &axes.out_axes, &axes.batch_axes].into_iter().zip(&mut seen) {
                for &axis in list {
                    let index = index(axis, shape)?;
                    if seen.contains(&index) {
                        return Err(FanError::RepeatedAxis { axis, shape: shape.clone() });
                    }
                    seen.push(index);
                }
            }
            let [input, out, batch] = &seen;
            if let Some(&axis) = batch.iter().find(|axis| input.contains(axis) || out.contains(axis)) {
                return Err(FanError::BatchAxisReused { axis, shape: shape.clone() });
            }
            seen.map(|list| list.iter().map(|&axis| shape.dims()[axis] as f64).product())
        }
    };
    if input == 0.0 || out == 0.0 || batch == 0.0 {
        return Err(FanError::ZeroSizedAxis { shape: shape.clone() });
    }
    // JAX's order of divisions, so that a fractional receptive field has JAX's bits.
    let receptive = shape.numel() as f64 / input / out / batch;
    Ok(Fans { fan_in: input * receptive, fan_out: out * receptive })
}

/// Returns the index of an axis, which may be negative, counted from the front.
pub(crate) fn index(axis: isize, shape: &Shape) -> Result<usize, FanError> {
    let from_end = if axis < 0 { shape.ndim() } else { 0 };
    from_end
        .checked_add_signed(axis)
        .filter(|&index| index < shape.ndim())
        .ok_or_else(|| FanError::AxisOutOfRange { axis, shape: shape.clone() })
}
