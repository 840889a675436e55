//! Bounds within two standard deviations, in f32.

use std::mem::MaybeUninit;

use init_core::normal_law::within;

use super::super::{GROUP, STEPS32, Sampler};
use crate::element::Range;
use crate::element::sealed::Narrowed;
use crate::lanes::Lanes;
use crate::math::quantile_central;
use crate::simd::Simd;
use crate::uniforms::signed_f32;

/// Bounds within 2.0005 standard deviations, the mean between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Central {
    /// 2Φ − 1 over the interval: half its width for each unit of the word, and its centre.
    scale: f32,
    centre: f32,
    std: f32,
    mean: f32,
    held: Range<f32>,
}

impl Central {
    /// None, if the bounds are not central.
    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64, held: Range<f32>) -> Option<Self> {
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
            held,
        })
    }

    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, x: S::F32) -> S::F32 {
        let t = simd.fma_f32(x, simd.splat_f32(self.scale), simd.splat_f32(self.centre));
        let z = quantile_central(simd, t);
        self.held.hold(simd, simd.fma_f32(z, simd.splat_f32(self.std), simd.splat_f32(self.mean)))
    }
}

impl<E: Narrowed> Sampler<E> for Central {
    const STEPS: usize = STEPS32;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, signed_f32(simd, lanes)), self.value(simd, signed_f32(simd, lanes))];
        E::store(simd, values, dst);
    }
}
