//! `Layout`: what each axis of a weight means.

use alloc::boxed::Box;

use crate::shape::{
    axes::{Axes, index, jax_fans},
    conv::Conv,
    dims::Shape,
    fan::{FanError, Fans},
};

/// A layout: the order and the meaning of a weight's axes.
///
/// Its text form parses and prints back:
///
/// ```text
/// torch
/// jax
/// keras
/// axes(in=[-2], out=[-1], batch=[0])
/// conv(torch, groups=8, stride=[2, 2], transposed)
/// conv(keras, depthwise)
/// packed(torch, blocks=3, axis=0)
/// packed(axes(in=[0], out=[1, 2]), blocks=3, axis=1)
/// ```
///
/// White space between words does not matter. A list of one number needs no brackets.
///
/// | | PyTorch | JAX, Flax | Keras |
/// |---|---|---|---|
/// | as the framework counts, correct or not | `torch` | `jax` | `keras` |
/// | grouped or transposed convolutions | `conv(torch, groups=8)` | `conv(jax, groups=8)` | `conv(keras, depthwise)` |
/// | experts, heads, einsums | `axes(out=[1], in=[2], batch=[0])` | `axes(in=[-2], out=[-1], batch=[0])` | the same |
/// | packed QKV, gates | `packed(torch, blocks=3, axis=0)` | `packed(jax, blocks=3, axis=-1)` | the same |
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// PyTorch's `(out, in / groups, *kernel)`.
    #[default]
    Torch,
    /// JAX's and Flax's `(*kernel, in, out)`.
    Jax,
    /// Keras's and TensorFlow's `(*kernel, in, out)`, which has fans for one and for no dimension
    /// too.
    Keras,
    /// Axes that are listed one by one.
    Axes(Axes),
    /// A convolution with its groups, stride and kind, which its shape does not show.
    Conv(Conv),
    /// Several weights side by side along one axis, each with the fans of a separate weight.
    Packed {
        /// The number of weights, at least 1; all have the same size.
        blocks: usize,
        /// The axis along which they are packed, negative from the end.
        axis: isize,
        /// The layout of each.
        layout: Box<Self>,
    },
}

impl Layout {
    /// Returns how many inputs feed an output (fan_in) and how many outputs an input feeds
    /// (fan_out), in O(ndim).
    ///
    /// With the receptive field RF = the product of the kernel's sizes, fan_in = in · RF and
    /// fan_out = out · RF. In detail:
    ///
    /// * `Torch`: as `_calculate_fan_in_and_fan_out` of `torch.nn.init`, number for number. In a
    ///   grouped convolution fan_out is thus that of the whole layer, not of one group (PyTorch
    ///   issue 23854), in a transposed one the two are swapped, and stacked matrices count as a
    ///   receptive field.
    /// * `Jax`: as `_compute_fans` of `jax.nn.initializers` with its default axes.
    /// * `Keras`: as `compute_fans` of `keras.initializers`: as `Jax`, but one dimension of n is n
    ///   and n, none 1 and 1.
    /// * `Axes`: as JAX with other axes; RF = numel / in / out / batch may be a fraction.
    /// * `Conv`: the true connections, see [`Conv`].
    /// * `Packed`: the fans of one block.
    ///
    /// # Errors
    ///
    /// [`FanError`] for fewer than two dimensions (unless the axes are listed one by one), an axis
    /// that is out of range or listed twice, sizes that groups or blocks do not divide, and, where
    /// JAX divides by zero, a zero-sized input, output or batch axis. In `Torch` and `Keras` a zero
    /// size gives a fan of 0, as in those frameworks.
    ///
    /// ```
    /// use init_core::{Layout, Shape};
    ///
    /// let conv = Shape::new([64, 3, 7, 7]).unwrap();
    /// let fans = Layout::Torch.fans(&conv).unwrap();
    /// assert_eq!((fans.fan_in, fans.fan_out), (147.0, 3136.0));
    /// let fans = Layout::Jax.fans(&Shape::new([7, 7, 3, 64]).unwrap()).unwrap();
    /// assert_eq!((fans.fan_in, fans.fan_out), (147.0, 3136.0));
    /// assert!(Layout::Torch.fans(&Shape::new([64]).unwrap()).is_err());
    ///
    /// // Q, K and V of 64 each in one weight: each counts by itself.
    /// let packed = "packed(torch, blocks=3, axis=0)".parse::<Layout>().unwrap();
    /// let fans = packed.fans(&Shape::new([192, 64]).unwrap()).unwrap();
    /// assert_eq!((fans.fan_in, fans.fan_out), (64.0, 64.0));
    /// ```
    pub fn fans(&self, shape: &Shape) -> Result<Fans, FanError> {
        match self {
            Self::Torch => torch_fans(shape),
            Self::Jax => jax_fans(shape, None),
            Self::Keras => Ok(keras_fans(shape)),
            Self::Axes(axes) => jax_fans(shape, Some(axes)),
            Self::Conv(conv) => conv.fans(shape),
            Self::Packed { blocks, axis, layout } => layout.fans(&block(shape, *blocks, *axis)?),
        }
    }

