//! Means and draws of the units of one side, given the other.

use init_core::Distribution;
use init_kernels::{FillError, Stream, fill};
use rayon::prelude::*;

use super::{logistic::sigmoid, machine::Rbm, visible::Visible};
use crate::matrix::Matrix;

/// Values per task: fewer are not worth a thread.
const CHUNK: usize = 1 << 14;

const UNIT: Distribution = Distribution::Uniform { low: 0.0, high: 1.0 };
const STANDARD: Distribution = Distribution::Normal { mean: 0.0, std: 1.0 };

impl Rbm {
    /// Returns p(h = 1 | v) = σ(b + Wv) of each example.
    ///
    /// # Panics
    ///
    /// Panics unless the examples have one column per visible unit.
    #[must_use]
    pub fn hidden_probabilities(&self, visible: &Matrix) -> Matrix {
        let mut hidden = Matrix::zeros(visible.rows(), self.hidden_units());
        self.hidden_means(visible, &mut hidden);
        hidden
    }

    /// Returns the mean of v given h: σ(a + Wᵀh) of Bernoulli units, a + Wᵀh of Gaussian ones; h
    /// may be probabilities.
    ///
    /// # Panics
    ///
    /// Panics unless `hidden` has one column per hidden unit.
    #[must_use]
    pub fn visible_means(&self, hidden: &Matrix) -> Matrix {
        let mut visible = Matrix::zeros(hidden.rows(), self.visible_units());
        self.visible_means_into(hidden, &mut visible);
        visible
    }

    /// Computes the mean of v given h into a matrix.
    pub(super) fn visible_means_into(&self, hidden: &Matrix, means: &mut Matrix) {
        means.set_product(0.0, 1.0, hidden.factor(), self.weight.factor());
        match self.visible {
            Visible::Bernoulli => each(means, &self.visible_bias, sigmoid),
            Visible::Gaussian => each(means, &self.visible_bias, |sum| sum),
        }
    }

    /// Computes p(h = 1 | v) into a matrix.
    pub(super) fn hidden_means(&self, visible: &Matrix, means: &mut Matrix) {
        means.set_product(0.0, 1.0, visible.factor(), self.weight.factor().transposed());
        each(means, &self.hidden_bias, sigmoid);
    }

    /// Draws v given h; `noise` is scratch.
    pub(super) fn draw_visible(
        &self,
        hidden: &Matrix,
        drawn: &mut Matrix,
        noise: &mut Matrix,
        stream: Stream,
    ) -> Result<(), FillError> {
        drawn.set_product(0.0, 1.0, hidden.factor(), self.weight.factor());
        draw_around(drawn, &self.visible_bias, self.visible, noise, stream)
    }
}

/// Turns sums without their bias into draws of the units; `noise` is scratch.
pub(super) fn draw_around(
    sums: &mut Matrix,
    bias: &[f32],
    units: Visible,
    noise: &mut Matrix,
    stream: Stream,
) -> Result<(), FillError> {
    match units {
        Visible::Bernoulli => {
            fill(noise.values_mut(), &UNIT, stream)?;
            both(sums, noise, bias, |sum, uniform| if uniform < sigmoid(sum) { 1.0 } else { 0.0 });
        }
        Visible::Gaussian => {
            fill(noise.values_mut(), &STANDARD, stream)?;
            both(sums, noise, bias, |mean, normal| mean + normal);
        }
    }
    Ok(())
}

/// Draws zeros and ones with these probabilities; the uniform variates are first drawn into
/// `drawn`.
pub(super) fn draw(probabilities: &Matrix, drawn: &mut Matrix, stream: Stream) -> Result<(), FillError> {
    fill(drawn.values_mut(), &UNIT, stream)?;
    let threshold = |(drawn, probabilities): (&mut [f32], &[f32])| {
        for (uniform, probability) in drawn.iter_mut().zip(probabilities) {
            *uniform = if *uniform < *probability { 1.0 } else { 0.0 };
        }
    };
    let (drawn, probabilities) = (drawn.values_mut(), probabilities.values());
    if drawn.len() <= CHUNK {
        threshold((drawn, probabilities));
    } else {
        drawn.par_chunks_mut(CHUNK).zip(probabilities.par_chunks(CHUNK)).for_each(threshold);
    }
    Ok(())
}

/// Returns the number of rows per task.
fn rows(columns: usize) -> usize {
    CHUNK.div_ceil(columns.max(1))
}

/// Replaces each value by function(value + bias).
fn each(values: &mut Matrix, bias: &[f32], function: impl Fn(f32) -> f32 + Sync) {
    let columns = bias.len();
    if columns == 0 {
        return;
    }
    let run = |values: &mut [f32]| {
        for row in values.chunks_exact_mut(columns) {
            for (value, bias) in row.iter_mut().zip(bias) {
                *value = function(*value + bias);
            }
        }
    };
    if values.values().len() <= CHUNK {
        run(values.values_mut());
    } else {
        values.values_mut().par_chunks_mut(rows(columns) * columns).for_each(run);
    }
}

/// Replaces each value by function(value + bias, other).
fn both(values: &mut Matrix, others: &Matrix, bias: &[f32], function: impl Fn(f32, f32) -> f32 + Sync) {
    let columns = bias.len();
    if columns == 0 {
        return;
    }
    let run = |(values, others): (&mut [f32], &[f32])| {
        for (row, others) in values.chunks_exact_mut(columns).zip(others.chunks_exact(columns)) {
            for ((value, other), bias) in row.iter_mut().zip(others).zip(bias) {
                *value = function(*value + bias, *other);
            }
        }
    };
    if values.values().len() <= CHUNK {
        run((values.values_mut(), others.values()));
    } else {
        let size = rows(columns) * columns;
        values.values_mut().par_chunks_mut(size).zip(others.values().par_chunks(size)).for_each(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_means_of_their_distribution() {
        let count = 40_000;
        let rbm = Rbm {
            weight: Matrix::new(1, 3, vec![0.5, -1.0, 2.0]).unwrap(),
            visible_bias: vec![0.25, 0.0, -1.0],
            hidden_bias: vec![0.0],
            visible: Visible::Bernoulli,
        };
        let hidden = Matrix::new(count, 1, vec![1.0; count]).unwrap();
        for visible in [Visible::Bernoulli, Visible::Gaussian] {
            let rbm = Rbm { visible, ..rbm.clone() };
            let (mut drawn, mut noise) = (Matrix::zeros(count, 3), Matrix::zeros(count, 3));
            rbm.draw_visible(&hidden, &mut drawn, &mut noise, Stream::new(3)).unwrap();
            let means = rbm.visible_means(&hidden);
            for (sum, &mean) in drawn.column_sums().into_iter().zip(means.row(0)) {
                // Five standard errors, of a variance of at most 1.
                assert!((sum / count as f64 - f64::from(mean)).abs() < 5.0 / (count as f64).sqrt());
            }
        }
        let mut drawn = Matrix::zeros(1, 3);
        draw(&Matrix::new(1, 3, vec![0.0, 1.0, 0.0]).unwrap(), &mut drawn, Stream::new(1)).unwrap();
        assert_eq!(drawn.values(), [0.0, 1.0, 0.0]);
    }
}
