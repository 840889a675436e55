//! Annealed importance sampling: an estimate of the partition function of large machines.

use std::f64::consts::{LN_2, TAU};

use init_kernels::{Progress, Stream};

use super::{
    error::RbmError,
    gradient::Chains,
    logistic::{sigmoid, softplus_sum},
    machine::Rbm,
    sampling::draw,
    visible::Visible,
};
use crate::matrix::Matrix;

/// Annealed importance sampling, an estimator of ln Z (R. Salakhutdinov and I. Murray, *On the
/// Quantitative Analysis of Deep Belief Networks*, 2008).
///
/// Between a base-rate machine without weights and the machine itself are the distributions p*_β(v)
/// = e^(((1−β)a₀ + βa)ᵀv) · Π_j (1 + e^(β(b + Wv)_j)). A run goes from β = 0 to 1 by Gibbs sampling
/// and multiplies its weight by the ratios p*_{β′}(v)/p*_β(v); the mean of the weights is Z divided
/// by that of the base.
///
/// ```
/// use init_data::{Matrix, rbm::{Ais, Rbm, Visible}};
/// use init_kernels::{Progress, Stream};
///
/// let rbm = Rbm {
///     weight: Matrix::new(2, 3, vec![1.0, -2.0, 0.5, 0.3, 1.5, -1.0])?,
///     visible_bias: vec![0.2, -0.3, 0.1],
///     hidden_bias: vec![-0.5, 0.4],
///     visible: Visible::Bernoulli,
/// };
/// let estimate = Ais { runs: 100, steps: 200 }.estimate(&rbm, None, Stream::new(1), Progress::none())?;
/// let (low, high) = estimate.interval();
/// assert!((low..=high).contains(&rbm.log_partition()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ais {
    /// The number of independent runs.
    pub runs: usize,
    /// The number of values of β after 0: a thirtieth of them over [0, ½], eight thirtieths over
    /// [½, 0.9] and the rest over [0.9, 1], about as in the paper (500, 4000 and 10 000).
    pub steps: usize,
}

impl Default for Ais {
    /// The paper's 100 runs of 14 500 steps.
    fn default() -> Self {
        Self { runs: 100, steps: 14_500 }
    }
}

/// An estimate of ln Z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// ln of the mean of the runs' estimates of Z.
    pub log_partition: f64,
    /// The relative standard error of that mean, σ̂/(√runs · mean), which is about the standard
    /// error of ln Z.
    pub standard_error: f64,
}

impl Estimate {
    /// Returns ln(Ẑ ± 3 σ̂): three standard errors to each side, as in the paper; the lower end is
    /// −∞ if the mean is less than three standard errors.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let at = |errors: f64| self.log_partition + (1.0 + errors * self.standard_error).max(0.0).ln();
        (at(-3.0), at(3.0))
    }
}

impl Ais {
    /// Estimates ln Z. `base` is a₀, the biases of the base-rate machine: best those that
    /// [`Rbm::drawn`] takes from the data; without it, the machine's own. The units of progress are
    /// [`steps`](Self::steps).
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if there are fewer than two runs or no steps, the base has not one bias
    /// per visible unit, or `progress` cancels.
    pub fn estimate(
        &self,
        rbm: &Rbm,
        base: Option<&[f32]>,
        stream: Stream,
        progress: Progress<'_>,
    ) -> Result<Estimate, RbmError> {
        let setting = |setting, given: usize, range| RbmError::Setting { setting, given: given.to_string(), range };
        if self.runs < 2 {
            return Err(setting("the number of runs", self.runs, "at least 2"));
        }
        if self.steps == 0 {
            return Err(setting("the number of steps", self.steps, "at least 1"));
        }
        let base = base.unwrap_or(&rbm.visible_bias);
        if base.len() != rbm.visible_units() {
            return Err(RbmError::Columns { given: base.len(), visible: rbm.visible_units() });
        }
        let logs = Annealing { rbm, base }.run(self, stream, progress)?;
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let runs = self.runs as f64;
        let mean = weights.iter().sum::<f64>() / runs;
        let variance = weights.iter().map(|weight| (weight - mean).powi(2)).sum::<f64>() / (runs - 1.0);
        Ok(Estimate {
            log_partition: log_partition_of_base(rbm, base) + largest + mean.ln(),
            standard_error: (variance / runs).sqrt() / mean,
        })
    }

    /// Returns β of a step, from 0 to `steps`: see [`Ais::steps`].
    fn beta(&self, step: usize) -> f64 {
        let part = step as f64 / self.steps as f64;
        let (first, second) = (1.0 / 30.0, 9.0 / 30.0);
        if part < first {
            0.5 * part / first
        } else if part < second {
            0.5 + 0.4 * (part - first) / (second - first)
        } else {
            0.9 + 0.1 * (part - second) / (1.0 - second)
        }
    }
}

/// Returns ln Z of the base-rate machine, whose hidden units have two equal states each.
fn log_partition_of_base(rbm: &Rbm, base: &[f32]) -> f64 {
    let visible = match rbm.visible {
        Visible::Bernoulli => softplus_sum(base.iter().copied()),
        Visible::Gaussian => 0.5 * TAU.ln() * base.len() as f64,
    };
    visible + rbm.hidden_units() as f64 * LN_2
}