    /// Returns the first output axis, counted from the end as a negative number; the blocks of a
    /// packed weight are along it. `None` if the outputs are not one axis (`depthwise`), or if axes
    /// are listed and none is an output.
    #[must_use]
    pub fn out_axis(&self) -> Option<isize> {
        match self {
            Self::Torch => Some(0),
            Self::Jax | Self::Keras => Some(-1),
            Self::Axes(axes) => axes.out_axes.first().copied(),
            Self::Conv(conv) => conv.out_axis(),
            Self::Packed { layout, .. } => layout.out_axis(),
        }
    }

    /// Returns this layout for each of `blocks` weights of the same size, side by side along
    /// `axis`; without an axis, along [the outputs](Self::out_axis). `None` if that is needed and
    /// there is none.
    ///
    /// ```
    /// use init_core::Layout;
    ///
    /// let packed = Layout::Jax.packed(4, None).unwrap();
    /// assert_eq!(packed.to_string(), "packed(jax, blocks=4, axis=-1)");
    /// ```
    #[must_use]
    pub fn packed(self, blocks: usize, axis: Option<isize>) -> Option<Self> {
        let axis = axis.or_else(|| self.out_axis())?;
        Some(Self::Packed { blocks, axis, layout: Box::new(self) })
    }

    /// Returns the shape of one block of a packed weight; in any other layout, that of the whole.
    ///
    /// # Errors
    ///
    /// [`FanError`] for an axis that is out of range and for a number of blocks that does not
    /// divide it.
    ///
    /// ```
    /// use init_core::{Layout, Shape};
    ///
    /// let packed = Layout::Torch.packed(3, None).unwrap();
    /// assert_eq!(packed.block(&Shape::new([192, 64]).unwrap()), Ok(Shape::new([64, 64]).unwrap()));
    /// ```
    pub fn block(&self, shape: &Shape) -> Result<Shape, FanError> {
        match self {
            Self::Packed { blocks, axis, .. } => block(shape, *blocks, *axis),
            Self::Torch | Self::Jax | Self::Keras | Self::Axes(_) | Self::Conv(_) => Ok(shape.clone()),
        }
    }
}

/// Returns the shape of one of `blocks` equal parts along `axis`.
pub(crate) fn block(shape: &Shape, blocks: usize, axis: isize) -> Result<Shape, FanError> {
    let at = index(axis, shape)?;
    let mut dims = shape.dims().to_vec();
    if blocks == 0 || !dims[at].is_multiple_of(blocks) {
        return Err(FanError::DoesNotDivide { what: "blocks", count: blocks, size: dims[at], shape: shape.clone() });
    }
    dims[at] /= blocks;
    // Smaller than a valid shape.
    Shape::new(dims).map_err(|_| FanError::ZeroSizedAxis { shape: shape.clone() })
}

fn torch_fans(shape: &Shape) -> Result<Fans, FanError> {
    let [out, input, kernel @ ..] = shape.dims() else {
        return Err(FanError::TooFewDims { layout: "torch", axes: "out, in", shape: shape.clone() });
    };
    Ok(scaled(*input, *out, kernel))
}

