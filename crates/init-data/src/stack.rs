//! Layers one after the other, each made when it is needed.

use std::borrow::Cow;

use init_core::{Activation, Initializer, Layout, Resolved, Shape, Structured};
use init_kernels::{Stream, fill};

use crate::{Layer, Matrix, Network, NetworkError};

/// Dense layers one after the other, of which not all need be in memory: a drawn layer can be drawn again.
pub trait Stack {
    /// The sizes: of the input, then of each layer's output.
    fn sizes(&self) -> Vec<usize>;

    /// Layer `index`, from 0: the same values whenever it is asked for.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] if its values cannot be made.
    ///
    /// # Panics
    ///
    /// If there is no such layer.
    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError>;

    /// From which law layer `index` was drawn, where mean-field theory has something to say about it.
    fn law(&self, index: usize) -> Option<LayerLaw>;
}

/// What mean-field theory needs to know of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerLaw {
    /// E\[w²\] of a weight.
    pub weight_square: f64,
    /// The mean of the biases.
    pub bias_mean: f64,
    /// The variance of the biases.
    pub bias_variance: f64,
    /// φ.
    pub activation: Activation,
    /// The negative slope of `leaky_relu`, which the others ignore.
    pub slope: f64,
}

impl LayerLaw {
    /// The law of a layer with such weights, and biases of zero where none are given.
    ///
    /// `None` where the theory has no answer: weights that are neither independent draws of mean 0 nor orthogonal, and
    /// biases that are no independent draws. An orthogonal matrix of gain g has E\[w²\] = g²·min(rows, columns) / (rows·columns), and
    /// to a signal without direction it does what independent weights of that variance do.
    #[must_use]
    pub fn of(weight: &Resolved, bias: Option<&Resolved>, activation: Activation, slope: f64) -> Option<Self> {
        let weight_square = match weight {
            Resolved::Distribution(law) => {
                let (mean, std) = (law.mean(), law.std());
                (mean.abs() <= 1e-9 * std).then_some(std * std)?
            }
            Resolved::Structured(Structured::Orthogonal { matrix, gain }) => {
                gain * gain / matrix.rows().max(matrix.cols()) as f64
            }
            _ => return None,
        };
        let (bias_mean, bias_variance) = match bias.map(Resolved::distribution) {
            None => (0.0, 0.0),
            Some(law) => law.map(|law| (law.mean(), law.std().powi(2)))?,
        };
        Some(Self { weight_square, bias_mean, bias_variance, activation, slope })
    }
}

impl Stack for Network {
    fn sizes(&self) -> Vec<usize> {
        self.sizes()
    }

    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError> {
        Ok(Cow::Borrowed(&self.layers[index]))
    }

    /// None: where the weights came from is not known.
    fn law(&self, _: usize) -> Option<LayerLaw> {
        None
    }
}

/// Layers of one initializer, with biases of zero and one activation after each.
///
/// ```
/// use init_core::Activation;
/// use init_data::{Drawn, Network, Stack};
/// use init_kernels::Stream;
///
/// let init = "orthogonal".parse()?;
/// let drawn = Drawn::new(&[3, 5, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// let network = Network::drawn(&[3, 5, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// assert_eq!(*drawn.layer(1)?, network.layers[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Drawn {
    sizes: Vec<usize>,
    activation: Activation,
    slope: f64,
    weights: Vec<Resolved>,
    stream: Stream,
}

impl Drawn {
    /// Layers of these sizes. Layer `index`, from 0 on, draws from `stream.child("layers.INDEX.weight")`.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] if there are fewer than two sizes, or a layer cannot have the initializer.
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

impl Stack for Drawn {
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

    fn law(&self, index: usize) -> Option<LayerLaw> {
        LayerLaw::of(&self.weights[index], None, self.activation, self.slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(init: &str, bias: Option<&str>) -> Option<LayerLaw> {
        let resolved = |init: &str, dims: &[usize]| {
            let init: Initializer = init.parse().unwrap();
            init.resolve(&Shape::new(dims.to_vec()).unwrap(), &Layout::Torch).unwrap()
        };
        let bias = bias.map(|bias| resolved(bias, &[20]));
        LayerLaw::of(&resolved(init, &[20, 50]), bias.as_ref(), Activation::Tanh, 0.0)
    }

    #[test]
    fn laws_have_the_second_moment_of_what_is_drawn() {
        for init in ["xavier_uniform", "orthogonal(gain=2)", "truncated_normal(std=0.1)", "zeros"] {
            let drawn = Drawn::new(&[50, 20], Activation::Tanh, 0.0, &init.parse().unwrap(), Stream::new(3)).unwrap();
            let layer = drawn.layer(0).unwrap();
            let values = layer.weight.values();
            let square = values.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / values.len() as f64;
            let expected = drawn.law(0).unwrap().weight_square;
            // 1000 draws: a standard error of at most √2/√1000 of it.
            assert!((square - expected).abs() <= 0.15 * expected, "{init}: {square} {expected}");
        }
    }

    #[test]
    fn what_the_theory_does_not_cover_has_no_law() {
        assert!(law("xavier_normal", Some("normal(0.1, 0.2)")).is_some_and(|law| law.bias_mean == 0.1));
        for init in ["ones", "uniform(0, 1)", "eye", "sparse(sparsity=0.5)"] {
            assert_eq!(law(init, None), None, "{init}");
        }
        assert_eq!(law("xavier_normal", Some("gate_bias(gates=4, gate=1)")), None);
    }
}
