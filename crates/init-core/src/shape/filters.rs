//! `Filters`: the flat index of each channel and tap of a convolution's weight.

use alloc::vec::Vec;

use crate::{shape::matrix::fits, word::words};

/// The order of a convolution's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// PyTorch's `(out, in, *spatial)`.
    #[default]
    OutFirst,
    /// JAX's and Keras's `(*spatial, in, out)`.
    OutLast,
}

/// The sizes of a convolution's weight and the flat index of each of its elements.
///
/// A *tap* is a position in the receptive field, counted row-major over the spatial axes. `inputs`
/// are the input channels of one group, as in the weight.
///
/// ```
/// use init_core::shape::{Filters, Order};
///
/// let torch = Filters::new(Order::OutFirst, 8, 4, [3, 3]).unwrap();
/// assert_eq!(torch.index(1, 2, 4), (1 * 4 + 2) * 9 + 4);
/// assert_eq!(torch.position(58), (1, 2, 4));
/// let jax = Filters::new(Order::OutLast, 8, 4, [3, 3]).unwrap();
/// assert_eq!(jax.index(1, 2, 4), (4 * 4 + 2) * 8 + 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filters {
    order: Order,
    out: usize,
    inputs: usize,
    spatial: Vec<usize>,
    taps: usize,
}

impl Filters {
    /// Creates the filters from their sizes; `None` if the product of the sizes does not fit into
    /// an `i64` and a `usize`.
    #[must_use]
    pub fn new(order: Order, out: usize, inputs: usize, spatial: impl Into<Vec<usize>>) -> Option<Self> {
        let spatial = spatial.into();
        let taps = fits(&spatial)?;
        let all: Vec<usize> = spatial.iter().copied().chain([out, inputs]).collect();
        fits(&all)?;
        Some(Self { order, out, inputs, spatial, taps })
    }

    /// Returns the order of the axes.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// Returns the number of output channels.
    #[must_use]
    pub fn out(&self) -> usize {
        self.out
    }

    /// Returns the number of input channels of one group.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Returns the sizes of the spatial axes.
    #[must_use]
    pub fn spatial(&self) -> &[usize] {
        &self.spatial
    }

    /// Returns the number of taps: the product of the spatial sizes.
    #[must_use]
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// Returns the number of elements.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.out as u64 * self.inputs as u64 * self.taps as u64
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the flat index of an element; meaningless for numbers out of range.
    #[must_use]
    pub fn index(&self, out: usize, input: usize, tap: usize) -> u64 {
        let (first, width, last) = match self.order {
            Order::OutFirst => (out, self.taps, tap),
            Order::OutLast => (tap, self.out, out),
        };
        let high = (first as u64).wrapping_mul(self.inputs as u64).wrapping_add(input as u64);
        high.wrapping_mul(width as u64).wrapping_add(last as u64)
    }

    /// Returns the output channel, input channel and tap of a flat index below [`len`](Self::len).
    #[must_use]
    pub fn position(&self, index: u64) -> (usize, usize, usize) {
        if self.is_empty() {
            return (0, 0, 0);
        }
        let inputs = self.inputs as u64;
        let last = match self.order {
            Order::OutFirst => self.taps as u64,
            Order::OutLast => self.out as u64,
        };
        let [first, input, last] = [index / last / inputs, index / last % inputs, index % last].map(|n| n as usize);
        match self.order {
            Order::OutFirst => (first, input, last),
            Order::OutLast => (last, input, first),
        }
    }

    /// Returns the centre tap of the receptive field, by this convention for even kernels.
    ///
    /// ```
    /// use init_core::shape::{Centre, Filters, Order};
    ///
    /// let even = Filters::new(Order::OutFirst, 1, 1, [4, 4]).unwrap();
    /// assert_eq!(even.centre(Centre::Upper), 2 * 4 + 2);
    /// assert_eq!(even.centre(Centre::Lower), 1 * 4 + 1);
    /// ```
    #[must_use]
    pub fn centre(&self, centre: Centre) -> usize {
        self.spatial.iter().fold(0, |tap, &size| tap * size + centre.of(size))
    }

    /// Returns the coordinate of a tap on each spatial axis, outermost first.
    #[must_use = "the iterator does nothing unless it is consumed"]
    pub fn coordinates(&self, tap: usize) -> impl Iterator<Item = usize> + '_ {
        let mut width = self.taps.max(1);
        self.spatial.iter().map(move |&size| {
            let size = size.max(1);
            width = (width / size).max(1);
            tap / width % size
        })
    }
}

words! {
    /// Which tap of an even kernel is its centre; in an odd kernel both are the same.
    #[derive(Default)]
    Centre, "centre", {
        /// k // 2, as in PyTorch's `dirac_`.
        #[default]
        Upper = "upper",
        /// (k − 1) // 2, as in JAX's and TensorFlow's delta-orthogonal initializers.
        Lower = "lower",
    }
}

impl Centre {
    /// Returns the centre of an axis of this size; 0 for an empty one.
    #[must_use]
    pub const fn of(self, size: usize) -> usize {
        match self {
            Self::Upper => size / 2,
            Self::Lower => size.saturating_sub(1) / 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use super::*;

    #[test]
    fn index_and_position_are_inverse_in_both_orders() {
        for order in [Order::OutFirst, Order::OutLast] {
            let filters = Filters::new(order, 3, 2, [4, 5]).unwrap();
            let mut seen = vec![false; filters.len() as usize];
            for out in 0..3 {
                for input in 0..2 {
                    for tap in 0..20 {
                        let index = filters.index(out, input, tap);
                        assert_eq!(filters.position(index), (out, input, tap));
                        assert!(!core::mem::replace(&mut seen[index as usize], true));
                    }
                }
            }
        }
    }

    #[test]
    fn taps_are_counted_row_major() {
        let filters = Filters::new(Order::OutLast, 1, 1, [2, 3, 4]).unwrap();
        assert_eq!(filters.coordinates(23).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(filters.coordinates(5).collect::<Vec<_>>(), [0, 1, 1]);
        assert_eq!(filters.centre(Centre::Upper), (4 + 3 / 2 - 1) * 4 + 2);
        let point = Filters::new(Order::OutFirst, 2, 2, []).unwrap();
        assert_eq!((point.taps(), point.centre(Centre::Upper), point.coordinates(0).count()), (1, 0, 0));
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        assert_eq!(Filters::new(Order::OutFirst, usize::MAX, 2, [1]), None);
        assert_eq!(Filters::new(Order::OutFirst, 1, 1, [usize::MAX, 2, 0]), None);
        let empty = Filters::new(Order::OutFirst, 4, 4, [0, 3]).unwrap();
        assert_eq!((empty.is_empty(), empty.centre(Centre::Lower), empty.position(7)), (true, 1, (0, 0, 0)));
        assert_eq!(empty.coordinates(1).count(), 2);
        let _ = empty.index(usize::MAX, usize::MAX, usize::MAX);
    }
}
