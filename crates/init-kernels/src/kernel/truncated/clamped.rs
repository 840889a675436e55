//! Values of a truncated regime, clamped to the bounds and written.

use std::mem::MaybeUninit;

use super::super::{
    group::{Kernel, vectors},
    parameters::Parameters,
};
use crate::{
    geometry::{GROUP, STEPS32, STEPS64, WIDTH64},
    lanes::Lanes,
    range::Range,
    scalar::{Narrowed, Scalar},
    simd::Simd,
    uniforms::Unit,
};

/// Computes in f64 one vector of values that are not yet clamped to the bounds.
pub(crate) trait Regime: Copy + Send + Sync {
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64;
}

/// The kernel of a regime whose values are clamped to the bounds as the destination type represents
/// them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clamped<G, R> {
    pub(crate) regime: G,
    pub(crate) range: Range<R>,
}

impl<G: Parameters, R: Scalar> Parameters for Clamped<G, R> {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        let mut parameters = self.regime.parameters();
        parameters.extend(self.range.parameters());
        parameters
    }
}

impl<G: Regime> Clamped<G, f32> {
    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, [low, high]: [Unit<S>; 2]) -> S::F32 {
        let values = [self.regime.values(simd, low), self.regime.values(simd, high)];
        self.range.clamp(simd, simd.f32_from_f64(values))
    }
}

impl<E: Narrowed, G: Regime> Kernel<E> for Clamped<G, f32> {
    const STEPS: usize = STEPS32;
    const FAST: bool = false;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, Unit::from_u32(simd, lanes)), self.value(simd, Unit::from_u32(simd, lanes))];
        E::store(simd, values, dst);
    }
}

impl<G: Regime> Kernel<f64> for Clamped<G, f64> {
    const STEPS: usize = STEPS64;
    const FAST: bool = false;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for dst in vectors::<f64, WIDTH64>(dst) {
            let values = self.regime.values(simd, Unit::from_u64(simd, lanes));
            simd.store_f64(self.range.clamp(simd, values), dst);
        }
    }
}
