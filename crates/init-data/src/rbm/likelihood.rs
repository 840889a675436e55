//! The exact partition function, likelihood and gradient of small machines.

use std::f64::consts::TAU;

use rayon::prelude::*;

use super::{error::RbmError, gradient::Gradient, logistic::softplus_sum_f64, machine::Rbm, visible::Visible};
use crate::matrix::Matrix;

/// The maximum number of units of the side that is enumerated: 2²⁵ states take seconds.
pub const MAX_ENUMERATED: usize = 25;

impl Rbm {
    /// Returns ln Z, by summing over all states of the smaller side (the hidden one, if visible
    /// units are Gaussian), with the other side in closed form.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError::Enumeration`] if that side has more than [`MAX_ENUMERATED`] units.
    ///
    /// ```
    /// use init_data::{Matrix, rbm::{Rbm, Visible}};
    ///
    /// // Without weights, all states are equally likely.
    /// let rbm = Rbm {
    ///     weight: Matrix::zeros(3, 4),
    ///     visible_bias: vec![0.0; 4],
    ///     hidden_bias: vec![0.0; 3],
    ///     visible: Visible::Bernoulli,
    /// };
    /// assert!((rbm.log_partition()? - 7.0 * 2f64.ln()).abs() < 1e-12);
    /// # Ok::<(), init_data::rbm::RbmError>(())
    /// ```
    pub fn log_partition(&self) -> Result<f64, RbmError> {
        Ok(Sides::new(self)?.log_partition())
    }

    /// Returns the mean of ln p(v) = −F(v) − ln Z over the examples, in nats; for Gaussian units p
    /// is a density. For Bernoulli units the examples should be binary.
    ///
    /// # Errors
    ///
    /// As for [`log_partition`](Self::log_partition), and if the data do not fit the machine.
    pub fn log_likelihood(&self, data: &Matrix) -> Result<f64, RbmError> {
        Ok(-self.free_energy(data)? - self.log_partition()?)
    }

    /// Returns the gradient of [`log_likelihood`](Self::log_likelihood): ⟨(h vᵀ, v, h)⟩ of the data
    /// minus that of the machine (Hinton 2010, equation 5; for the biases of Gaussian units v − a,
    /// which gives the same difference).
    ///
    /// # Errors
    ///
    /// As for [`log_likelihood`](Self::log_likelihood).
    pub fn exact_gradient(&self, data: &Matrix) -> Result<Gradient, RbmError> {
        self.check(data)?;
        let sides = Sides::new(self)?;
        let means = sides.means();
        let mut gradient = Gradient::zeros(self);
        gradient.accumulate(0.0, 1.0 / data.rows() as f32, data, &self.hidden_probabilities(data));
        let (visible, hidden) =
            if sides.hidden_first { (&means.other, &means.own) } else { (&means.own, &means.other) };
        let subtract = |values: &mut [f32], means: &[f64]| {
            values.iter_mut().zip(means).for_each(|(value, mean)| *value = (f64::from(*value) - mean) as f32);
        };
        subtract(&mut gradient.visible_bias, visible);
        subtract(&mut gradient.hidden_bias, hidden);
        let columns = self.visible_units();
        for (index, value) in gradient.weight.values_mut().iter_mut().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let at = if sides.hidden_first { row * columns + column } else { column * self.hidden_units() + row };
            *value = (f64::from(*value) - means.both[at]) as f32;
        }
        Ok(gradient)
    }
}

/// A machine seen from the side whose states are enumerated.
struct Sides<'a> {
    hidden_first: bool,
    own_bias: &'a [f32],
    other_bias: &'a [f32],
    /// The contribution of each unit of the enumerated side to the inputs of the other, one row per
    /// unit.
    weights: Matrix,
    is_gaussian: bool,
}

/// Means under the machine's distribution.
struct Means {
    own: Vec<f64>,
    other: Vec<f64>,
    /// The means of products, one row per unit of the enumerated side.
    both: Vec<f64>,
}

impl<'a> Sides<'a> {
    fn new(rbm: &'a Rbm) -> Result<Self, RbmError> {
        let is_gaussian = rbm.visible == Visible::Gaussian;
        let hidden_first = is_gaussian || rbm.hidden_units() <= rbm.visible_units();
        let (own_bias, other_bias, weights) = if hidden_first {
            (&rbm.hidden_bias, &rbm.visible_bias, rbm.weight.clone())
        } else {
            (&rbm.visible_bias, &rbm.hidden_bias, rbm.weight.transposed())
        };
        if own_bias.len() > MAX_ENUMERATED {
            return Err(RbmError::Enumeration { units: own_bias.len(), max: MAX_ENUMERATED });
        }
        Ok(Self { hidden_first, own_bias, other_bias, weights, is_gaussian })
    }

