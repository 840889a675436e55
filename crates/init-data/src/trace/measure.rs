//! The trace itself: a batch forward through a stack, and a gradient back.

use std::{borrow::Cow, collections::VecDeque};

use init_core::Activation;
use init_kernels::Progress;

use super::{
    error::TraceError,
    outlook::Outlook,
    prediction::{Predicted, Prediction},
    scaled::Scaled,
    signal::Signal,
};
use crate::{
    layer::Layer,
    layer_source::{LayerSource, NetworkError},
    matrix::Matrix,
};

/// The activations of a stack for a batch, and the gradients that return from its output, layer by
/// layer.
///
/// Signals are computed in f32, scaled by a power of two where they leave its range, so that those
/// too small or too large for f32 are measured as well.
///
/// ```
/// use init_core::{Activation, Distribution};
/// use init_data::{DrawnLayers, Matrix, trace::{Fate, Trace}};
/// use init_kernels::{Progress, Stream, fill};
///
/// let normal = |name: &str| {
///     let mut values = Matrix::zeros(64, 100);
///     fill(values.values_mut(), &Distribution::Normal { mean: 0.0, std: 1.0 }, Stream::new(1).child(name))?;
///     Ok::<_, init_kernels::FillError>(values)
/// };
/// let init = "xavier_normal".parse()?; // too small for rectifiers: each halves the variance
/// let stack = DrawnLayers::new(&[100; 9], Activation::Relu, 0.0, &init, Stream::new(0))?;
/// let trace = Trace::measure(&stack, normal("input")?, normal("gradient")?, Progress::none())?;
///
/// let factor = trace.layers[7].forward.std / trace.layers[0].forward.std;
/// assert!((factor.log2() - -3.5).abs() < 0.5);
/// assert!((trace.layers[3].saturated - 0.5).abs() < 0.1); // half of the rectifiers give 0
/// assert_eq!(trace.forward.fate, Fate::Vanishes);
/// assert!((18..=24).contains(&trace.forward.depth.unwrap())); // 2^-10 after about 20 layers
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The layers, from the input on.
    pub layers: Vec<LayerTrace>,
    /// How the activations develop with depth.
    pub forward: Outlook,
    /// How the gradients develop with depth.
    pub backward: Outlook,
}

/// The signals at one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTrace {
    /// The layer's output: φ(x·Wᵀ + b).
    pub forward: Signal,
    /// The gradient with respect to the layer's input, x.
    pub backward: Signal,
    /// The fraction of units, over all examples, where φ is flat: where its slope is at most 1 % of
    /// the maximum. For tanh these are outputs beyond ±0.995, for sigmoid outputs below 0.0025 or
    /// above 0.9975, for a rectifier outputs of exactly 0; `linear` is never flat.
    pub saturated: f64,
    /// The prediction of mean-field theory.
    pub predicted: Predicted,
}

/// Maximum bytes of weights kept from the forward pass for the backward pass; earlier layers are
/// drawn again.
const KEPT_BYTES: usize = 512 << 20;

impl Trace {
    /// Sends a batch forward through a stack, one row per example, and a gradient back from its
    /// output. The units of progress are layers, forward and backward: twice the depth in all.
    ///
    /// This takes 4·rows operations per weight, and the [memory](Self::bytes) of each layer's sums,
    /// of up to half a GiB of weights, and of one layer.
    ///
    /// # Errors
    ///
    /// Returns [`TraceError`] if batch or gradient do not fit the stack, memory is short, a layer
    /// cannot be filled, or `progress` cancels.
    pub fn measure(
        stack: &(impl LayerSource + ?Sized),
        batch: Matrix,
        gradient: Matrix,
        progress: Progress<'_>,
    ) -> Result<Self, TraceError> {
        Self::measure_keeping(stack, batch, gradient, KEPT_BYTES, progress)
    }

    fn measure_keeping(
        stack: &(impl LayerSource + ?Sized),
        batch: Matrix,
        gradient: Matrix,
        kept: usize,
        progress: Progress<'_>,
    ) -> Result<Self, TraceError> {
        let sizes = stack.sizes();
        let given = (batch.columns(), gradient.rows(), gradient.columns());
        let [first, .., last] = sizes[..] else { return Err(NetworkError::Sizes { given: sizes.len() }.into()) };
        if given != (first, batch.rows(), last) || batch.rows() == 0 {
            let (rows, gradient) = (batch.rows(), [gradient.rows(), gradient.columns()]);
            return Err(TraceError::Shape { rows, columns: given.0, gradient, inputs: first, outputs: last });
        }
        Self::fits(&sizes, batch.rows())?;

        let input = Scaled::unscaled(batch);
        let start = Signal::of(&input);
        let prediction = Prediction::new(stack, &sizes, start.square());
        let (forward, passed) = pass_forward(stack, input, kept, progress)?;
        let output = Scaled::unscaled(gradient);
        let end = Signal::of(&output);
        let backward = pass_back(stack, passed, output, progress)?;

        let along: Vec<_> = forward.iter().map(|signal| signal.std).collect();
        let back: Vec<_> = backward.iter().rev().map(|(signal, _)| signal.std).collect();
        let layers = forward.into_iter().zip(backward).zip(prediction.layers(end.std));
        Ok(Self {
            layers: layers
                .map(|((forward, (backward, saturated)), predicted)| LayerTrace {
                    forward,
                    backward,
                    saturated,
                    predicted,
                })
                .collect(),
            forward: Outlook::new(start.std, &along, prediction.ahead(|before, step| step.std / before.std).as_deref()),
            backward: Outlook::new(end.std, &back, prediction.ahead(|_, step| step.factor).as_deref()),
        })
    }

