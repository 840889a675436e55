//! Data-dependent initialisation, on the handwritten digits.

use init_core::Activation;
use init_data::{
    BatchError, Data, FirstLayer, FirstLayerError, KMeans, KMeansError, Labels, Lsuv, LsuvError, Matrix, Network, Pca,
    PcaError, weight_norm,
};
use init_kernels::Stream;

fn digits() -> Data {
    Data::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/digits.csv.gz"), Labels::Last).unwrap()
}

fn drawn(sizes: &[usize], activation: Activation, init: &str) -> Network {
    Network::drawn(sizes, activation, 0.01, &init.parse().unwrap(), Stream::new(1)).unwrap()
}

fn variance(values: &[f32]) -> f64 {
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
    values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / values.len() as f64
}

/// Returns the values of each unit over the examples.
fn units(sums: &Matrix) -> Vec<Vec<f64>> {
    sums.transposed().each_row().map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn lsuv_reaches_unit_variance_in_every_layer() {
    let batch = digits().unit_scaled();
    for activation in [Activation::Relu, Activation::LeakyRelu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu]
    {
        let sizes = [64, 100, 100, 50, 50, 50, 120, 10];
        let (network, scaled) = Lsuv::default().drawn(&sizes, activation, 0.01, &batch, Stream::new(3)).unwrap();
        let pass = network.forward(&batch);
        assert_eq!(scaled.len(), 7);
        for (sums, scaled) in pass.sums.iter().zip(scaled) {
            let found = variance(sums.values());
            assert!((found - 1.0).abs() < 0.1, "{activation}: {found}");
            assert!((found - scaled.variance).abs() < 1e-6 && scaled.iterations <= 10, "{activation}: {scaled:?}");
        }
    }
}

/// Rows stay orthogonal and of equal length: only the length changes.
#[test]
fn lsuv_only_scales_orthonormal_weights() {
    let batch = digits().standardised();
    let (network, _) = Lsuv::default().drawn(&[64, 32, 32], Activation::Relu, 0.0, &batch, Stream::new(1)).unwrap();
    let before = drawn(&[64, 32, 32], Activation::Relu, "orthogonal");
    for (layer, before) in network.layers.iter().zip(&before.layers) {
        let factor = layer.weight.values()[0] / before.weight.values()[0];
        let pairs = layer.weight.values().iter().zip(before.weight.values());
        assert!(factor > 0.0 && pairs.into_iter().all(|(new, old)| (new - factor * old).abs() < 1e-6));
        let square = layer.weight.times_transposed(&layer.weight);
        for (i, row) in square.each_row().enumerate() {
            let expected = |j: usize| if i == j { factor * factor } else { 0.0 };
            assert!(row.iter().enumerate().all(|(j, &x)| (x - expected(j)).abs() < 1e-5 * factor * factor));
        }
    }
}

/// Biases are not divided, so one division is not enough; and if they alone vary too much, the
/// limit ends it.
#[test]
fn lsuv_repeats_while_biases_vary_and_stops_at_its_limit() {
    let batch = digits().unit_scaled();
    let biased = |size: f32| {
        let mut network = drawn(&[64, 40], Activation::Relu, "orthogonal");
        network.layers[0].bias = (0..40).map(|unit| size * ((unit * 7) as f32).sin()).collect();
        network
    };
    let lsuv = Lsuv { tolerance: 0.01, ..Lsuv::default() };
    let mut network = biased(0.8);
    let scaled = lsuv.scale(&mut network, &batch).unwrap()[0];
    assert!(scaled.iterations > 1 && (scaled.variance - 1.0).abs() < 0.01, "{scaled:?}");
    let scaled = lsuv.scale(&mut biased(5.0), &batch).unwrap()[0];
    assert!(scaled.iterations == 10 && scaled.variance > 2.0, "{scaled:?}");
}

#[test]
fn weight_norm_is_exact_to_rounding() {
    let batch = digits().unit_scaled();
    let mut network = drawn(&[64, 80, 60, 10], Activation::Tanh, "normal(0, 0.05)");
    let before = network.clone();
    weight_norm(&mut network, &batch).unwrap();
    for sums in network.forward(&batch).sums {
        for unit in units(&sums) {
            let mean = mean(&unit);
            let variance = unit.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / unit.len() as f64;
            assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
        }
    }
    // Rows keep their direction.
    for (row, old) in network.layers[1].weight.each_row().zip(before.layers[1].weight.each_row()) {
        let factor = row[0] / old[0];
        assert!(factor > 0.0 && row.iter().zip(old).all(|(new, old)| (new - factor * old).abs() < 1e-4 * factor));
    }
}

#[test]
fn principal_directions_are_orthonormal_ordered_and_reconstruct_the_covariance() {
    let examples = digits().unit_scaled();
    let pca = Pca::of(&examples).unwrap();
    // Three pixels are always 0.
    assert_eq!((pca.directions.len(), pca.rank()), (64, 61));
    assert!(pca.variances.is_sorted_by(|a, b| a >= b));
    for (i, a) in pca.directions.iter().enumerate() {
        for (j, b) in pca.directions.iter().enumerate() {
            let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j} {product}");
        }
    }
    let columns = units(&examples);
    for (i, j) in [(2, 2), (10, 10), (10, 11), (20, 43), (0, 5), (62, 3)] {
        let products: Vec<f64> = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).collect();
        let covariance = mean(&products) - mean(&columns[i]) * mean(&columns[j]);
        let found: f64 = pca.directions.iter().zip(&pca.variances).map(|(v, value)| v[i] * v[j] * value).sum();
        assert!((found - covariance).abs() < 1e-10, "{i} {j} {found} {covariance}");
    }
}