    /// Splits the states into at most 64 parts by their first units, whatever the number of
    /// threads.
    fn parts(&self) -> (usize, u64) {
        let outer = self.own_bias.len().min(6);
        (outer, 1 << outer)
    }

    /// Visits each state of a part with the units that are on, the inputs of the other side, and ln
    /// of the sum of e^(−E) over the other side. One unit changes at a time, in the order of the
    /// Gray code.
    fn walk(&self, part: u64, mut visit: impl FnMut(u64, &[f64], f64)) {
        let (outer, _) = self.parts();
        let mut inputs = vec![0.0; self.other_bias.len()];
        let (mut state, mut bias) = (0u64, 0.0);
        let flip = |unit: usize, state: &mut u64, bias: &mut f64, inputs: &mut [f64]| {
            *state ^= 1 << unit;
            let sign = if *state >> unit & 1 == 1 { 1.0 } else { -1.0 };
            *bias += sign * f64::from(self.own_bias[unit]);
            let row = self.weights.row(unit).iter();
            inputs.iter_mut().zip(row).for_each(|(input, &weight)| *input += sign * f64::from(weight));
        };
        for unit in (0..outer).filter(|unit| part >> unit & 1 == 1) {
            flip(unit, &mut state, &mut bias, &mut inputs);
        }
        visit(state, &inputs, bias + self.log_sum(&inputs));
        for count in 1..1u64 << (self.own_bias.len() - outer) {
            flip(outer + count.trailing_zeros() as usize, &mut state, &mut bias, &mut inputs);
            visit(state, &inputs, bias + self.log_sum(&inputs));
        }
    }

    /// Returns ln Σ or ln ∫ over the other side: Π (1 + e^(bias + x)) for Bernoulli units, and for
    /// Gaussian ones ∫ e^(−½(v − a)² + xv) dv = √τ · e^(ax + ½x²).
    fn log_sum(&self, inputs: &[f64]) -> f64 {
        let pairs = inputs.iter().zip(self.other_bias).map(|(&x, &bias)| (x, f64::from(bias)));
        if self.is_gaussian {
            return pairs.map(|(x, bias)| x * (bias + 0.5 * x) + 0.5 * TAU.ln()).sum();
        }
        softplus_sum_f64(pairs.map(|(x, bias)| bias + x))
    }

    fn log_partition(&self) -> f64 {
        let (_, parts) = self.parts();
        let sums: Vec<LogSum> = (0..parts)
            .into_par_iter()
            .map(|part| {
                let mut sum = LogSum::default();
                self.walk(part, |_, _, log| sum.add(log));
                sum
            })
            .collect();
        let mut whole = LogSum::default();
        sums.into_iter().for_each(|sum| whole.add(sum.ln()));
        whole.ln()
    }

