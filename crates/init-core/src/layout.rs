//! Which axis of a weight means what.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::fan::{FanError, Fans};
use crate::shape::Shape;
use crate::word::{UnknownWord, look_up};

/// Axes given one by one, with the meaning of JAX's `in_axis`, `out_axis` and `batch_axis`.
///
/// Negative numbers count from the end. Axes in none of the lists are the receptive field. An
/// axis may be both an input and an output axis (the receptive field is then divided by it twice,
/// as in JAX, which is how Flax scales embeddings), but may stand in one list only once, and a
/// batch axis in no other list.
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
    /// Puts the three lists together. They are checked against a shape in [`Layout::fans`].
    #[must_use]
    pub fn new(
        in_axes: impl Into<Vec<isize>>,
        out_axes: impl Into<Vec<isize>>,
        batch_axes: impl Into<Vec<isize>>,
    ) -> Self {
        Self { in_axes: in_axes.into(), out_axes: out_axes.into(), batch_axes: batch_axes.into() }
    }
}

/// The convention by which a weight's axes are ordered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// PyTorch's `(out, in / groups, *kernel)`.
    #[default]
    Torch,
    /// JAX's, Flax's and Keras's `(*kernel, in, out)`.
    Jax,
    /// Axes given one by one.
    Axes(Axes),
}

impl Layout {
    /// Counts how many inputs feed an output (fan_in) and the reverse (fan_out), in O(ndim).
    ///
    /// With the receptive field RF = the product of the kernel's sizes, fan_in = in · RF and
    /// fan_out = out · RF. In detail:
    ///
    /// * `Torch`: `_calculate_fan_in_and_fan_out` of `torch.nn.init`. In a grouped convolution
    ///   fan_out is thus that of the whole layer, not of one group (PyTorch issue 23854).
    /// * `Jax`: `_compute_fans` of `jax.nn.initializers` with its default axes.
    /// * `Axes`: the same with other axes; RF = numel / in / out / batch may be a fraction.
    ///
    /// # Errors
    /// [`FanError`] for fewer than two dimensions (unless the axes are given one by one), an axis
    /// that is out of range or stands twice, and, where JAX divides by zero, a zero-sized input,
    /// output or batch axis. In `Torch` a zero size gives a fan of 0, as there.
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
    /// ```
    pub fn fans(&self, shape: &Shape) -> Result<Fans, FanError> {
        match self {
            Self::Torch => torch_fans(shape),
            Self::Jax => jax_fans(shape, None),
            Self::Axes(axes) => jax_fans(shape, Some(axes)),
        }
    }
}

fn torch_fans(shape: &Shape) -> Result<Fans, FanError> {
    let [out, input, kernel @ ..] = shape.dims() else {
        return Err(FanError::TooFewDims { layout: "torch", axes: "out, in", shape: shape.clone() });
    };
    let receptive: u64 = kernel.iter().map(|&dim| dim as u64).product();
    // The factors of a checked shape: their product cannot overflow.
    Ok(Fans { fan_in: (*input as u64 * receptive) as f64, fan_out: (*out as u64 * receptive) as f64 })
}

fn jax_fans(shape: &Shape, axes: Option<&Axes>) -> Result<Fans, FanError> {
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
    // JAX's order of divisions, so that a fractional field has JAX's bits.
    let receptive = shape.numel() as f64 / input / out / batch;
    Ok(Fans { fan_in: input * receptive, fan_out: out * receptive })
}

fn index(axis: isize, shape: &Shape) -> Result<usize, FanError> {
    let from_end = if axis < 0 { shape.ndim() } else { 0 };
    from_end
        .checked_add_signed(axis)
        .filter(|&index| index < shape.ndim())
        .ok_or_else(|| FanError::AxisOutOfRange { axis, shape: shape.clone() })
}

/// Writes `torch`, `jax`, or `axes(in=[-2], out=[-1], batch=[])`.
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torch => f.pad("torch"),
            Self::Jax => f.pad("jax"),
            Self::Axes(Axes { in_axes, out_axes, batch_axes }) => {
                write!(f, "axes(in={in_axes:?}, out={out_axes:?}, batch={batch_axes:?})")
            }
        }
    }
}

/// Reads `torch` or `jax`.
impl FromStr for Layout {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let is_torch = look_up("layout", &[("torch", true), ("jax", false)], word)?;
        Ok(if is_torch { Self::Torch } else { Self::Jax })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn fans(layout: &Layout, dims: &[usize]) -> Result<(f64, f64), FanError> {
        layout.fans(&Shape::new(dims).unwrap()).map(|fans| (fans.fan_in, fans.fan_out))
    }

    #[test]
    fn torch_puts_out_first_and_jax_last() {
        assert_eq!(fans(&Layout::Torch, &[256, 784]), Ok((784.0, 256.0)));
        assert_eq!(fans(&Layout::Jax, &[784, 256]), Ok((784.0, 256.0)));
        assert_eq!(fans(&Layout::Torch, &[16, 2, 3, 3]), Ok((18.0, 144.0)));
        assert_eq!(fans(&Layout::Jax, &[3, 3, 2, 16]), Ok((18.0, 144.0)));
    }

    #[test]
    fn too_few_dimensions_are_an_error_with_a_remedy() {
        for layout in [Layout::Torch, Layout::Jax] {
            for dims in [&[][..], &[5]] {
                let error = fans(&layout, dims).unwrap_err().to_string();
                assert!(error.contains(&alloc::format!("{dims:?}")), "{error}");
                assert!(error.contains("axes") && error.contains("`normal`"), "{error}");
            }
        }
    }

    #[test]
    fn one_dimension_with_axes_is_jax_behaviour() {
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
    fn bad_axes_are_named() {
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
    fn names_read_back() {
        assert_eq!("torch".parse(), Ok(Layout::Torch));
        assert_eq!("jax".parse(), Ok(Layout::Jax));
        assert_eq!(Layout::Axes(Axes::new([-2], [-1], [])).to_string(), "axes(in=[-2], out=[-1], batch=[])");
        let error = "pytorch".parse::<Layout>().unwrap_err().to_string();
        assert_eq!(error, "unknown layout `pytorch`: did you mean `torch`? possible are torch, jax");
    }
}