    /// Checks that there is memory for a stack of these sizes with a batch of that many rows.
    ///
    /// # Errors
    ///
    /// Returns [`TraceError::Memory`] if there is not.
    pub fn fits(sizes: &[usize], rows: usize) -> Result<(), TraceError> {
        let bytes = Self::bytes(sizes, rows);
        let fits = bytes.is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        if fits { Ok(()) } else { Err(TraceError::Memory { gib: bytes.map(|bytes| bytes.div_ceil(1 << 30)) }) }
    }

    /// Returns about how much memory, in bytes, a trace of these sizes takes with a batch of that
    /// many rows; `None` if that overflows.
    #[must_use]
    pub fn bytes(sizes: &[usize], rows: usize) -> Option<usize> {
        let product = |a: usize, b: usize| a.checked_mul(b)?.checked_mul(size_of::<f32>());
        let weights = sizes.windows(2).map(|pair| product(pair[0], pair[1]));
        let weights = weights.collect::<Option<Vec<_>>>()?;
        let kept = weights.iter().try_fold(0usize, |sum, &bytes| sum.checked_add(bytes))?.min(KEPT_BYTES);
        let sums = sizes.iter().try_fold(0usize, |sum, &size| sum.checked_add(product(rows, size)?))?;
        // An orthogonal matrix is computed in f64, with scratch of the same size.
        let making = weights.iter().max()?.checked_mul(4)?;
        let flowing = product(rows, *sizes.iter().max()?)?.checked_mul(3)?;
        [kept, making, flowing].into_iter().try_fold(sums, usize::checked_add)
    }
}

/// The results of the forward pass that the backward pass needs.
struct Passed<'a> {
    sums: Vec<Scaled>,
    /// The last layers, up to the limit of memory.
    kept: VecDeque<Cow<'a, Layer>>,
}

fn pass_forward<'a>(
    stack: &'a (impl LayerSource + ?Sized),
    input: Scaled,
    kept: usize,
    progress: Progress<'_>,
) -> Result<(Vec<Signal>, Passed<'a>), TraceError> {
    let depth = stack.sizes().len() - 1;
    let mut passed = Passed { sums: Vec::with_capacity(depth), kept: VecDeque::new() };
    let mut signals = Vec::with_capacity(depth);
    let mut flowing = input;
    let mut kept_bytes = 0;
    for index in 0..depth {
        let layer = stack.layer(index)?;
        let sums = flowing.sums(&layer);
        flowing = sums.activated(&layer);
        signals.push(Signal::of(&flowing));
        passed.sums.push(sums);
        kept_bytes += bytes_of(&layer);
        passed.kept.push_back(layer);
        while kept_bytes > kept {
            kept_bytes -= passed.kept.pop_front().map_or(0, |layer| bytes_of(&layer));
        }
        progress.advance(1)?;
    }
    Ok((signals, passed))
}

/// Returns the gradients and the fractions of saturated units, from the first layer on.
fn pass_back(
    stack: &(impl LayerSource + ?Sized),
    mut passed: Passed<'_>,
    output: Scaled,
    progress: Progress<'_>,
) -> Result<Vec<(Signal, f64)>, TraceError> {
    let mut signals = Vec::with_capacity(passed.sums.len());
    let mut flowing = output;
    for index in (0..passed.sums.len()).rev() {
        let layer = passed.kept.pop_back().map_or_else(|| stack.layer(index), Ok)?;
        let sums = passed.sums.pop().expect("sums of every layer");
        let (rows, columns) = (sums.matrix.rows(), sums.matrix.columns());
        let flat = flat(layer.activation, layer.slope);
        let gradients = flowing.matrix.values();
        let (mut scaled, saturated) = Scaled::of(rows, columns, |index| {
            let sum = sums.at(index);
            let slope = if sum.is_nan() { sum } else { layer.activation.derivative(sum, layer.slope) };
            (f64::from(gradients[index]) * slope, slope.abs() <= flat)
        });
        scaled.exponent = scaled.exponent.saturating_add(flowing.exponent);
        flowing = Scaled { matrix: scaled.matrix.times(&layer.weight), exponent: scaled.exponent };
        signals.push((Signal::of(&flowing), saturated as f64 / (rows * columns) as f64));
        progress.advance(1)?;
    }
    signals.reverse();
    Ok(signals)
}

