//! The trait of vectors: the lane-wise operations that the kernels use.
//!
//! A vector has the same logical width at every level: 16 × f32, 16 × u32, 8 × u64, 8 × f64. Each
//! operation is one that IEEE 754 or two's complement arithmetic defines to the last bit, so that
//! levels can differ only in speed.

use std::{fmt::Debug, mem::MaybeUninit};

use half::{bf16, f16};

use super::polynomial::Polynomial;
use crate::{
    cache_line::CacheLine,
    geometry::{WIDTH32, WIDTH64},
};

/// 2⁵², whose unit in the last place is 1: integers below are read from the mantissa of their sum
/// with it.
pub(crate) const TWO_52: f64 = 4_503_599_627_370_496.0;

/// A proof that an instruction set is available, and the operations on its vectors.
///
/// `min(a, b)` is `if a < b { a } else { b }` and `max(a, b)` is `if a > b { a } else { b }`, also
/// for zeros of either sign.
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    type U64: Copy + Debug;
    type U32: Copy + Debug;
    type F32: Copy + Debug;
    type F64: Copy + Debug;

    /// Calls `f` inside a function compiled for this instruction set; `f` and all that it calls
    /// must be `#[inline(always)]`.
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R;

    fn load_u64(self, lanes: &[u64; WIDTH64]) -> Self::U64;
    fn splat_u64(self, x: u64) -> Self::U64;
    fn add_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn mul_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn and_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn or_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn xor_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    /// `a ^ b ^ c`, one instruction at some levels.
    fn xor3_u64(self, a: Self::U64, b: Self::U64, c: Self::U64) -> Self::U64;
    fn shl_u64<const N: u32>(self, a: Self::U64) -> Self::U64;
    fn shr_u64<const N: u32>(self, a: Self::U64) -> Self::U64;
    fn rotl_u64<const N: u32>(self, a: Self::U64) -> Self::U64;

    fn splat_u32(self, x: u32) -> Self::U32;
    fn add_u32(self, a: Self::U32, b: Self::U32) -> Self::U32;
    fn sub_u32(self, a: Self::U32, b: Self::U32) -> Self::U32;
    fn and_u32(self, a: Self::U32, b: Self::U32) -> Self::U32;
    fn or_u32(self, a: Self::U32, b: Self::U32) -> Self::U32;
    fn xor_u32(self, a: Self::U32, b: Self::U32) -> Self::U32;
    fn shr_u32<const N: u32>(self, a: Self::U32) -> Self::U32;

    fn u32_of_u64(self, a: Self::U64) -> Self::U32;
    fn u32_of_f32(self, a: Self::F32) -> Self::U32;
    fn f32_of_u32(self, a: Self::U32) -> Self::F32;
    fn u64_of_f64(self, a: Self::F64) -> Self::U64;
    fn f64_of_u64(self, a: Self::U64) -> Self::F64;

    /// Converts each lane, read as i32, to the nearest f32.
    fn f32_from_i32(self, a: Self::U32) -> Self::F32;
    /// Converts each lane, read as i32, to f64, exactly: lanes 0 to 7, then 8 to 15.
    fn f64_from_i32(self, a: Self::U32) -> [Self::F64; 2];
    /// Converts to the nearest f32, in the inverse order of [`f64_from_i32`](Self::f64_from_i32).
    fn f32_from_f64(self, a: [Self::F64; 2]) -> Self::F32;

    /// Converts to f64, exactly: lanes 0 to 7, then 8 to 15.
    fn f64_from_f32(self, a: Self::F32) -> [Self::F64; 2];

    fn load_f32(self, lanes: &[f32; WIDTH32]) -> Self::F32;
    fn load_f64(self, lanes: &[f64; WIDTH64]) -> Self::F64;

    fn splat_f32(self, x: f32) -> Self::F32;
    fn add_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn sub_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn mul_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn div_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn sqrt_f32(self, a: Self::F32) -> Self::F32;
    fn min_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    fn max_f32(self, a: Self::F32, b: Self::F32) -> Self::F32;
    /// `a·b + c`, rounded once.
    fn fma_f32(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32;
    /// `−a·b + c`, rounded once.
    fn fnma_f32(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32;
    /// `a·b + c` where `a·b` is exact in f32, so that rounding the product changes nothing.
    #[inline(always)]
    fn fma_of_exact_f32(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32 {
        self.fma_f32(a, b, c)
    }
    /// Evaluates `first + x·polynomial(x)`, each step rounded once.
    #[inline(always)]
    fn horner_from_f32<const N: usize>(self, first: Self::F32, polynomial: &Polynomial<N>, x: Self::F32) -> Self::F32 {
        step_by_step_from(self, first, polynomial, x)
    }
    /// Evaluates two polynomials at the same x, each step rounded once.
    #[inline(always)]
    fn horner_pair_f32<const M: usize, const N: usize>(
        self,
        first: &Polynomial<M>,
        second: &Polynomial<N>,
        x: Self::F32,
    ) -> [Self::F32; 2] {
        step_by_step_pair(self, first, second, x)
    }

    fn splat_f64(self, x: f64) -> Self::F64;
    fn add_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    fn sub_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    fn mul_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    fn div_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    fn sqrt_f64(self, a: Self::F64) -> Self::F64;
    fn min_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    fn max_f64(self, a: Self::F64, b: Self::F64) -> Self::F64;
    /// `a·b + c`, rounded once.
    fn fma_f64(self, a: Self::F64, b: Self::F64, c: Self::F64) -> Self::F64;
    /// `−a·b + c`, rounded once.
    fn fnma_f64(self, a: Self::F64, b: Self::F64, c: Self::F64) -> Self::F64;
    /// Evaluates every `stride`-th coefficient from `first` on as a polynomial in x, by Horner's
    /// rule, each step rounded once.
    #[inline(always)]
    fn horner_f64<const N: usize>(
        self,
        coefficients: &[f64; N],
        first: usize,
        stride: usize,
        x: Self::F64,
    ) -> Self::F64 {
        step_by_step_f64(self, coefficients, first, stride, x)
    }
    /// Returns the exponent of each positive normal number, ⌊log₂ a⌋.
    #[inline(always)]
    fn exponent_f64(self, a: Self::F64) -> Self::F64 {
        let biased = self.or_u64(self.shr_u64::<52>(self.u64_of_f64(a)), self.splat_u64(TWO_52.to_bits()));
        self.sub_f64(self.f64_of_u64(biased), self.splat_f64(TWO_52 + 1023.0))
    }
    /// Selects `if a > b { x } else { y }`, lane by lane.
    fn select_gt_f64(self, a: Self::F64, b: Self::F64, x: Self::F64, y: Self::F64) -> Self::F64;

    /// Vector registers of the instruction set: how large a block of a matrix product stays in
    /// them.
    const REGISTERS: usize = 16;

    /// Whether [`store_past_cache`](Self::store_past_cache) differs from a plain store.
    const PAST_CACHE: bool;

    fn load_line(self, src: &CacheLine) -> Self::U32;
    /// Writes a line past the caches, where the level can. Call [`fence`](Self::fence) before the
    /// line is read.
    fn store_past_cache(self, a: Self::U32, dst: &mut CacheLine);
    /// Whether [`concat_shift`](Self::concat_shift) is cheap enough to fill memory that is not
    /// aligned to cache lines past the caches. One instruction is: 9.7 GB/s of normal f32 instead
    /// of 8.9, 22 of uniform instead of 10. Five (AVX2) are not.
    const FAST_CONCAT_SHIFT: bool = false;
    /// Returns the 16 words from word `by` on of two concatenated vectors; `by` is below 16.
    #[inline(always)]
    fn concat_shift(self, first: Self::U32, second: Self::U32, by: u32) -> Self::U32 {
        let mut lines = [CacheLine::UNINIT; 2];
        self.store_past_cache(first, &mut lines[0]);
        self.store_past_cache(second, &mut lines[1]);
        let bytes = lines.map(|line| line.0);
        self.load_line(&CacheLine(std::array::from_fn(|byte| bytes.as_flattened()[4 * by as usize + byte])))
    }
    /// Prefetches the cache line of bytes that are about to be written through the caches.
    #[inline(always)]
    fn prefetch(self, _bytes: &mut [MaybeUninit<u8>]) {}

    /// Prefetches the cache line of this address into L2 for reading; the address need not be
    /// valid.
    #[inline(always)]
    fn read_ahead<T>(self, _address: *const T) {}
    /// Orders all stores past the caches before any later store.
    fn fence(self);

    fn store_f32(self, a: Self::F32, dst: &mut [MaybeUninit<f32>; WIDTH32]);
    fn store_f64(self, a: Self::F64, dst: &mut [MaybeUninit<f64>; WIDTH64]);
    /// Writes the values rounded to nearest even. They must be finite and round to finite values.
    fn store_bf16(self, a: [Self::F32; 2], dst: &mut [MaybeUninit<bf16>; 2 * WIDTH32]);
    /// Writes the values rounded to nearest even. They must be finite and round to finite values.
    fn store_f16(self, a: [Self::F32; 2], dst: &mut [MaybeUninit<f16>; 2 * WIDTH32]);
}

/// Returns the bits of finite `a` with the upper half rounded to nearest even; the lower half is to
/// be ignored.
#[inline(always)]
pub(super) fn round_bf16<S: Simd>(simd: S, a: S::F32) -> S::U32 {
    let bits = simd.u32_of_f32(a);
    let odd = simd.and_u32(simd.shr_u32::<16>(bits), simd.splat_u32(1));
    simd.add_u32(simd.add_u32(bits, simd.splat_u32(0x7FFF)), odd)
}

#[inline(always)]
fn step_by_step<S: Simd, const N: usize>(simd: S, polynomial: &Polynomial<N>, x: S::F32) -> S::F32 {
    let mut y = simd.splat_f32(polynomial.coefficients[N - 1]);
    for &c in polynomial.coefficients[..N - 1].iter().rev() {
        y = simd.fma_f32(y, x, simd.splat_f32(c));
    }
    y
}

/// Evaluates [`Simd::horner_from_f32`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_from<S: Simd, const N: usize>(
    simd: S,
    first: S::F32,
    polynomial: &Polynomial<N>,
    x: S::F32,
) -> S::F32 {
    simd.fma_f32(x, step_by_step(simd, polynomial, x), first)
}

/// Evaluates [`Simd::horner_pair_f32`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_pair<S: Simd, const M: usize, const N: usize>(
    simd: S,
    first: &Polynomial<M>,
    second: &Polynomial<N>,
    x: S::F32,
) -> [S::F32; 2] {
    [step_by_step(simd, first, x), step_by_step(simd, second, x)]
}

/// Evaluates [`Simd::horner_f64`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_f64<S: Simd, const N: usize>(
    simd: S,
    coefficients: &[f64; N],
    first: usize,
    stride: usize,
    x: S::F64,
) -> S::F64 {
    let mut power = N - 1 - (N - 1 - first) % stride;
    let mut y = simd.splat_f64(coefficients[power]);
    while power > first {
        power -= stride;
        y = simd.fma_f64(y, x, simd.splat_f64(coefficients[power]));
    }
    y
}
