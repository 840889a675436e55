//! Data-dependent initialisation of weight normalisation.

use crate::{
    batch::{BatchError, check, is_constant, moments},
    layer::Layer,
    matrix::Matrix,
    network::Network,
};

/// Divides each unit's weights and sets its bias so that, before φ, it has mean 0 and variance 1
/// over a batch. Layers are normalised in order, each fed with the output of those before it.
///
/// For a unit of weights v with sums of mean μ and standard deviation σ, w = v / σ and b = −μ / σ.
/// This is the data-dependent initialisation of weight normalisation, where w = g·v / ‖v‖ (T.
/// Salimans and D. P. Kingma 2016, arXiv:1602.07868, section 3; they draw v from N(0, 0.05²)): g is
/// then the norm of the row. It is also the within-layer initialisation of P. Krähenbühl, C.
/// Doersch, J. Donahue and T. Darrell 2016 (arXiv:1511.06856). The network's previous biases have
/// no effect. After an error the network is unchanged.
///
/// # Errors
///
/// Returns [`BatchError`] for a batch that does not fit, and a unit whose output is constant or not
/// finite.
///
/// ```
/// use init_core::Activation;
/// use init_data::{Matrix, Network, weight_norm};
/// use init_kernels::Stream;
///
/// let batch = Matrix::new(100, 8, (0..800).map(|i| (i as f32 * 0.7).sin() + 3.0).collect())?;
/// let init = "normal(0, 0.05)".parse()?;
/// let mut network = Network::drawn(&[8, 16, 4], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// weight_norm(&mut network, &batch)?;
/// let sums = &network.forward(&batch).sums[1];
/// assert!(sums.column_sums().iter().all(|sum| (sum / 100.0).abs() < 1e-5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn weight_norm(network: &mut Network, batch: &Matrix) -> Result<(), BatchError> {
    check(network, batch)?;
    let mut layers = network.layers.clone();
    let mut input = batch.clone();
    for (index, layer) in layers.iter_mut().enumerate() {
        normalise(layer, &input, index)?;
        input = layer.activate(&layer.sums(&input));
    }
    network.layers = layers;
    Ok(())
}

/// Normalises one layer, number `index` of its network, from 0.
pub(crate) fn normalise(layer: &mut Layer, input: &Matrix, index: usize) -> Result<(), BatchError> {
    layer.bias.fill(0.0);
    let sums = layer.sums(input);
    for unit in 0..layer.bias.len() {
        let (mean, variance) = moments(sums.values().iter().skip(unit).step_by(sums.columns()).copied());
        if !variance.is_finite() {
            return Err(BatchError::NotFinite { layer: index + 1 });
        }
        if is_constant(mean, variance) {
            return Err(BatchError::ConstantUnit { layer: index + 1, unit: unit + 1 });
        }
        let std = variance.sqrt();
        for weight in layer.weight.row_mut(unit) {
            *weight = (f64::from(*weight) / std) as f32;
        }
        layer.bias[unit] = (-mean / std) as f32;
    }
    Ok(())
}