/// A machine, and the biases of its base-rate machine.
struct Annealing<'a> {
    rbm: &'a Rbm,
    base: &'a [f32],
}

impl Annealing<'_> {
    /// Returns ln of the weight of each run.
    fn run(&self, ais: &Ais, stream: Stream, progress: Progress<'_>) -> Result<Vec<f64>, RbmError> {
        let rbm = self.rbm;
        let mut chains = Chains::new(rbm, ais.runs);
        let mut inputs = Matrix::zeros(ais.runs, rbm.hidden_units());
        let mut scaled = inputs.clone();
        let mut logs = vec![0.0; ais.runs];
        let mut annealed = rbm.clone();
        chains.draw_base(rbm, self.base, stream.child("base"))?;
        for step in 1..=ais.steps {
            let (before, beta) = (ais.beta(step - 1), ais.beta(step));
            inputs.set_product(0.0, 1.0, chains.visible.factor(), rbm.weight.factor().transposed());
            for row in inputs.values_mut().chunks_exact_mut(rbm.hidden_units()) {
                row.iter_mut().zip(&rbm.hidden_bias).for_each(|(input, bias)| *input += bias);
            }
            let rows = chains.visible.each_row().zip(inputs.each_row());
            for (log, (visible, inputs)) in logs.iter_mut().zip(rows) {
                *log += self.log_ratio(visible, inputs, before, beta);
            }
            progress.advance(1)?;
            if step == ais.steps {
                break;
            }
            // One step of Gibbs sampling that preserves p_β: that of a machine with scaled weights
            // and biases.
            let stream = stream.child_index(step as u64);
            for (scaled, input) in scaled.values_mut().iter_mut().zip(inputs.values()) {
                *scaled = sigmoid(beta as f32 * input);
            }
            draw(&scaled, &mut chains.hidden, stream.child_index(1))?;
            for (annealed, weight) in annealed.weight.values_mut().iter_mut().zip(rbm.weight.values()) {
                *annealed = beta as f32 * weight;
            }
            let biases = annealed.visible_bias.iter_mut().zip(self.base).zip(&rbm.visible_bias);
            for ((annealed, base), bias) in biases {
                *annealed = ((1.0 - beta) * f64::from(*base) + beta * f64::from(*bias)) as f32;
            }
            chains.draw_visible(&annealed, stream.child_index(0))?;
        }
        Ok(logs)
    }

    /// Returns ln p*_β′(v) − ln p*_β(v).
    fn log_ratio(&self, visible: &[f32], inputs: &[f32], before: f64, beta: f64) -> f64 {
        let biases =
            self.base.iter().zip(&self.rbm.visible_bias).map(|(&base, &bias)| (f64::from(base), f64::from(bias)));
        let mut along: f64 = biases.clone().zip(visible).map(|((base, bias), &v)| (bias - base) * f64::from(v)).sum();
        if self.rbm.visible == Visible::Gaussian {
            // ½‖v − a‖², of which ½‖v‖² cancels; with these constants the base's Z does not depend
            // on its mean.
            along += biases.map(|(base, bias)| 0.5 * (base * base - bias * bias)).sum::<f64>();
        }
        let free = |beta: f64| softplus_sum(inputs.iter().map(|input| beta as f32 * input));
        (beta - before) * along + free(beta) - free(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_rises_from_zero_to_one() {
        for steps in [1, 7, 14_500] {
            let ais = Ais { runs: 2, steps };
            assert_eq!(ais.beta(0), 0.0);
            assert!((ais.beta(steps) - 1.0).abs() < 1e-12);
            assert!((1..=steps).all(|step| ais.beta(step) > ais.beta(step - 1)));
        }
    }

    #[test]
    fn without_weights_the_estimate_is_exact() {
        for (visible, expected) in
            [(Visible::Bernoulli, 3.0 * LN_2 + (1.0 + 2f64.exp()).ln()), (Visible::Gaussian, 2.0 * LN_2 + TAU.ln())]
        {
            let visible_bias = vec![2.0, 0.0];
            let rbm = Rbm { weight: Matrix::zeros(2, 2), visible_bias, hidden_bias: vec![0.0; 2], visible };
            let base = (visible == Visible::Gaussian).then_some([2.0, 0.0]);
            let base = base.as_ref().map(|base| &base[..]);
            let estimate = Ais { runs: 10, steps: 5 }.estimate(&rbm, base, Stream::new(0), Progress::none()).unwrap();
            assert!((estimate.log_partition - expected).abs() < 1e-6, "{estimate:?}");
            assert!(estimate.standard_error < 1e-6);
        }
    }

    #[test]
    fn invalid_settings_are_refused() {
        let rbm = Rbm {
            weight: Matrix::zeros(2, 2),
            visible_bias: vec![0.0; 2],
            hidden_bias: vec![0.0; 2],
            visible: Visible::Bernoulli,
        };
        for (ais, base) in
            [(Ais { runs: 1, steps: 9 }, None), (Ais { runs: 9, steps: 0 }, None), (Ais::default(), Some(&[0f32][..]))]
        {
            assert!(ais.estimate(&rbm, base, Stream::new(0), Progress::none()).is_err());
        }
    }
}
