//! `Conv`: the layout of a convolution with its groups, stride and kind.

use alloc::vec::Vec;

use crate::{
    shape::{
        dims::Shape,
        fan::{FanError, Fans},
        filters::Order,
    },
    word::words,
};

words! {
    /// The framework whose order of axes a convolution's weight follows.
    #[derive(Default)]
    Base, "layout", {
        /// `(out, in / groups, *kernel)`, transposed `(in, out / groups, *kernel)`.
        #[default]
        Torch = "torch",
        /// `(*kernel, in / groups, out)`, also where transposed.
        Jax = "jax",
        /// `(*kernel, in / groups, out)`, transposed `(*kernel, out, in)`, depthwise
        /// `(*kernel, in, multiplier)`.
        Keras = "keras",
    }
}

/// A convolution: its groups, its stride, and whether it is transposed or depthwise.
///
/// Its fans are those of one connected part, unlike the frameworks' own:
///
/// | | fan_in | fan_out |
/// |---|---|---|
/// | convolution | in / groups · RF | out / groups · RF / stride |
/// | transposed | in / groups · RF / stride | out / groups · RF |
/// | depthwise | RF | multiplier · RF / stride |
///
/// RF is the product of the kernel's sizes and stride the product over all axes: an output of a
/// transposed convolution of stride 2 and kernel 4 receives only every second tap of the kernel,
/// along each axis. Where the stride does not divide the kernel, the number is an average. PyTorch
/// counts out · RF for the fan_out of a grouped convolution (its issue 23854), swaps the two of a
/// transposed one, and Keras counts in · RF for the fan_in of a depthwise one.
///
/// ```
/// use init_core::{shape::Base, Conv, Layout, Shape};
///
/// // Depthwise, in PyTorch: 32 groups of one channel.
/// let shape = Shape::new([32, 1, 3, 3]).unwrap();
/// let conv = Layout::Conv(Conv { groups: 32, ..Conv::new(Base::Torch) });
/// let fans = conv.fans(&shape).unwrap();
/// assert_eq!((fans.fan_in, fans.fan_out), (9.0, 9.0));
/// let faithful = Layout::Torch.fans(&shape).unwrap();
/// assert_eq!((faithful.fan_in, faithful.fan_out), (9.0, 288.0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Conv {
    /// The order of the axes.
    pub base: Base,
    /// The number of groups; it divides the channels that the weight has in full.
    pub groups: usize,
    /// The stride along each spatial axis; one number applies to all, and none means 1.
    pub stride: Vec<usize>,
    /// Whether it is a transposed convolution.
    pub transposed: bool,
    /// Whether it is Keras's depthwise convolution, whose weight has an axis of groups.
    pub depthwise: bool,
}

impl Conv {
    /// Creates a convolution of one group and stride 1.
    #[must_use]
    pub fn new(base: Base) -> Self {
        Self { base, groups: 1, stride: Vec::new(), transposed: false, depthwise: false }
    }

    pub(crate) fn order(&self) -> Order {
        match self.base {
            Base::Torch => Order::OutFirst,
            Base::Jax | Base::Keras => Order::OutLast,
        }
    }

    /// Returns the axis of the outputs, if it is one axis.
    pub(crate) fn out_axis(&self) -> Option<isize> {
        match (self.base, self.transposed) {
            _ if self.depthwise => None,
            (Base::Torch, false) => Some(0),
            (Base::Torch, true) => Some(1),
            (Base::Keras, true) => Some(-2),
            (Base::Jax | Base::Keras, _) => Some(-1),
        }
    }

    pub(crate) fn fans(&self, shape: &Shape) -> Result<Fans, FanError> {
        let few = |axes| FanError::TooFewDims { layout: "conv", axes, shape: shape.clone() };
        let (first, second, kernel) = match (self.base, shape.dims()) {
            (Base::Torch, [first, second, kernel @ ..]) => (*first, *second, kernel),
            (Base::Jax | Base::Keras, [kernel @ .., first, second]) => (*first, *second, kernel),
            (Base::Torch, _) => return Err(few("out, in")),
            _ => return Err(few("in, out")),
        };
        if self.depthwise && (self.base != Base::Keras || self.groups != 1 || self.transposed) {
            return Err(FanError::Depthwise);
        }
        let per_group = |channels: usize| match self.groups > 0 && channels.is_multiple_of(self.groups) {
            true => Ok(channels / self.groups),
            false => Err(FanError::DoesNotDivide {
                what: "groups",
                count: self.groups,
                size: channels,
                shape: shape.clone(),
            }),
        };
        let (input, out) = match (self.base, self.transposed) {
            _ if self.depthwise => (1, second),
            (Base::Torch, false) => (second, per_group(first)?),
            (Base::Torch, true) => (per_group(first)?, second),
            (Base::Jax, _) | (Base::Keras, false) => (first, per_group(second)?),
            (Base::Keras, true) => (per_group(second)?, first),
        };
        let receptive: f64 = kernel.iter().map(|&size| size as f64).product();
        let stride = self.stride_product(kernel.len(), shape)?;
        let (fan_in, fan_out) = (input as f64 * receptive, out as f64 * receptive);
        Ok(match self.transposed {
            false => Fans { fan_in, fan_out: fan_out / stride },
            true => Fans { fan_in: fan_in / stride, fan_out },
        })
    }