/// Returns the slope up to which an activation counts as flat: 1 % of its maximum.
fn flat(activation: Activation, slope: f64) -> f64 {
    let steepest = match activation {
        // Its slope has no maximum: it is flat where it is 0.
        Activation::ReluSquared => 0.0,
        Activation::LeakyRelu => slope.abs().max(1.0),
        _ => (-800..=800).map(|i| activation.derivative(f64::from(i) / 100.0, slope).abs()).fold(0.0, f64::max),
    };
    0.01 * steepest
}

fn bytes_of(layer: &Layer) -> usize {
    size_of_val(layer.weight.values())
}

#[cfg(test)]
mod tests {
    use std::{
        ops::ControlFlow,
        sync::atomic::{AtomicU64, Ordering},
    };

    use init_core::Distribution;
    use init_kernels::{Cancelled, Stream, fill};

    use super::*;
    use crate::{layer_source::DrawnLayers, network::Network, trace::outlook::Fate};

    fn normal(rows: usize, columns: usize, name: &str) -> Matrix {
        let mut matrix = Matrix::zeros(rows, columns);
        let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
        fill(matrix.values_mut(), &normal, Stream::new(5).child(name)).unwrap();
        matrix
    }

    fn drawn(depth: usize, width: usize, activation: Activation, init: &str) -> DrawnLayers {
        DrawnLayers::new(&vec![width; depth + 1], activation, 0.2, &init.parse().unwrap(), Stream::new(5)).unwrap()
    }

    fn trace(stack: &(impl LayerSource + ?Sized), rows: usize) -> Trace {
        let sizes = stack.sizes();
        let (batch, gradient) = (normal(rows, sizes[0], "x"), normal(rows, sizes[sizes.len() - 1], "g"));
        Trace::measure(stack, batch, gradient, Progress::none()).unwrap()
    }

    #[test]
    fn a_trace_equals_the_networks_own_passes() {
        for activation in [Activation::Tanh, Activation::Gelu, Activation::LeakyRelu] {
            let init = "xavier_normal".parse().unwrap();
            let mut network = Network::drawn(&[30, 40, 20, 25], activation, 0.2, &init, Stream::new(5)).unwrap();
            network.layers[1].bias = vec![0.3; 20];
            let pass = network.forward(&normal(50, 30, "x"));
            let gradients = network.backward(&pass, normal(50, 25, "g"));
            let traced = trace(&network, 50);
            for (index, layer) in traced.layers.iter().enumerate() {
                assert_eq!(layer.forward, Signal::of(&Scaled::unscaled(pass.activations[index + 1].clone())));
                // The network rounds φ′ to f32 before it multiplies.
                let backward = Signal::of(&Scaled::unscaled(gradients.inputs[index].clone()));
                assert!((layer.backward.std / backward.std - 1.0).abs() < 1e-6);
                assert!((layer.backward.mean - backward.mean).abs() < 1e-6 * backward.std);
                assert!(layer.predicted.forward_std.is_nan(), "nothing is known of its weights");
            }
        }
    }

    #[test]
    fn a_signal_beyond_f32_is_measured() {
        // ×2⁻³ and ×2³ per layer, which for `linear` scales every value exactly.
        let unit = trace(&drawn(100, 64, Activation::Linear, "orthogonal"), 16);
        for (init, sign) in [("orthogonal(gain=0.125)", -1.0), ("orthogonal(gain=8)", 1.0)] {
            let scaled = trace(&drawn(100, 64, Activation::Linear, init), 16);
            for (layer, (a, b)) in scaled.layers.iter().zip(&unit.layers).enumerate() {
                let (down, up) = (3.0 * sign * (layer + 1) as f64, 3.0 * sign * (100 - layer) as f64);
                assert!(((a.forward.std / b.forward.std).log2() - down).abs() < 1e-4);
                assert!(((a.backward.std / b.backward.std).log2() - up).abs() < 1e-4);
                assert!((a.predicted.forward_std / a.forward.std - 1.0).abs() < 0.05);
                assert!((a.predicted.backward_std / a.backward.std - 1.0).abs() < 0.05);
            }
            let expected = if sign < 0.0 { (Fate::Vanishes, Some(4)) } else { (Fate::Explodes, Some(4)) };
            assert_eq!((scaled.forward.fate, scaled.forward.depth), expected);
            assert_eq!((scaled.backward.fate, scaled.backward.depth), expected);
            // 2⁻¹²⁶ is reached after 42 layers, and 2¹²⁸ after 43.
            for found in [scaled.forward.f32, scaled.backward.f32] {
                assert!((42..=43).contains(&found.unwrap()), "{found:?}");
            }
        }
    }

