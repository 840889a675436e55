//! Sources of dense layers, which need not all be in memory at once.

use std::borrow::Cow;

use init_core::{Activation, Initializer, Layout, ResolveError, Resolved, Shape, Structured};
use init_kernels::{FillError, Stream, fill};

use crate::{layer::Layer, matrix::Matrix};

/// A source of consecutive dense layers, which need not all be in memory: a drawn layer can be
/// drawn again.
pub trait LayerSource {
    /// Returns the sizes of the input, then of each layer's output.
    fn sizes(&self) -> Vec<usize>;

    /// Returns layer `index`, from 0. Each call gives the same values.
    ///
    /// # Errors
    ///
    /// Returns [`NetworkError`] if the values cannot be filled.
    ///
    /// # Panics
    ///
    /// Panics if there is no such layer.
    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError>;

    /// Returns the moments of the distributions that layer `index` was drawn from; `None` if
    /// mean-field theory does not cover them.
    fn moments(&self, index: usize) -> Option<LayerMoments>;
}

/// The moments of a layer's weights and biases, which are all that mean-field theory needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerMoments {
    /// E\[w²\] of a weight.
    pub weight_square: f64,
    /// The mean of the biases.
    pub bias_mean: f64,
    /// The variance of the biases.
    pub bias_variance: f64,
    /// φ.
    pub activation: Activation,
    /// The negative slope of `leaky_relu`, which the other activations ignore.
    pub slope: f64,
}

impl LayerMoments {
    /// Returns the moments of a layer with these weights and biases; without a bias, of biases of
    /// zero.
    ///
    /// Returns `None` where the theory has no answer: for weights that are neither independent
    /// draws of mean 0 nor orthogonal, and for biases that are not independent draws. An orthogonal
    /// matrix of gain g has E\[w²\] = g²·min(rows, columns) / (rows·columns); on a signal without a
    /// preferred direction it acts as independent weights of that variance do.
    #[must_use]
    pub fn of(weight: &Resolved, bias: Option<&Resolved>, activation: Activation, slope: f64) -> Option<Self> {
        let weight_square = match weight {
            Resolved::Distribution(distribution) => {
                let (mean, std) = (distribution.mean(), distribution.std());
                (mean.abs() <= 1e-9 * std).then_some(std * std)?
            }
            Resolved::Structured(Structured::Orthogonal { matrix, gain }) => {
                gain * gain / matrix.rows().max(matrix.cols()) as f64
            }
            _ => return None,
        };
        let (bias_mean, bias_variance) = match bias.map(Resolved::distribution) {
            None => (0.0, 0.0),
            Some(bias) => bias.map(|bias| (bias.mean(), bias.std().powi(2)))?,
        };
        Some(Self { weight_square, bias_mean, bias_variance, activation, slope })
    }
}

/// Layers drawn from one initializer, with biases of zero and the same activation after each.
///
/// ```
/// use init_core::Activation;
/// use init_data::{DrawnLayers, LayerSource, Network};
/// use init_kernels::Stream;
///
/// let init = "orthogonal".parse()?;
/// let drawn = DrawnLayers::new(&[3, 5, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// let network = Network::drawn(&[3, 5, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// assert_eq!(*drawn.layer(1)?, network.layers[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DrawnLayers {
    sizes: Vec<usize>,
    activation: Activation,
    slope: f64,
    weights: Vec<Resolved>,
    stream: Stream,
}

