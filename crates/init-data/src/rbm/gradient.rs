//! Gradients of the log-likelihood, and the Gibbs chains that estimate them.

use init_kernels::Stream;

use super::{
    error::RbmError,
    machine::Rbm,
    options::Reconstruction,
    sampling::{draw, draw_around},
};
use crate::matrix::Matrix;

/// A change of all weights and biases: a gradient of the mean log-likelihood, or a step along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// With respect to the weight, of the same shape.
    pub weight: Matrix,
    /// With respect to the visible biases.
    pub visible_bias: Vec<f32>,
    /// With respect to the hidden biases.
    pub hidden_bias: Vec<f32>,
}

impl Gradient {
    /// Creates a gradient of zeros with the shape of a machine.
    #[must_use]
    pub fn zeros(rbm: &Rbm) -> Self {
        Self {
            weight: Matrix::zeros(rbm.hidden_units(), rbm.visible_units()),
            visible_bias: vec![0.0; rbm.visible_units()],
            hidden_bias: vec![0.0; rbm.hidden_units()],
        }
    }

    /// self ← keep · self + scale · Σ (h vᵀ, v, h) over the examples.
    pub(super) fn accumulate(&mut self, keep: f32, scale: f32, visible: &Matrix, hidden: &Matrix) {
        self.weight.set_product(keep, scale, hidden.factor().transposed(), visible.factor());
        add_rows(&mut self.visible_bias, keep, scale, visible);
        add_rows(&mut self.hidden_bias, keep, scale, hidden);
    }
}

/// sums ← keep · sums + scale · Σ rows.
fn add_rows(sums: &mut [f32], keep: f32, scale: f32, rows: &Matrix) {
    for sum in sums.iter_mut() {
        *sum *= keep;
    }
    for row in rows.each_row() {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += scale * value;
        }
    }
}

/// Chains of Gibbs sampling, one per row.
#[derive(Clone, Debug)]
pub(super) struct Chains {
    /// Draws of the hidden units: the state of the chains.
    pub(super) hidden: Matrix,
    /// The visible units that `probabilities` are conditioned on.
    pub(super) visible: Matrix,
    /// p(h = 1 | v).
    pub(super) probabilities: Matrix,
    noise: Matrix,
}

impl Chains {
    /// Creates chains with all hidden units off.
    pub(super) fn new(rbm: &Rbm, count: usize) -> Self {
        let hidden = Matrix::zeros(count, rbm.hidden_units());
        let visible = Matrix::zeros(count, rbm.visible_units());
        Self { probabilities: hidden.clone(), noise: visible.clone(), hidden, visible }
    }

    /// Starts the chains at draws of these probabilities.
    pub(super) fn start(&mut self, probabilities: &Matrix, stream: Stream) -> Result<(), RbmError> {
        Ok(draw(probabilities, &mut self.hidden, stream.child("hidden"))?)
    }

    /// Draws v given h, or takes its mean, then draws h given v, that many times. The last h is
    /// drawn only if the chains persist; the gradient uses `probabilities` in its stead, which has
    /// the same mean and less noise.
    pub(super) fn walk(
        &mut self,
        rbm: &Rbm,
        steps: usize,
        reconstruction: Reconstruction,
        persist: bool,
        stream: Stream,
    ) -> Result<(), RbmError> {
        for step in 0..steps {
            let stream = stream.child_index(step as u64);
            match reconstruction {
                Reconstruction::Drawn => self.draw_visible(rbm, stream.child_index(0))?,
                Reconstruction::Means => rbm.visible_means_into(&self.hidden, &mut self.visible),
            }
            rbm.hidden_means(&self.visible, &mut self.probabilities);
            if persist || step + 1 < steps {
                draw(&self.probabilities, &mut self.hidden, stream.child_index(1))?;
            }
        }
        Ok(())
    }

    /// Draws v given h once.
    pub(super) fn draw_visible(&mut self, rbm: &Rbm, stream: Stream) -> Result<(), RbmError> {
        Ok(rbm.draw_visible(&self.hidden, &mut self.visible, &mut self.noise, stream)?)
    }

    /// Draws the visible units from their biases, without weights.
    pub(super) fn draw_base(&mut self, rbm: &Rbm, bias: &[f32], stream: Stream) -> Result<(), RbmError> {
        self.visible.values_mut().fill(0.0);
        Ok(draw_around(&mut self.visible, bias, rbm.visible, &mut self.noise, stream)?)
    }
}

impl Rbm {
    /// Estimates the gradient of the mean log-likelihood of the examples by contrastive divergence,
    /// CD-k: ⟨v hᵀ⟩ of the data minus that after k steps of Gibbs sampling from them (G. E. Hinton,
    /// *Training Products of Experts by Minimizing Contrastive Divergence*, 2002; Hinton 2010,
    /// equation 9). Its bias falls as k rises.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the data do not fit the machine, or `k` is 0.
    pub fn contrastive_divergence(&self, data: &Matrix, k: usize, stream: Stream) -> Result<Gradient, RbmError> {
        self.check(data)?;
        if k == 0 {
            return Err(RbmError::Setting { setting: "k", given: "0".to_owned(), range: "at least 1" });
        }
        let scale = 1.0 / data.rows() as f32;
        let mut gradient = Gradient::zeros(self);
        let probabilities = self.hidden_probabilities(data);
        gradient.accumulate(0.0, scale, data, &probabilities);
        let mut chains = Chains::new(self, data.rows());
        chains.start(&probabilities, stream)?;
        chains.walk(self, k, Reconstruction::Drawn, false, stream)?;
        gradient.accumulate(1.0, -scale, &chains.visible, &chains.probabilities);
        Ok(gradient)
    }
}
