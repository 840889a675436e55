//! Energies, and the measures of a machine that need no partition function.

use rayon::prelude::*;

use super::{
    error::RbmError,
    logistic::{softplus, softplus_sum},
    machine::Rbm,
    visible::Visible,
};
use crate::matrix::Matrix;

/// Examples measured at once, so that memory does not grow with the data.
const ROWS: usize = 1024;

impl Rbm {
    /// Returns E(v, h) of one state, in f64.
    ///
    /// # Panics
    ///
    /// Panics if there are not as many values as units.
    #[must_use]
    pub fn energy(&self, visible: &[f32], hidden: &[f32]) -> f64 {
        assert!(visible.len() == self.visible_units() && hidden.len() == self.hidden_units(), "one value per unit");
        let along = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
        let pairs = self.weight.each_row().zip(hidden);
        let both: f64 = pairs.map(|(weights, &on)| f64::from(on) * along(weights, visible)).sum();
        self.visible_energy(visible) - along(&self.hidden_bias, hidden) - both
    }

    /// Returns F(v) = −ln Σ_h e^(−E(v, h)) of each example: its own energy minus Σ ln(1 + e^(b +
    /// Wv)) (Hinton 2010, section 16.1).
    ///
    /// # Panics
    ///
    /// Panics unless the examples have one column per visible unit.
    #[must_use]
    pub fn free_energies(&self, data: &Matrix) -> Vec<f64> {
        let sums = data.times_transposed(&self.weight);
        let rows = data.each_row().zip(sums.each_row());
        let free = |(visible, sums): (&[f32], &[f32])| {
            let inputs = sums.iter().zip(&self.hidden_bias).map(|(sum, bias)| sum + bias);
            self.visible_energy(visible) - softplus_sum(inputs)
        };
        rows.map(free).collect()
    }

    /// Returns the mean of the free energies.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the data do not fit the machine.
    pub fn free_energy(&self, data: &Matrix) -> Result<f64, RbmError> {
        self.check(data)?;
        let sums = parts(data).into_iter().map(|part| self.free_energies(&part).into_iter().sum::<f64>());
        Ok(sums.sum::<f64>() / data.rows() as f64)
    }

    /// Returns −aᵀv of Bernoulli units, ½‖v − a‖² of Gaussian ones.
    fn visible_energy(&self, visible: &[f32]) -> f64 {
        let pairs = visible.iter().zip(&self.visible_bias).map(|(&v, &a)| (f64::from(v), f64::from(a)));
        match self.visible {
            Visible::Bernoulli => -pairs.map(|(v, a)| v * a).sum::<f64>(),
            Visible::Gaussian => 0.5 * pairs.map(|(v, a)| (v - a).powi(2)).sum::<f64>(),
        }
    }

    /// Returns the mean square of v − v̂ over examples and units, v̂ being the mean of v given the
    /// means of h given v: nothing is drawn. Training does not minimise it, but it shows whether
    /// training works (Hinton 2010, section 5).
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the data do not fit the machine.
    pub fn reconstruction_error(&self, data: &Matrix) -> Result<f64, RbmError> {
        self.check(data)?;
        let squares = parts(data).into_iter().map(|part| {
            let back = self.visible_means(&self.hidden_probabilities(&part));
            let pairs = back.each_row().zip(part.each_row());
            // Within a row in f32, over rows in f64: fast, and precise enough to be shown.
            pairs.map(|(a, b)| f64::from(a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>())).sum::<f64>()
        });
        Ok(squares.sum::<f64>() / data.values().len() as f64)
    }

    /// Returns the mean of Σ_i ln p(v_i | the others): the pseudo-likelihood, which needs no
    /// partition function (J. Besag, *Statistical Analysis of Non-Lattice Data*, 1975; for these
    /// machines B. Marlin et al., *Inductive Principles for Restricted Boltzmann Machine Learning*,
    /// 2010). All units are used, none is drawn; values between 0 and 1 are the probabilities of
    /// units. `None` for Gaussian units, whose conditionals are mixtures.
    ///
    /// It takes visible² · hidden operations per example.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the data do not fit the machine.
    pub fn pseudo_likelihood(&self, data: &Matrix) -> Result<Option<f64>, RbmError> {
        self.check(data)?;
        if self.visible == Visible::Gaussian {
            return Ok(None);
        }
        let columns = self.weight.transposed();
        let of = |(visible, inputs): (&[f32], &[f32])| -> f64 {
            let units = visible.iter().zip(&self.visible_bias).zip(columns.each_row());
            let terms = units.map(|((&v, &bias), weights)| {
                // The hidden inputs with this unit on, and with it off.
                let with = |value: f32| softplus_sum(inputs.iter().zip(weights).map(move |(x, w)| x + (value - v) * w));
                let odds = f64::from(bias) + with(1.0) - with(0.0);
                f64::from(v) * odds - softplus(odds)
            });
            terms.sum()
        };
        let sums = parts(data).into_iter().map(|part| {
            let mut inputs = part.times_transposed(&self.weight);
            for row in inputs.values_mut().chunks_exact_mut(self.hidden_units()) {
                row.iter_mut().zip(&self.hidden_bias).for_each(|(input, bias)| *input += bias);
            }
            let rows: Vec<_> = part.each_row().zip(inputs.each_row()).collect();
            rows.into_par_iter().map(of).collect::<Vec<_>>().into_iter().sum::<f64>()
        });
        Ok(Some(sums.sum::<f64>() / data.rows() as f64))
    }
}

