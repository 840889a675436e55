//! Published results on signals in deep networks, reproduced.

use init_core::{Activation, Distribution, Initializer};
use init_data::{
    DrawnLayers, Matrix, Network,
    trace::{Fate, Trace},
};
use init_kernels::{Progress, Stream, fill};

fn normal(rows: usize, columns: usize, name: &str) -> Matrix {
    let mut matrix = Matrix::zeros(rows, columns);
    let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
    fill(matrix.values_mut(), &normal, Stream::new(1).child(name)).unwrap();
    matrix
}

fn initializer(text: &str) -> Initializer {
    text.parse().unwrap()
}

/// Traces inputs and output gradients from N(0, 1).
fn trace(depth: usize, width: usize, activation: Activation, init: &str, seed: u64) -> Trace {
    let sizes = vec![width; depth + 1];
    let stack = DrawnLayers::new(&sizes, activation, 0.0, &initializer(init), Stream::new(seed)).unwrap();
    Trace::measure(&stack, normal(200, width, "x"), normal(200, width, "g"), Progress::none()).unwrap()
}

/// ±1/√fan_in, as PyTorch writes it.
const STANDARD: &str = "kaiming_uniform(a=2.23606797749979)";

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{found} instead of {expected}");
}

/// Glorot and Bengio 2010: with weights uniform on ±1/√n the gradient falls layer by layer, and
/// their own initialization preserves it. One net of 1000 units is within about 1 % of the mean of
/// all: 2 % are allowed.
#[test]
fn glorots_gradients_of_five_tanh_layers_of_1000_units() {
    for (init, last, first) in [(STANDARD, 0.575, 0.048), ("xavier_uniform", 0.906, 0.373)] {
        let layers = trace(5, 1000, Activation::Tanh, init, 0).layers;
        near(layers[4].backward.std, last, 0.02);
        near(layers[0].backward.std, first, 0.02);
        for layer in &layers {
            near(layer.forward.std, layer.predicted.forward_std, 0.02);
            near(layer.backward.std, layer.predicted.backward_std, 0.02);
        }
    }
}

/// He et al. 2015: each rectifier layer halves the variance with Xavier's weights, and divides it
/// by 6 with PyTorch's.
///
/// After 30 layers of 512 units the logarithm of the norm has a standard deviation of ½·√(5·30/512)
/// = 0.27 between nets (Hanin and Nica 2020), and its mean is lower by half of that square, 0.07:
/// the geometric mean of four nets is within three standard errors, a factor of 1.6.
#[test]
fn thirty_rectifier_layers_preserve_or_lose_the_signal() {
    for (init, expected) in
        [("xavier_normal", 2f64.powi(-15)), ("kaiming_normal(nonlinearity=relu)", 1.0), (STANDARD, 6f64.powi(-15))]
    {
        let rms = |seed| {
            let trace = trace(30, 512, Activation::Relu, init, seed);
            let output = &trace.layers[29].forward;
            assert_eq!(trace.forward.fate, if expected == 1.0 { Fate::Steady } else { Fate::Vanishes });
            output.mean.hypot(output.std)
        };
        let mean = (0..4).map(|seed| rms(seed).ln()).sum::<f64>() / 4.0;
        assert!((mean - expected.ln()).abs() < 1.6f64.ln(), "{init}: {} instead of {expected}", mean.exp());
    }
}

/// Saxe et al. 2014: products of orthogonal matrices are orthogonal.
#[test]
fn two_hundred_orthogonal_linear_layers_preserve_every_signal() {
    let trace = trace(200, 64, Activation::Linear, "orthogonal", 0);
    let (first, last) = (&trace.layers[0], &trace.layers[199]);
    for layer in &trace.layers {
        assert!((0.99..1.01).contains(&(layer.forward.std / first.forward.std)));
        assert!((0.99..1.01).contains(&(layer.backward.std / last.backward.std)));
        assert!((0.99..1.01).contains(&layer.forward.std) && (0.99..1.01).contains(&layer.backward.std));
    }
    assert_eq!((trace.forward.fate, trace.backward.fate), (Fate::Steady, Fate::Steady));
}

/// Hanin and Nica 2020 (arXiv:1812.05994), theorem 1: the logarithm of the squared norm has the
/// variance 5·Σ 1/n_l + O(Σ 1/n_l²).
///
/// For each of L layers of n units the factor on the squared norm is χ²_K · 2/n, K from Binomial(n,
/// ½), independent of earlier layers. So the variance is exactly L·(E ψ′(K/2) + Var ψ(K/2)), which
/// for n = 64 is L·0.082997350556447586: 6 % more than 5/n. The variance of 6000 nets is within
/// four standard errors, 4·√(2/6000) = 7.3 %, of that, and within 14 % of 5·L/n.
#[test]
fn the_norm_of_rectifier_nets_spreads_as_hanin_and_nica_say() {
    const NETS: u64 = 6000;
    let he = initializer("kaiming_normal(nonlinearity=relu)");
    let x = normal(1, 64, "x");
    let logs = (0..NETS).map(|seed| {
        let network = Network::drawn(&[64; 11], Activation::Relu, 0.0, &he, Stream::new(seed)).unwrap();
        network.forward(&x).output().values().iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().ln()
    });
    let logs: Vec<f64> = logs.collect();
    let mean = logs.iter().sum::<f64>() / NETS as f64;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (NETS - 1) as f64;
    near(variance, 10.0 * 0.082_997_350_556_447_586, 0.073);
    near(variance, 5.0 * 10.0 / 64.0, 0.14);
}

/// The recursions of Poole et al. 2016 and Schoenholz et al. 2017, for finite width. A layer of 400
/// units differs by about 2 %: 8 % are allowed after five layers.
#[test]
fn mean_field_theory_predicts_every_activation() {
    for activation in Activation::ALL.into_iter().filter(|&activation| activation != Activation::ReluSquared) {
        for init in ["lecun_normal", "kaiming_uniform", "orthogonal(gain=1.2)", "truncated_normal(std=0.06)"] {
            let trace = trace(5, 400, activation, init, 3);
            for layer in &trace.layers {
                near(layer.forward.std, layer.predicted.forward_std, 0.08);
                near(layer.backward.std, layer.predicted.backward_std, 0.08);
            }
        }
    }
}
