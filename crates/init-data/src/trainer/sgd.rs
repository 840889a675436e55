//! Stochastic gradient descent with momentum.

use crate::{
    matrix::Matrix,
    network::{Gradients, Network},
};

/// Stochastic gradient descent with momentum: v ← μ·v − η·g, θ ← θ + v (B. T. Polyak 1964, as in
/// Rumelhart, Hinton and Williams 1986).
///
/// ```
/// use init_core::Activation;
/// use init_data::{Matrix, Network, trainer::Sgd};
/// use init_kernels::Stream;
///
/// let mut network = Network::drawn(&[1, 1], Activation::Linear, 0.0, &"ones".parse()?, Stream::new(0))?;
/// let mut sgd = Sgd::new(&network, 0.5, 0.9);
/// let pass = network.forward(&Matrix::new(1, 1, vec![2.0])?);
/// let gradients = network.backward(&pass, Matrix::new(1, 1, vec![1.0])?);
/// sgd.step(&mut network, &gradients); // v = −0.5·2
/// assert_eq!(network.layers[0].weight.values(), [0.0]);
/// sgd.step(&mut network, &gradients); // v = 0.9·(−1) − 0.5·2
/// assert_eq!(network.layers[0].weight.values(), [-1.9]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sgd {
    learning_rate: f32,
    momentum: f32,
    /// v of each layer's weight and bias.
    velocities: Vec<(Matrix, Vec<f32>)>,
}

impl Sgd {
    /// Creates the optimizer for a network, with η, μ and velocities of 0.
    #[must_use]
    pub fn new(network: &Network, learning_rate: f64, momentum: f64) -> Self {
        let still = |(weight, bias): (&Matrix, &Vec<f32>)| {
            (Matrix::zeros(weight.rows(), weight.columns()), vec![0.0; bias.len()])
        };
        let velocities = network.layers.iter().map(|layer| still((&layer.weight, &layer.bias))).collect();
        Self { learning_rate: learning_rate as f32, momentum: momentum as f32, velocities }
    }

    /// Takes one step against the gradients.
    ///
    /// # Panics
    ///
    /// Panics if the network or the gradients have other layers than the network that this was
    /// created for.
    pub fn step(&mut self, network: &mut Network, gradients: &Gradients) {
        assert_eq!(network.layers.len(), self.velocities.len(), "the layers of the network that this was created for");
        assert_eq!(gradients.layers.len(), self.velocities.len(), "gradients of each layer");
        for ((layer, velocity), gradient) in network.layers.iter_mut().zip(&mut self.velocities).zip(&gradients.layers)
        {
            let (momentum, rate) = (self.momentum, self.learning_rate);
            let pull = |values: &mut [f32], velocities: &mut [f32], gradients: &[f32]| {
                assert!(values.len() == velocities.len() && values.len() == gradients.len(), "gradients of this shape");
                for ((value, velocity), gradient) in values.iter_mut().zip(velocities).zip(gradients) {
                    *velocity = momentum * *velocity - rate * gradient;
                    *value += *velocity;
                }
            };
            pull(layer.weight.values_mut(), velocity.0.values_mut(), gradient.0.values());
            pull(&mut layer.bias, &mut velocity.1, &gradient.1);
        }
    }
}
