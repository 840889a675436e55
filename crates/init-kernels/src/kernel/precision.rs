//! The parts of the kernels that differ between f32 and f64.

use std::{fmt::Debug, mem::MaybeUninit};

use super::{central::Central, group::Kernel, parameters::Parameters};
use crate::{
    geometry::{GROUP, STEPS64},
    lanes::Lanes,
    range::Range,
    scalar::Scalar,
    simd::Simd,
};

/// Times of one thread per value, in picoseconds at the levels portable, AVX2 and AVX-512.
///
/// Measured on Sapphire Rapids with buffers of 16384 values, the minimum of 60 fills, rounded.
/// Other dtypes and machines differ by up to a factor of two, which moves the size from which a
/// fill is shared, and no value.
#[derive(Debug)]
pub(crate) struct Costs {
    pub(crate) constant: [u64; 3],
    pub(crate) uniform: [u64; 3],
    pub(crate) normal: [u64; 3],
    /// Truncated normals whose bounds are within two standard deviations.
    pub(crate) central: [u64; 3],
    /// All other truncated normals.
    pub(crate) truncated: [u64; 3],
}

/// f32 or f64: the precision in which a kernel computes.
pub(crate) trait Precision: Scalar {
    /// The kernel of bounds within two standard deviations.
    type Central: Copy + Debug + Parameters + Send + Sync;

    /// An upper bound of |z| over all standard normal values: √(2·b·ln 2) for radii of b bits.
    const NORMAL_REACH: f64;
    /// The unit of a word on a scale from −1 to 1.
    const WORD_UNIT: f64;
    /// Intervals whose half width is smaller than this need a uniform kernel that is `TINY`.
    const TINY_HALF_WIDTH: f64;
    /// What a value takes one thread.
    const COSTS: Costs;

    /// Returns the kernel of these bounds if they are central and the precision has such a kernel.
    fn central(mean: f64, std: f64, low: f64, high: f64, range: Range<Self>) -> Option<Self::Central>;
}

impl Precision for f32 {
    type Central = Central;

    /// 31 bits of radius.
    const NORMAL_REACH: f64 = 6.5556;
    const WORD_UNIT: f64 = 1.0 / 2_147_483_648.0;
    /// 2⁻⁹⁴: below, the half width times 2⁻³¹ would be subnormal.
    const TINY_HALF_WIDTH: f64 = f64::from_bits((1023 - 94) << 52);
    const COSTS: Costs = Costs {
        constant: [80, 80, 80],
        uniform: [850, 300, 190],
        normal: [5_000, 650, 370],
        central: [5_000, 600, 380],
        truncated: [83_000, 5_300, 3_100],
    };

    fn central(mean: f64, std: f64, low: f64, high: f64, range: Range<f32>) -> Option<Central> {
        Central::new(mean, std, low, high, range)
    }
}

impl Precision for f64 {
    type Central = NoKernel;

    /// 53 bits of radius.
    const NORMAL_REACH: f64 = 8.5718;
    const WORD_UNIT: f64 = 1.0 / 2_251_799_813_685_248.0;
    /// 2⁻⁹⁰⁰.
    const TINY_HALF_WIDTH: f64 = f64::from_bits((1023 - 900) << 52);
    const COSTS: Costs = Costs {
        constant: [170, 170, 170],
        uniform: [2_700, 720, 390],
        normal: [30_000, 1_770, 1_120],
        central: [0, 0, 0],
        truncated: [69_000, 4_500, 3_000],
    };

    fn central(_: f64, _: f64, _: f64, _: f64, _: Range<f64>) -> Option<NoKernel> {
        None
    }
}

/// The kernel that a precision does not have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoKernel {}

impl Parameters for NoKernel {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        match *self {}
    }
}

impl Kernel<f64> for NoKernel {
    const STEPS: usize = STEPS64;
    const FAST: bool = false;

    #[inline(always)]
    fn sample<S: Simd>(&self, _: S, _: &mut Lanes<S>, _: &mut [MaybeUninit<f64>; GROUP]) {
        match *self {}
    }
}