/// Returns the reconstruction error of a constant answer, the mean of all examples: the mean over
/// the columns of their variance. A machine that has learnt anything is below it.
#[must_use]
pub fn error_of_mean(data: &Matrix) -> f64 {
    let count = data.rows() as f64;
    let means: Vec<f64> = data.column_sums().into_iter().map(|sum| sum / count).collect();
    let of_row =
        |row: &[f32]| row.iter().zip(&means).map(|(&value, mean)| (f64::from(value) - mean).powi(2)).sum::<f64>();
    data.each_row().map(of_row).sum::<f64>() / data.values().len() as f64
}

/// Splits the examples into parts.
fn parts(data: &Matrix) -> Vec<Matrix> {
    let columns = data.columns();
    let parts = data.values().chunks(ROWS * columns.max(1));
    parts.map(|part| Matrix::new(part.len() / columns, columns, part.to_vec()).expect("whole rows")).collect()
}

#[cfg(test)]
mod tests {
    use init_kernels::Stream;

    use super::*;

    fn machine(visible: Visible) -> Rbm {
        let data = Matrix::new(2, 5, vec![1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]).unwrap();
        let mut rbm = Rbm::drawn(&data, visible, 4, Stream::new(9)).unwrap();
        rbm.weight.values_mut().iter_mut().for_each(|weight| *weight *= 100.0);
        rbm.hidden_bias = vec![0.5, -1.0, 0.0, 2.0];
        rbm
    }

    fn states(units: usize) -> impl Iterator<Item = Vec<f32>> {
        (0..1u32 << units).map(move |state| (0..units).map(|unit| (state >> unit & 1) as f32).collect())
    }

    #[test]
    fn free_energy_equals_the_sum_over_all_hidden_states() {
        for visible in [Visible::Bernoulli, Visible::Gaussian] {
            let rbm = machine(visible);
            for v in states(5) {
                let expected = -states(4).map(|h| (-rbm.energy(&v, &h)).exp()).sum::<f64>().ln();
                let given = rbm.free_energies(&Matrix::new(1, 5, v).unwrap())[0];
                assert!((given - expected).abs() < 1e-5, "{given} {expected}");
            }
        }
    }

    #[test]
    fn pseudo_likelihood_is_the_sum_of_the_conditionals() {
        let rbm = machine(Visible::Bernoulli);
        for v in states(5) {
            let mut expected = 0.0;
            for unit in 0..5 {
                let weight = |value: f32| {
                    let mut v = v.clone();
                    v[unit] = value;
                    states(4).map(|h| (-rbm.energy(&v, &h)).exp()).sum::<f64>()
                };
                expected += (weight(v[unit]) / (weight(0.0) + weight(1.0))).ln();
            }
            let given = rbm.pseudo_likelihood(&Matrix::new(1, 5, v).unwrap()).unwrap().unwrap();
            assert!((given - expected).abs() < 1e-5, "{given} {expected}");
        }
        let data = Matrix::zeros(1, 5);
        assert_eq!(machine(Visible::Gaussian).pseudo_likelihood(&data).unwrap(), None);
    }

    #[test]
    fn without_weights_the_reconstruction_is_the_mean_and_its_error_the_variance() {
        let data = Matrix::new(4, 1, vec![0.0, 1.0, 1.0, 1.0]).unwrap();
        let mut rbm = Rbm::drawn(&data, Visible::Bernoulli, 2, Stream::new(9)).unwrap();
        rbm.weight.values_mut().fill(0.0);
        assert!((rbm.reconstruction_error(&data).unwrap() - 3.0 / 16.0).abs() < 1e-7);
        assert_eq!(error_of_mean(&data), 3.0 / 16.0);
    }
}