    /// Returns the product of the strides.
    fn stride_product(&self, spatial: usize, shape: &Shape) -> Result<f64, FanError> {
        let all = |stride: &[usize]| stride.iter().map(|&step| step as f64).product();
        match &self.stride[..] {
            stride if stride.contains(&0) => {
                Err(FanError::Stride { stride: self.stride.clone(), shape: shape.clone() })
            }
            [] => Ok(1.0),
            [step] => Ok(libm::pow(*step as f64, spatial as f64)),
            stride if stride.len() == spatial => Ok(all(stride)),
            _ => Err(FanError::Stride { stride: self.stride.clone(), shape: shape.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fans(conv: Conv, dims: &[usize]) -> Result<(f64, f64), FanError> {
        conv.fans(&Shape::new(dims).unwrap()).map(|fans| (fans.fan_in, fans.fan_out))
    }

    /// Counts the connections of a one-dimensional convolution one by one.
    fn counted(inputs: usize, outputs: usize, groups: usize, kernel: usize, stride: usize) -> (f64, f64) {
        let length = 60 * stride;
        let (mut edges, mut used_in, mut used_out) = (0.0, 0.0, 0.0);
        // Far from the ends: input x of every channel and output y are joined if 0 <= x - stride·y
        // < kernel.
        for x in 0..length {
            for y in 0..length / stride {
                let inner_in = (20 * stride..40 * stride).contains(&x);
                let inner_out = (20..40).contains(&y);
                if x >= stride * y && x - stride * y < kernel {
                    let pairs = (inputs / groups * outputs) as f64;
                    edges += pairs;
                    used_in += if inner_in { pairs } else { 0.0 };
                    used_out += if inner_out { pairs } else { 0.0 };
                }
            }
        }
        assert!(edges > 0.0);
        // Connections of one output, and of one input on average.
        (used_out / (20 * outputs) as f64, used_in / (20 * stride * inputs) as f64)
    }

    #[test]
    fn fans_count_every_connection() {
        for (inputs, outputs, groups) in [(6, 4, 1), (6, 4, 2), (4, 4, 4), (3, 6, 3)] {
            for (kernel, stride) in [(3, 1), (4, 2), (3, 2), (5, 3), (1, 1), (2, 4)] {
                let (fan_in, fan_out) = counted(inputs, outputs, groups, kernel, stride);
                let conv = |base| Conv { groups, stride: [stride].into(), ..Conv::new(base) };
                assert_eq!(fans(conv(Base::Torch), &[outputs, inputs / groups, kernel]), Ok((fan_in, fan_out)));
                assert_eq!(fans(conv(Base::Jax), &[kernel, inputs / groups, outputs]), Ok((fan_in, fan_out)));
                // The transposed convolution has the same connections, reversed.
                let transposed = Conv { transposed: true, ..conv(Base::Torch) };
                assert_eq!(fans(transposed, &[outputs, inputs / groups, kernel]), Ok((fan_out, fan_in)));
            }
        }
    }

    #[test]
    fn keras_has_axes_of_its_own() {
        let keras = Conv::new(Base::Keras);
        assert_eq!(fans(Conv { depthwise: true, ..keras.clone() }, &[3, 3, 32, 2]), Ok((9.0, 18.0)));
        let transposed = Conv { transposed: true, stride: [2].into(), ..keras.clone() };
        assert_eq!(fans(transposed, &[4, 4, 8, 16]), Ok((64.0, 128.0)));
        assert_eq!(fans(keras, &[3, 3, 16, 32]), Ok((144.0, 288.0)));
    }

    #[test]
    fn errors_name_what_does_not_fit() {
        let torch = Conv::new(Base::Torch);
        for (conv, dims, word) in [
            (Conv { groups: 3, ..torch.clone() }, &[32, 1, 3, 3][..], "groups"),
            (Conv { groups: 0, ..torch.clone() }, &[32, 1, 3, 3], "groups"),
            (Conv { stride: [2, 2, 2].into(), ..torch.clone() }, &[32, 1, 3, 3], "stride"),
            (Conv { stride: [0].into(), ..torch.clone() }, &[32, 1, 3, 3], "stride"),
            (Conv { depthwise: true, ..torch.clone() }, &[32, 1, 3, 3], "groups"),
            (torch, &[32], "too few dimensions"),
        ] {
            let error = alloc::format!("{}", fans(conv, dims).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
    }
}
