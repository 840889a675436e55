//! Truncated normal values with bounds within two standard deviations, in f32.
//!
//! In pseudo-code, for one word:
//!
//! ```text
//! t = (2Φ(α) − 1 + 2Φ(β) − 1)/2 + (2Φ(β) − 2Φ(α))/2 · word·2⁻³¹
//! z = √2·erf⁻¹(t)
//! value = clamp(mean + std·z)
//! ```

use std::mem::MaybeUninit;

use init_core::distribution::normal::within;

use super::{group::Kernel, parameters::Parameters};
use crate::{
    geometry::{GROUP, STEPS32},
    lanes::Lanes,
    math::quantile_central,
    range::Range,
    scalar::Narrowed,
    simd::Simd,
    uniforms::signed_f32,
};

/// The kernel of bounds within 2.0005 standard deviations, on both sides of the mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Central {
    /// The interval of 2Φ − 1 between the bounds: half its width per unit of the word, and its
    /// centre.
    scale: f32,
    centre: f32,
    std: f32,
    mean: f32,
    range: Range<f32>,
}

impl Central {
    /// Returns `None` if the bounds are not central.
    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64, range: Range<f32>) -> Option<Self> {
        const LIMIT: f64 = 2.0005;
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        let central = (-LIMIT..0.0).contains(&alpha) && beta > 0.0 && beta <= LIMIT;
        if !central {
            return None;
        }
        let t_beta = within(beta);
        let t_alpha = if alpha == -beta { -t_beta } else { within(alpha) };
        Some(Self {
            scale: ((t_beta * 0.5 - t_alpha * 0.5) * 2f64.powi(-31)) as f32,
            centre: (t_beta * 0.5 + t_alpha * 0.5) as f32,
            std: std as f32,
            mean: mean as f32,
            range,
        })
    }

    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, x: S::F32) -> S::F32 {
        let t = simd.fma_f32(x, simd.splat_f32(self.scale), simd.splat_f32(self.centre));
        let z = quantile_central(simd, t);
        self.range.clamp(simd, simd.fma_f32(z, simd.splat_f32(self.std), simd.splat_f32(self.mean)))
    }
}

impl Parameters for Central {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        let numbers = [("scale", self.scale), ("centre", self.centre), ("mean", self.mean), ("std", self.std)];
        let numbers = numbers.into_iter().map(|(name, number)| (name, f64::from(number)));
        numbers.chain(self.range.parameters()).collect()
    }
}

impl<E: Narrowed> Kernel<E> for Central {
    const STEPS: usize = STEPS32;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, signed_f32(simd, lanes)), self.value(simd, signed_f32(simd, lanes))];
        E::store(simd, values, dst);
    }
}
