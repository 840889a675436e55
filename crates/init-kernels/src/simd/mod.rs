//! The few lane-wise verbs that the kernels need, and who provides them.
//!
//! Kernels are written once, over [`Simd`], and entered through [`Simd::vectorize`], the only place where a
//! `#[target_feature]` function is called. Everything between that entry and the intrinsics is `#[inline(always)]`, so
//! that the whole kernel is compiled for the level's instruction set.
//!
//! A vector has one logical width at every level: 16 × f32, 16 × u32, 8 × u64, 8 × f64. Each verb is one operation that
//! IEEE 754 or two's complement arithmetic defines to the last bit, so that levels can differ in speed only.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod chain32;
mod chain64;
mod fused;
mod polynomial;
mod portable;

use std::mem::MaybeUninit;

use half::{bf16, f16};

use crate::cache_line::CacheLine;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
pub(crate) use polynomial::Polynomial;
pub(crate) use portable::Portable;

/// Lanes of an f32 or u32 vector.
pub(crate) const WIDTH32: usize = 16;

/// Lanes of an f64 or u64 vector.
pub(crate) const WIDTH64: usize = 8;

/// A proof that an instruction set may be used, and its vectors.
///
/// `min(a, b)` is `if a < b { a } else { b }` and `max(a, b)` is `if a > b { a } else { b }`, for zeros of either sign as well.
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    type U64: Copy + std::fmt::Debug;
    type U32: Copy + std::fmt::Debug;
    type F32: Copy + std::fmt::Debug;
    type F64: Copy + std::fmt::Debug;

    /// Calls `f` inside a function compiled for this instruction set; `f` and all it calls must be `#[inline(always)]`.
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R;

    fn load_u64(self, lanes: &[u64; WIDTH64]) -> Self::U64;
    fn splat_u64(self, x: u64) -> Self::U64;
    fn add_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn mul_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn and_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn or_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    fn xor_u64(self, a: Self::U64, b: Self::U64) -> Self::U64;
    /// `a ^ b ^ c`, which some levels have as one instruction.
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

    /// Each lane, read as i32, to the nearest f32.
    fn f32_from_i32(self, a: Self::U32) -> Self::F32;
    /// Each lane, read as i32, as f64: lanes 0 to 7, then 8 to 15. Exact.
    fn f64_from_i32(self, a: Self::U32) -> [Self::F64; 2];
    /// To the nearest f32; the inverse order of [`f64_from_i32`](Self::f64_from_i32).
    fn f32_from_f64(self, a: [Self::F64; 2]) -> Self::F32;

    /// Lanes 0 to 7, then 8 to 15. Exact.
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
    /// `a·b + c` where `a·b` is an f32, so that rounding it changes nothing.
    #[inline(always)]
    fn fma_of_exact_f32(self, a: Self::F32, b: Self::F32, c: Self::F32) -> Self::F32 {
        self.fma_f32(a, b, c)
    }
    /// `first + x·polynomial(x)`, every step rounded once.
    #[inline(always)]
    fn horner_from_f32<const N: usize>(self, first: Self::F32, polynomial: &Polynomial<N>, x: Self::F32) -> Self::F32 {
        polynomial::step_by_step_from(self, first, polynomial, x)
    }
    /// Two polynomials of one x, every step rounded once.
    #[inline(always)]
    fn horner_pair_f32<const M: usize, const N: usize>(
        self,
        first: &Polynomial<M>,
        second: &Polynomial<N>,
        x: Self::F32,
    ) -> [Self::F32; 2] {
        polynomial::step_by_step_pair(self, first, second, x)
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
    /// Every `stride`-th coefficient from `first` on as a polynomial in x, by Horner's rule, every step rounded once.
    #[inline(always)]
    fn horner_f64<const N: usize>(
        self,
        coefficients: &[f64; N],
        first: usize,
        stride: usize,
        x: Self::F64,
    ) -> Self::F64 {
        polynomial::step_by_step_f64(self, coefficients, first, stride, x)
    }
    /// The exponent of each positive normal number, ⌊log₂ a⌋.
    #[inline(always)]
    fn exponent_f64(self, a: Self::F64) -> Self::F64 {
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        let biased = self.or_u64(self.shr_u64::<52>(self.u64_of_f64(a)), self.splat_u64(TWO_52.to_bits()));
        self.sub_f64(self.f64_of_u64(biased), self.splat_f64(TWO_52 + 1023.0))
    }
    /// `if a > b { x } else { y }`, lane by lane.
    fn select_gt_f64(self, a: Self::F64, b: Self::F64, x: Self::F64, y: Self::F64) -> Self::F64;

    /// Whether [`store_past_cache`](Self::store_past_cache) is more than a store.
    const PAST_CACHE: bool;

    fn load_line(self, src: &CacheLine) -> Self::U32;
    /// Writes a line past the caches, where the level can; [`fence`](Self::fence) comes before anyone reads it.
    fn store_past_cache(self, a: Self::U32, dst: &mut CacheLine);
    /// Whether [`straddle`](Self::straddle) is cheap enough to fill memory that does not begin a line past the caches. One
    /// instruction is: 9.7 GB/s of normal f32 instead of 8.9, 22 of uniform instead of 10. Five (AVX2) are not.
    const STRADDLES: bool = false;
    /// The 16 words from word `by` on of two vectors that follow each other; `by` is below 16.
    #[inline(always)]
    fn straddle(self, first: Self::U32, second: Self::U32, by: u32) -> Self::U32 {
        let mut lines = [CacheLine::UNINIT; 2];
        self.store_past_cache(first, &mut lines[0]);
        self.store_past_cache(second, &mut lines[1]);
        let bytes = lines.map(|line| line.0);
        self.load_line(&CacheLine(std::array::from_fn(|byte| bytes.as_flattened()[4 * by as usize + byte])))
    }
    /// Begins to fetch the line of bytes that are to be written as usual.
    #[inline(always)]
    fn prefetch(self, _bytes: &mut [MaybeUninit<u8>]) {}

    /// Brings the cache line of this address, which need not be anyone's, into the second-level cache: it will be read.
    #[inline(always)]
    fn read_ahead<T>(self, _address: *const T) {}
    /// Orders all that was written past the caches before what is written later.
    fn fence(self);

    fn store_f32(self, a: Self::F32, dst: &mut [MaybeUninit<f32>; WIDTH32]);
    fn store_f64(self, a: Self::F64, dst: &mut [MaybeUninit<f64>; WIDTH64]);
    /// Rounded to nearest even. The values are finite, and round to finite ones.
    fn store_bf16(self, a: [Self::F32; 2], dst: &mut [MaybeUninit<bf16>; 2 * WIDTH32]);
    /// Rounded to nearest even. The values are finite, and round to finite ones.
    fn store_f16(self, a: [Self::F32; 2], dst: &mut [MaybeUninit<f16>; 2 * WIDTH32]);
}

/// The bits of `a` with the upper half rounded to nearest even, for finite values: the lower half is left over.
#[inline(always)]
fn round_bf16<S: Simd>(simd: S, a: S::F32) -> S::U32 {
    let bits = simd.u32_of_f32(a);
    let odd = simd.and_u32(simd.shr_u32::<16>(bits), simd.splat_u32(1));
    simd.add_u32(simd.add_u32(bits, simd.splat_u32(0x7FFF)), odd)
}

#[cfg(test)]
mod tests;