fn keras_fans(shape: &Shape) -> Fans {
    match shape.dims() {
        [] => Fans { fan_in: 1.0, fan_out: 1.0 },
        &[n] => Fans { fan_in: n as f64, fan_out: n as f64 },
        [kernel @ .., input, out] => scaled(*input, *out, kernel),
    }
}

fn scaled(input: usize, out: usize, kernel: &[usize]) -> Fans {
    let receptive: u64 = kernel.iter().map(|&dim| dim as u64).product();
    // These are the sizes of a checked shape: their product cannot overflow.
    Fans { fan_in: (input as u64 * receptive) as f64, fan_out: (out as u64 * receptive) as f64 }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn fans(layout: &Layout, dims: &[usize]) -> Result<(f64, f64), FanError> {
        layout.fans(&Shape::new(dims).unwrap()).map(|fans| (fans.fan_in, fans.fan_out))
    }

    #[test]
    fn torch_has_the_outputs_first_and_jax_last() {
        assert_eq!(fans(&Layout::Torch, &[256, 784]), Ok((784.0, 256.0)));
        assert_eq!(fans(&Layout::Jax, &[784, 256]), Ok((784.0, 256.0)));
        assert_eq!(fans(&Layout::Torch, &[16, 2, 3, 3]), Ok((18.0, 144.0)));
        assert_eq!(fans(&Layout::Jax, &[3, 3, 2, 16]), Ok((18.0, 144.0)));
    }

    #[test]
    fn too_few_dimensions_are_an_error_that_says_what_would_work() {
        for layout in [Layout::Torch, Layout::Jax] {
            for dims in [&[][..], &[5]] {
                let error = fans(&layout, dims).unwrap_err().to_string();
                assert!(error.contains(&alloc::format!("{dims:?}")), "{error}");
                assert!(error.contains("axes") && error.contains("`normal`"), "{error}");
            }
        }
    }

    #[test]
    fn one_dimension_with_axes_behaves_as_in_jax() {
        assert_eq!(fans(&Layout::Axes(Axes::new([0], [0], [])), &[7]), Ok((1.0, 1.0)));
        assert_eq!(fans(&Layout::Axes(Axes::new([0], [], [])), &[7]), Ok((7.0, 1.0)));
        assert_eq!(fans(&Layout::Axes(Axes::default()), &[]), Ok((1.0, 1.0)));
    }

    #[test]
    fn zero_sizes_give_no_nan() {
        assert_eq!(fans(&Layout::Torch, &[7, 0, 3]), Ok((0.0, 21.0)));
        assert_eq!(fans(&Layout::Jax, &[0, 4, 5]), Ok((0.0, 0.0)));
        for dims in [[0, 5], [5, 0], [0, 0]] {
            assert!(matches!(fans(&Layout::Jax, &dims), Err(FanError::ZeroSizedAxis { .. })));
        }
    }

    #[test]
    fn errors_name_the_bad_axis() {
        let cases = [
            (Axes::new([2], [1], []), "axis 2"),
            (Axes::new([-3], [1], []), "axis -3"),
            (Axes::new([isize::MIN], [isize::MAX], []), "axis -9223372036854775808"),
            (Axes::new([0, -2], [1], []), "axis -2"),
            (Axes::new([0], [1], [1]), "axis 1"),
        ];
        for (axes, word) in cases {
            let error = fans(&Layout::Axes(axes), &[4, 3]).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("[4, 3]"), "{error}");
        }
    }

    #[test]
    fn names_parse_back() {
        assert_eq!("torch".parse(), Ok(Layout::Torch));
        assert_eq!("jax".parse(), Ok(Layout::Jax));
        assert_eq!(Layout::Axes(Axes::new([-2], [-1], [])).to_string(), "axes(in=[-2], out=[-1], batch=[])");
        let error = "pytorch".parse::<Layout>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown layout `pytorch`: did you mean `torch`? expected one of torch, jax, keras, axes, conv, packed"
        );
    }
}