impl DrawnLayers {
    /// Creates layers of these sizes. Layer `index`, from 0 on, draws from
    /// `stream.child("layers.INDEX.weight")`.
    ///
    /// # Errors
    ///
    /// Returns [`NetworkError`] if there are fewer than two sizes, or a layer cannot have the
    /// initializer.
    pub fn new(
        sizes: &[usize],
        activation: Activation,
        slope: f64,
        initializer: &Initializer,
        stream: Stream,
    ) -> Result<Self, NetworkError> {
        if sizes.len() < 2 {
            return Err(NetworkError::Sizes { given: sizes.len() });
        }
        let weights = sizes.windows(2).enumerate().map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let layer = index + 1;
            let shape = Shape::new([outputs, inputs]).map_err(|_| NetworkError::Shape { layer, inputs, outputs })?;
            let resolved = initializer.resolve(&shape, &Layout::Torch);
            resolved.map_err(|source| NetworkError::Resolve { layer, source })
        });
        let weights = weights.collect::<Result<_, _>>()?;
        Ok(Self { sizes: sizes.to_vec(), activation, slope, weights, stream })
    }
}

impl LayerSource for DrawnLayers {
    fn sizes(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError> {
        let (inputs, outputs) = (self.sizes[index], self.sizes[index + 1]);
        let mut weight = Matrix::zeros(outputs, inputs);
        let stream = self.stream.child(&format!("layers.{index}.weight"));
        fill(weight.values_mut(), &self.weights[index], stream)?;
        let Self { activation, slope, .. } = *self;
        Ok(Cow::Owned(Layer { weight, bias: vec![0.0; outputs], activation, slope }))
    }

    fn moments(&self, index: usize) -> Option<LayerMoments> {
        LayerMoments::of(&self.weights[index], None, self.activation, self.slope)
    }
}

/// An error in the sizes, the initializer or the values of a network's layers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Fewer than two sizes.
    #[error("a network needs at least two sizes, those of its input and its output, got {given}")]
    Sizes {
        /// The number of sizes given.
        given: usize,
    },
    /// A layer without units, or with too many weights.
    #[error("the weight of layer {layer} would be {outputs} × {inputs}; sizes must be at least 1 and fit into memory")]
    Shape {
        /// The layer, from 1.
        layer: usize,
        /// Its inputs.
        inputs: usize,
        /// Its outputs.
        outputs: usize,
    },
    /// An initializer that is invalid for a layer's shape.
    #[error("layer {layer}: {source}")]
    Resolve {
        /// The layer, from 1.
        layer: usize,
        /// The reason.
        source: ResolveError,
    },
    /// Values that cannot be filled on this machine.
    #[error(transparent)]
    Fill(#[from] FillError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(init: &str, bias: Option<&str>) -> Option<LayerMoments> {
        let resolved = |init: &str, dims: &[usize]| {
            let init: Initializer = init.parse().unwrap();
            init.resolve(&Shape::new(dims.to_vec()).unwrap(), &Layout::Torch).unwrap()
        };
        let bias = bias.map(|bias| resolved(bias, &[20]));
        LayerMoments::of(&resolved(init, &[20, 50]), bias.as_ref(), Activation::Tanh, 0.0)
    }

    #[test]
    fn moments_match_the_second_moment_of_the_drawn_weights() {
        for init in ["xavier_uniform", "orthogonal(gain=2)", "truncated_normal(std=0.1)", "zeros"] {
            let drawn =
                DrawnLayers::new(&[50, 20], Activation::Tanh, 0.0, &init.parse().unwrap(), Stream::new(3)).unwrap();
            let layer = drawn.layer(0).unwrap();
            let values = layer.weight.values();
            let square = values.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / values.len() as f64;
            let expected = drawn.moments(0).unwrap().weight_square;
            // 1000 draws: a standard error of at most √2/√1000 of it.
            assert!((square - expected).abs() <= 0.15 * expected, "{init}: {square} {expected}");
        }
    }

    #[test]
    fn distributions_that_the_theory_does_not_cover_have_no_moments() {
        assert!(moments("xavier_normal", Some("normal(0.1, 0.2)")).is_some_and(|moments| moments.bias_mean == 0.1));
        for init in ["ones", "uniform(0, 1)", "eye", "sparse(sparsity=0.5)"] {
            assert_eq!(moments(init, None), None, "{init}");
        }
        assert_eq!(moments("xavier_normal", Some("gate_bias(gates=4, gate=1)")), None);
    }
}
