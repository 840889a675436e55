//! First layers whose units point along directions of the data.

use init_kernels::Stream;

use crate::{
    batch::{BatchError, check},
    kmeans::{KMeans, KMeansError},
    matrix::Matrix,
    network::Network,
    pca::{Pca, PcaError},
    weight_norm::normalise,
};

/// A way to take the units of a first layer from examples (P. Krähenbühl, C. Doersch, J. Donahue
/// and T. Darrell 2016, arXiv:1511.06856).
///
/// Each unit has mean 0 and variance 1 over the examples, before φ, by its weights and bias.
///
/// ```
/// use init_core::Activation;
/// use init_data::{FirstLayer, Matrix, Network};
/// use init_kernels::Stream;
///
/// let examples = Matrix::new(50, 4, (0..200).map(|i| ((i * i) as f32 * 0.7).sin()).collect())?;
/// let init = "kaiming_normal".parse()?;
/// let mut network = Network::drawn(&[4, 3, 2], Activation::Relu, 0.0, &init, Stream::new(42))?;
/// FirstLayer::Pca.set(&mut network, &examples, Stream::new(42).child("first"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLayer {
    /// The principal components, the largest first: the units are uncorrelated as well, so they are
    /// white. Units beyond the [rank](Pca::rank) keep their weights and are scaled as the others
    /// are.
    Pca,
    /// The directions that [`KMeans::ROUNDS`] rounds of [spherical k-means](KMeans) find in
    /// whitened examples. Whitening divides by √(λ + ε), as Coates and Ng do, so that directions
    /// without variance do not become noise; ε is a tenth of the mean variance λ.
    KMeans,
}

/// The ridge of whitening before k-means, in mean variances.
const RIDGE: f64 = 0.1;

impl FirstLayer {
    /// Sets the weights and biases of the first layer. Only k-means draws from the stream. After an
    /// error the network is unchanged.
    ///
    /// # Errors
    ///
    /// Returns [`FirstLayerError`] for examples that do not fit, are too few, are all the same, or
    /// have fewer directions than k-means is to find.
    pub fn set(self, network: &mut Network, examples: &Matrix, stream: Stream) -> Result<(), FirstLayerError> {
        check(network, examples)?;
        let Some(first) = network.layers.first_mut() else { return Ok(()) };
        let mut layer = first.clone();
        let pca = Pca::of(examples)?;
        let rows = match self {
            Self::Pca => pca.whitening(0.0),
            Self::KMeans => {
                let mean_variance = pca.variances.iter().sum::<f64>() / pca.variances.len() as f64;
                let whitening = pca.whitening(RIDGE * mean_variance);
                let white = pca.centred(examples).times_transposed(&whitening);
                KMeans::of(&white, layer.weight.rows(), KMeans::ROUNDS, stream)?.directions.times(&whitening)
            }
        };
        for (unit, row) in (0..layer.weight.rows()).zip(rows.each_row()) {
            layer.weight.row_mut(unit).copy_from_slice(row);
        }
        normalise(&mut layer, examples, 0)?;
        *first = layer;
        Ok(())
    }
}

/// An error in the examples that a first layer is to be taken from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FirstLayerError {
    /// Examples that do not fit the network.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Examples without principal components.
    #[error(transparent)]
    Pca(#[from] PcaError),
    /// Examples with too few directions.
    #[error(transparent)]
    KMeans(#[from] KMeansError),
}