    #[test]
    fn the_layer_at_which_a_signal_is_lost_is_found() {
        let zero = trace(&drawn(3, 8, Activation::Tanh, "zeros"), 4);
        assert_eq!((zero.forward.lost, zero.backward.lost), (Some(1), Some(1)));
        assert_eq!((zero.layers[2].forward.std, zero.layers[2].predicted.forward_std), (0.0, 0.0));
        // Repeated squares leave even the range of f64.
        let infinite = trace(&drawn(30, 16, Activation::ReluSquared, "normal(0, 10)"), 4);
        assert_eq!(infinite.forward.fate, Fate::Explodes);
        assert!(infinite.forward.lost.is_some_and(|lost| (5..15).contains(&lost)), "{:?}", infinite.forward);
        assert!(infinite.layers[29].forward.std.is_nan());
    }

    #[test]
    fn the_fraction_of_saturated_units_is_that_of_the_normal_distribution() {
        // One layer with sums from N(0, 4): every flat region has a known probability.
        let share = |activation| trace(&drawn(1, 400, activation, "normal(0, 0.1)"), 500).layers[0].saturated;
        let normal = Distribution::Normal { mean: 0.0, std: 2.0 };
        let outside = |bound: f64| 2.0 * normal.cdf(-bound);
        for (activation, expected) in [
            (Activation::Relu, 0.5),
            (Activation::Linear, 0.0),
            (Activation::LeakyRelu, 0.0),
            (Activation::Tanh, outside(0.99f64.sqrt().atanh())),
            (Activation::Hardtanh, outside(1.0)),
            (Activation::Sigmoid, outside((0.5 + 0.5 * 0.99f64.sqrt()).ln() - (0.5 - 0.5 * 0.99f64.sqrt()).ln())),
            (Activation::Elu, normal.cdf(0.01f64.ln())),
        ] {
            // 400 independent units, whose variance differs a little from 4: within four standard
            // errors.
            let found = share(activation);
            assert!((found - expected).abs() <= 0.015, "{activation}: {found} {expected}");
        }
    }

    #[test]
    fn neither_drawing_layers_again_nor_the_number_of_threads_changes_a_trace() {
        let stack = drawn(6, 120, Activation::Tanh, "kaiming_uniform");
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| trace(&stack, 70))
        };
        let one = on(1);
        assert!([2, 3, 8].into_iter().all(|threads| on(threads) == on(1)));
        let (batch, gradient) = (normal(70, 120, "x"), normal(70, 120, "g"));
        for kept in [0, 2 * 120 * 120 * 4] {
            let again = Trace::measure_keeping(&stack, batch.clone(), gradient.clone(), kept, Progress::none());
            assert_eq!(again.unwrap(), one, "{kept} bytes");
        }
    }

    #[test]
    fn each_layer_is_reported_both_ways_and_a_trace_can_be_cancelled_at_any_of_them() {
        let stack = drawn(3, 8, Activation::Tanh, "xavier_normal");
        for last in 1..=7 {
            let done = AtomicU64::new(0);
            let report = |layers| match done.fetch_add(layers, Ordering::Relaxed) + layers {
                done if done == last => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            };
            let traced = Trace::measure(&stack, normal(4, 8, "x"), normal(4, 8, "g"), Progress::new(&report));
            assert_eq!(traced.err(), (last <= 6).then_some(TraceError::Cancelled(Cancelled)));
            assert_eq!(done.into_inner(), last.min(6));
        }
    }

    #[test]
    fn shapes_that_do_not_fit_and_too_much_memory_are_refused() {
        let stack = drawn(2, 8, Activation::Tanh, "xavier_normal");
        let refused = |batch, gradient| Trace::measure(&stack, batch, gradient, Progress::none()).unwrap_err();
        for (batch, gradient) in [([3, 7], [3, 8]), ([3, 8], [3, 9]), ([3, 8], [2, 8]), ([0, 8], [0, 8])] {
            let [batch, gradient] = [batch, gradient].map(|[rows, columns]| Matrix::zeros(rows, columns));
            assert!(refused(batch, gradient).to_string().contains("8 inputs and 8 outputs"));
        }
        assert_eq!(Trace::bytes(&[usize::MAX, 2], 1), None);
        assert!(Trace::fits(&[usize::MAX, 2], 1).unwrap_err().to_string().contains("any machine"));
        assert!(Trace::fits(&[1 << 28, 1 << 28], 1).unwrap_err().to_string().contains("GiB"));
    }
}