    fn means(&self) -> Means {
        let log_partition = self.log_partition();
        let (own, other) = (self.own_bias.len(), self.other_bias.len());
        let none = || Means { own: vec![0.0; own], other: vec![0.0; other], both: vec![0.0; own * other] };
        let (_, parts) = self.parts();
        let of_part = |part| {
            let mut means = none();
            self.walk(part, |state, inputs, log| {
                let share = (log - log_partition).exp();
                let mean = |(&x, &bias): (&f64, &f32)| {
                    let sum = x + f64::from(bias);
                    share * if self.is_gaussian { sum } else { 1.0 / (1.0 + (-sum).exp()) }
                };
                let given: Vec<f64> = inputs.iter().zip(self.other_bias).map(mean).collect();
                add(&mut means.other, &given);
                for unit in (0..own).filter(|unit| state >> unit & 1 == 1) {
                    means.own[unit] += share;
                    add(&mut means.both[unit * other..][..other], &given);
                }
            });
            means
        };
        let all: Vec<Means> = (0..parts).into_par_iter().map(of_part).collect();
        all.into_iter().fold(none(), |mut sum, part| {
            add(&mut sum.own, &part.own);
            add(&mut sum.other, &part.other);
            add(&mut sum.both, &part.both);
            sum
        })
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// ln Σ e^x, summed without overflow.
struct LogSum {
    largest: f64,
    sum: f64,
}

impl Default for LogSum {
    fn default() -> Self {
        Self { largest: f64::NEG_INFINITY, sum: 0.0 }
    }
}

impl LogSum {
    fn add(&mut self, x: f64) {
        if x <= self.largest {
            self.sum += (x - self.largest).exp();
        } else {
            self.sum = self.sum * (self.largest - x).exp() + 1.0;
            self.largest = x;
        }
    }

    fn ln(&self) -> f64 {
        self.largest + self.sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use init_core::Distribution;
    use init_kernels::{Stream, fill};

    use super::*;

    fn machine(visible_units: usize, hidden_units: usize, visible: Visible) -> Rbm {
        let normal = Distribution::Normal { mean: 0.1, std: 0.8 };
        let mut rbm = Rbm {
            weight: Matrix::zeros(hidden_units, visible_units),
            visible_bias: vec![0.0; visible_units],
            hidden_bias: vec![0.0; hidden_units],
            visible,
        };
        fill(rbm.weight.values_mut(), &normal, Stream::new(1)).unwrap();
        fill(&mut rbm.visible_bias, &normal, Stream::new(2)).unwrap();
        fill(&mut rbm.hidden_bias, &normal, Stream::new(3)).unwrap();
        rbm
    }

    fn states(units: usize) -> impl Iterator<Item = Vec<f32>> {
        (0..1u32 << units).map(move |state| (0..units).map(|unit| (state >> unit & 1) as f32).collect())
    }

    #[test]
    fn the_partition_function_is_the_sum_over_all_states_whichever_side_is_enumerated() {
        for (visible, hidden) in [(9, 4), (4, 9), (8, 8), (1, 1)] {
            let rbm = machine(visible, hidden, Visible::Bernoulli);
            let sum: f64 =
                states(visible).map(|v| states(hidden).map(|h| (-rbm.energy(&v, &h)).exp()).sum::<f64>()).sum();
            assert!((rbm.log_partition().unwrap() - sum.ln()).abs() < 1e-9, "{visible} {hidden}");
        }
    }

    #[test]
    fn the_density_of_a_gaussian_unit_integrates_to_one() {
        let rbm = machine(1, 3, Visible::Gaussian);
        let log_partition = rbm.log_partition().unwrap();
        let steps = 40_000;
        let (low, width) = (-20f64, 40.0 / f64::from(steps));
        let grid: Vec<f32> = (0..steps).map(|i| (low + (f64::from(i) + 0.5) * width) as f32).collect();
        let free = rbm.free_energies(&Matrix::new(grid.len(), 1, grid).unwrap());
        let whole: f64 = free.iter().map(|free| (-free - log_partition).exp() * width).sum();
        assert!((whole - 1.0).abs() < 1e-4, "{whole}");
    }

    #[test]
    fn the_exact_gradient_is_that_of_finite_differences() {
        for (visible_units, hidden_units, visible) in
            [(5, 3, Visible::Bernoulli), (3, 5, Visible::Bernoulli), (4, 3, Visible::Gaussian)]
        {
            // Small weights: with larger ones, differences for Gaussian units would be imprecise.
            let mut rbm = machine(visible_units, hidden_units, visible);
            rbm.weight.values_mut().iter_mut().for_each(|weight| *weight *= 0.5);
            let values = (0..4 * visible_units).map(|i| ((i * 7) % 3 % 2) as f32).collect();
            let data = Matrix::new(4, visible_units, values).unwrap();
            let gradient = rbm.exact_gradient(&data).unwrap();
            let step = 1e-2;
            let difference = |change: &dyn Fn(&mut Rbm, f32)| {
                let at = |by: f32| {
                    let mut rbm = rbm.clone();
                    change(&mut rbm, by);
                    rbm.log_likelihood(&data).unwrap()
                };
                (at(step) - at(-step)) / f64::from(2.0 * step)
            };
            for index in 0..visible_units * hidden_units {
                let expected = difference(&|rbm, by| rbm.weight.values_mut()[index] += by);
                assert!((f64::from(gradient.weight.values()[index]) - expected).abs() < 1e-3);
            }
            for index in 0..visible_units {
                let expected = difference(&|rbm, by| rbm.visible_bias[index] += by);
                assert!((f64::from(gradient.visible_bias[index]) - expected).abs() < 1e-3);
            }
            for index in 0..hidden_units {
                let expected = difference(&|rbm, by| rbm.hidden_bias[index] += by);
                assert!((f64::from(gradient.hidden_bias[index]) - expected).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn machines_too_large_to_enumerate_are_refused() {
        let rbm = machine(30, 26, Visible::Bernoulli);
        assert_eq!(rbm.log_partition(), Err(RbmError::Enumeration { units: 26, max: 25 }));
        assert!(machine(3, 40, Visible::Bernoulli).log_partition().is_ok());
        assert!(machine(3, 40, Visible::Gaussian).log_partition().is_err());
    }
}