#[test]
fn a_first_layer_from_principal_components_is_white() {
    let batch = digits().unit_scaled();
    let mut network = drawn(&[64, 64, 10], Activation::Relu, "orthogonal");
    let before = network.clone();
    FirstLayer::Pca.set(&mut network, &batch, Stream::new(0)).unwrap();
    let units = units(&network.layers[0].sums(&batch));
    for (i, a) in units.iter().enumerate() {
        assert!(mean(a).abs() < 1e-4, "{i}");
        for (j, b) in units.iter().enumerate().take(61) {
            let products: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * b).collect();
            let expected = f64::from(u8::from(i == j));
            assert!(i >= 61 || (mean(&products) - expected).abs() < 1e-3, "{i} {j} {}", mean(&products));
        }
    }
    // Units beyond the rank keep their direction, with variance 1; later layers are unchanged.
    let (row, old) = (network.layers[0].weight.row(63), before.layers[0].weight.row(63));
    let factor = row[0] / old[0];
    assert!(row.iter().zip(old).all(|(new, old)| (new - factor * old).abs() < 1e-4));
    assert_eq!(network.layers[1], before.layers[1]);
}

#[test]
fn the_error_of_k_means_falls_and_its_directions_are_unit_vectors() {
    let examples = digits().standardised();
    for (count, seed) in [(1, 0), (10, 1), (64, 2), (300, 3)] {
        let found = KMeans::of(&examples, count, 12, Stream::new(seed)).unwrap();
        assert_eq!((found.directions.rows(), found.errors.len()), (count, 13));
        // One in a million is the rounding of directions to f32.
        assert!(found.errors.is_sorted_by(|a, b| *b <= a * (1.0 + 1e-6)), "{:?}", found.errors);
        assert!(found.errors[12] < 0.98 * found.errors[0], "{:?}", found.errors);
        for row in found.directions.each_row() {
            assert!((row.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert_eq!(found, KMeans::of(&examples, count, 12, Stream::new(seed)).unwrap());
    }
}

/// Examples along three known directions, of either sign, with a little noise: each is found.
#[test]
fn k_means_finds_known_directions() {
    let true_directions = [[0.6_f32, 0.8, 0.0], [0.0, 0.6, -0.8], [1.0, 0.0, 0.0]];
    let values = (0..600).flat_map(|i| {
        let size = 2.0 + (i as f32 * 0.9).sin();
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        let direction = true_directions[i % 3];
        (0..3).map(move |j| sign * size * direction[j] + 0.02 * ((i * 3 + j) as f32 * 1.7).sin())
    });
    let examples = Matrix::new(600, 3, values.collect()).unwrap();
    let found = KMeans::of(&examples, 3, 10, Stream::new(5)).unwrap();
    for direction in true_directions {
        let along = |row: &[f32]| row.iter().zip(&direction).map(|(a, b)| a * b).sum::<f32>().abs();
        assert!(found.directions.each_row().any(|row| along(row) > 0.999), "{direction:?}");
    }
}

#[test]
fn a_first_layer_from_k_means_has_unit_variance_in_each_unit() {
    let batch = digits().unit_scaled();
    let mut network = drawn(&[64, 100, 10], Activation::Relu, "orthogonal");
    FirstLayer::KMeans.set(&mut network, &batch, Stream::new(0)).unwrap();
    for unit in units(&network.layers[0].sums(&batch)) {
        let mean = mean(&unit);
        let variance = unit.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / unit.len() as f64;
        assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
    }
}

#[test]
fn batches_that_cannot_scale_a_layer_are_refused_and_leave_the_network_unchanged() {
    let batch = digits().unit_scaled();
    let lsuv = Lsuv::default();
    let before = drawn(&[64, 20, 20, 10], Activation::Relu, "kaiming_normal");
    let spoilt = |change: fn(&mut Network)| {
        let mut network = before.clone();
        change(&mut network);
        network
    };
    let dead = spoilt(|network| network.layers[1].bias.fill(-1e6));
    let zero_row = spoilt(|network| network.layers[1].weight.row_mut(4).fill(0.0));
    let infinite = spoilt(|network| network.layers[2].weight.values_mut()[3] = f32::INFINITY);
    let constant = Matrix::new(50, 64, vec![0.5; 3200]).unwrap();

    let scale = |network: &Network, batch: &Matrix| {
        let mut copy = network.clone();
        let error = lsuv.scale(&mut copy, batch).unwrap_err();
        // By text, since NaN does not equal itself.
        assert_eq!(format!("{copy:?}"), format!("{network:?}"));
        error
    };
    assert_eq!(scale(&dead, &batch), LsuvError::Batch(BatchError::Constant { layer: 3 }));
    assert_eq!(scale(&infinite, &batch), LsuvError::Batch(BatchError::NotFinite { layer: 3 }));
    assert!(scale(&dead, &batch).to_string().contains("layer 3"), "{}", scale(&dead, &batch));
    let few = Matrix::new(1, 64, vec![0.5; 64]).unwrap();
    assert_eq!(scale(&before, &few), LsuvError::Batch(BatchError::Few { rows: 1 }));
    let narrow = Matrix::zeros(5, 3);
    assert_eq!(scale(&before, &narrow), LsuvError::Batch(BatchError::Columns { columns: 3, inputs: 64 }));
    for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = Lsuv { tolerance, ..lsuv }.scale(&mut before.clone(), &batch).unwrap_err();
        assert!(matches!(error, LsuvError::Tolerance { .. }));
    }

    let norm = |network: &Network, batch: &Matrix| weight_norm(&mut network.clone(), batch).unwrap_err();
    assert_eq!(norm(&zero_row, &batch), BatchError::ConstantUnit { layer: 2, unit: 5 });
    assert_eq!(norm(&infinite, &batch), BatchError::NotFinite { layer: 3 });
    assert_eq!(norm(&before, &constant), BatchError::ConstantUnit { layer: 1, unit: 1 });

    let set = |how: FirstLayer, batch: &Matrix| how.set(&mut before.clone(), batch, Stream::new(0)).unwrap_err();
    assert_eq!(set(FirstLayer::Pca, &constant), FirstLayerError::Pca(PcaError::Constant));
    let line = Matrix::new(30, 64, (0..1920).map(|i| (i / 64) as f32).collect()).unwrap();
    let error = FirstLayerError::KMeans(KMeansError::Few { count: 20, different: 1 });
    assert_eq!(set(FirstLayer::KMeans, &line), error);
    let nan = Matrix::new(2, 2, vec![0.0, f32::NAN, 1.0, 2.0]).unwrap();
    assert_eq!(Pca::of(&nan), Err(PcaError::NotFinite));
    assert_eq!(KMeans::of(&nan, 1, 1, Stream::new(0)), Err(KMeansError::NotFinite));
}
