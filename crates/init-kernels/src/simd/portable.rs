//! The level of every architecture, on `wide`, with a multiply-add that is fused on all targets;
//! that of `wide` is not.

use std::mem::MaybeUninit;

use half::{bf16, f16, slice::HalfFloatSliceExt};
use wide::{bytemuck::cast, f32x16, f64x8, i32x16, u32x16, u64x8};

use super::{
    chain32::{self, ExactCheck, FastCheck},
    chain64,
    fused::{self, FUSES},
    polynomial::Polynomial,
    vector::{Simd, round_bf16, step_by_step_f64, step_by_step_from, step_by_step_pair},
};
use crate::{
    cache_line::CacheLine,
    geometry::{WIDTH32, WIDTH64},
};

/// The level that every machine has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Portable {
    /// Returns the u32 words of a step.
    pub(crate) fn words(step: u64x8) -> [u32; WIDTH32] {
        Self.u32_of_u64(step).to_array()
    }
}

/// Defines operations that are one expression.
macro_rules! operations {
    ($($name:ident $(<const $n:ident>)? ($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name $(<const $n: u32>)? (self, $($arg: $ty),*) -> $ret {
            $body
        }
    )*};
}

impl Simd for Portable {
    type U64 = u64x8;
    type U32 = u32x16;
    type F32 = f32x16;
    type F64 = f64x8;

    // Never inlined: what runs in the standard floating-point mode must not move out of it.
    #[inline(never)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }

    operations! {
        load_u64(lanes: &[u64; WIDTH64]) -> u64x8 = u64x8::new(*lanes);
        splat_u64(x: u64) -> u64x8 = u64x8::splat(x);
        add_u64(a: u64x8, b: u64x8) -> u64x8 = a + b;
        mul_u64(a: u64x8, b: u64x8) -> u64x8 = a * b;
        and_u64(a: u64x8, b: u64x8) -> u64x8 = a & b;
        or_u64(a: u64x8, b: u64x8) -> u64x8 = a | b;
        xor_u64(a: u64x8, b: u64x8) -> u64x8 = a ^ b;
        xor3_u64(a: u64x8, b: u64x8, c: u64x8) -> u64x8 = a ^ b ^ c;
        shl_u64<const N>(a: u64x8) -> u64x8 = a << N;
        shr_u64<const N>(a: u64x8) -> u64x8 = a >> N;
        rotl_u64<const N>(a: u64x8) -> u64x8 = (a << N) | (a >> (64 - N));

        splat_u32(x: u32) -> u32x16 = u32x16::splat(x);
        add_u32(a: u32x16, b: u32x16) -> u32x16 = a + b;
        sub_u32(a: u32x16, b: u32x16) -> u32x16 = a - b;
        and_u32(a: u32x16, b: u32x16) -> u32x16 = a & b;
        or_u32(a: u32x16, b: u32x16) -> u32x16 = a | b;
        xor_u32(a: u32x16, b: u32x16) -> u32x16 = a ^ b;
        shr_u32<const N>(a: u32x16) -> u32x16 = a >> N;

        // A cast keeps the bytes; on big-endian targets the halves are swapped first.
        u32_of_u64(a: u64x8) -> u32x16 = cast(if cfg!(target_endian = "big") { Portable.rotl_u64::<32>(a) } else { a });
        u32_of_f32(a: f32x16) -> u32x16 = cast(a);
        f32_of_u32(a: u32x16) -> f32x16 = cast(a);
        u64_of_f64(a: f64x8) -> u64x8 = cast(a);
        f64_of_u64(a: u64x8) -> f64x8 = cast(a);

        f32_from_i32(a: u32x16) -> f32x16 = cast::<_, i32x16>(a).round_float();

        load_f32(lanes: &[f32; WIDTH32]) -> f32x16 = f32x16::new(*lanes);
        load_f64(lanes: &[f64; WIDTH64]) -> f64x8 = f64x8::new(*lanes);

        splat_f32(x: f32) -> f32x16 = f32x16::splat(x);
        add_f32(a: f32x16, b: f32x16) -> f32x16 = a + b;
        sub_f32(a: f32x16, b: f32x16) -> f32x16 = a - b;
        mul_f32(a: f32x16, b: f32x16) -> f32x16 = a * b;
        div_f32(a: f32x16, b: f32x16) -> f32x16 = a / b;
        sqrt_f32(a: f32x16) -> f32x16 = a.sqrt();
        min_f32(a: f32x16, b: f32x16) -> f32x16 = a.simd_lt(b).select(a, b);
        max_f32(a: f32x16, b: f32x16) -> f32x16 = a.simd_gt(b).select(a, b);
        fma_of_exact_f32(a: f32x16, b: f32x16, c: f32x16) -> f32x16 = a * b + c;
        fnma_f32(a: f32x16, b: f32x16, c: f32x16) -> f32x16 = Portable.fma_f32(-a, b, c);

        splat_f64(x: f64) -> f64x8 = f64x8::splat(x);
        add_f64(a: f64x8, b: f64x8) -> f64x8 = a + b;
        sub_f64(a: f64x8, b: f64x8) -> f64x8 = a - b;
        mul_f64(a: f64x8, b: f64x8) -> f64x8 = a * b;
        div_f64(a: f64x8, b: f64x8) -> f64x8 = a / b;
        sqrt_f64(a: f64x8) -> f64x8 = a.sqrt();
        min_f64(a: f64x8, b: f64x8) -> f64x8 = a.simd_lt(b).select(a, b);
        max_f64(a: f64x8, b: f64x8) -> f64x8 = a.simd_gt(b).select(a, b);
        fnma_f64(a: f64x8, b: f64x8, c: f64x8) -> f64x8 = Portable.fma_f64(-a, b, c);
        select_gt_f64(a: f64x8, b: f64x8, x: f64x8, y: f64x8) -> f64x8 = a.simd_gt(b).select(x, y);
    }

    #[inline(always)]
    fn fma_f32(self, a: f32x16, b: f32x16, c: f32x16) -> f32x16 {
        if FUSES {
            return fused::fma_f32(a.to_array(), b.to_array(), c.to_array()).into();
        }
        // With c = 0 there is only one rounding: 2 operations per lane instead of 7, in every
        // normal fill with mean 0. A product that underflows to zero is excluded, because the sign
        // of its sum with c may differ.
        if c.simd_eq(f32x16::ZERO).all() {
            let product = a * b;
            if !product.simd_eq(f32x16::ZERO).any() {
                return product;
            }
        }
        chain32::fma(a, b, c).unwrap_or_else(|| slow_fma(a, b, c))
    }

    #[inline(always)]
    fn horner_from_f32<const N: usize>(self, first: f32x16, polynomial: &Polynomial<N>, x: f32x16) -> f32x16 {
        if FUSES {
            return step_by_step_from(self, first, polynomial, x);
        }
        let fast = chain32::horner_from::<FastCheck, N>(first, polynomial, x);
        fast.unwrap_or_else(|| slow_horner_from(first, polynomial, x))
    }

    #[inline(always)]
    fn horner_pair_f32<const M: usize, const N: usize>(
        self,
        first: &Polynomial<M>,
        second: &Polynomial<N>,
        x: f32x16,
    ) -> [f32x16; 2] {
        if FUSES {
            return step_by_step_pair(self, first, second, x);
        }
        let fast = chain32::horner_pair::<FastCheck, M, N>(first, second, x);
        fast.unwrap_or_else(|| slow_horner_pair(first, second, x))
    }

    #[inline(always)]
    fn fma_f64(self, a: f64x8, b: f64x8, c: f64x8) -> f64x8 {
        if FUSES {
            return fused::fma_f64(a.to_array(), b.to_array(), c.to_array()).into();
        }
        // As in f32: 2 operations per lane instead of 16.
        if c.simd_eq(f64x8::ZERO).all() {
            let product = a * b;
            if !product.simd_eq(f64x8::ZERO).any() {
                return product;
            }
        }
        chain64::fma(a, b, c).unwrap_or_else(|| slow_fma_f64(a, b, c))
    }

    #[inline(always)]
    fn horner_f64<const N: usize>(self, coefficients: &[f64; N], first: usize, stride: usize, x: f64x8) -> f64x8 {
        if FUSES {
            return step_by_step_f64(self, coefficients, first, stride, x);
        }
        let fast = chain64::horner(coefficients, first, stride, x);
        fast.unwrap_or_else(|| slow_horner_f64(coefficients, first, stride, x))
    }

    #[inline(always)]
    fn f64_from_i32(self, a: u32x16) -> [f64x8; 2] {
        let lanes = a.to_array().map(|lane| f64::from(lane.cast_signed()));
        let (low, high) = lanes.split_at(WIDTH64);
        [low, high].map(|half| f64x8::new(std::array::from_fn(|lane| half[lane])))
    }

    #[inline(always)]
    fn f64_from_f32(self, a: f32x16) -> [f64x8; 2] {
        let lanes = a.to_array().map(f64::from);
        let (low, high) = lanes.split_at(WIDTH64);
        [low, high].map(|half| f64x8::new(std::array::from_fn(|lane| half[lane])))
    }

    #[inline(always)]
    fn f32_from_f64(self, a: [f64x8; 2]) -> f32x16 {
        let lanes = a.map(f64x8::to_array);
        f32x16::new(std::array::from_fn(|lane| lanes[lane / WIDTH64][lane % WIDTH64] as f32))
    }

    const PAST_CACHE: bool = false;

    #[inline(always)]
    fn load_line(self, src: &CacheLine) -> u32x16 {
        // SAFETY: kernels load only lines that they have written; `u32x16` is 64 bytes, all values
        // valid.
        unsafe { src.0.as_ptr().cast::<u32x16>().read_unaligned() }
    }

    // A plain store: Rust has stores past the caches for x86-64 only.
    #[inline(always)]
    fn store_past_cache(self, a: u32x16, dst: &mut CacheLine) {
        *dst = CacheLine(cast::<_, [u8; 64]>(a).map(MaybeUninit::new));
    }

    // Nothing to order: the stores are plain.
    #[inline(always)]
    fn fence(self) {}

    #[inline(always)]
    fn store_f32(self, a: f32x16, dst: &mut [MaybeUninit<f32>; WIDTH32]) {
        *dst = a.to_array().map(MaybeUninit::new);
    }

    #[inline(always)]
    fn store_f64(self, a: f64x8, dst: &mut [MaybeUninit<f64>; WIDTH64]) {
        *dst = a.to_array().map(MaybeUninit::new);
    }

    #[inline(always)]
    fn store_bf16(self, a: [f32x16; 2], dst: &mut [MaybeUninit<bf16>; 2 * WIDTH32]) {
        for (a, dst) in a.into_iter().zip(dst.as_chunks_mut::<WIDTH32>().0) {
            let upper = round_bf16(self, a).to_array().map(|bits| bf16::from_bits((bits >> 16) as u16));
            *dst = upper.map(MaybeUninit::new);
        }
    }

    #[inline(always)]
    fn store_f16(self, a: [f32x16; 2], dst: &mut [MaybeUninit<f16>; 2 * WIDTH32]) {
        for (a, dst) in a.into_iter().zip(dst.as_chunks_mut::<WIDTH32>().0) {
            let mut halves = [f16::ZERO; WIDTH32];
            halves.convert_from_f32_slice(a.as_array());
            *dst = halves.map(MaybeUninit::new);
        }
    }
}

/// Computes [`fused::fma_f32`], out of line.
#[cold]
#[inline(never)]
fn slow_fma(a: f32x16, b: f32x16, c: f32x16) -> f32x16 {
    fused::fma_f32(a.to_array(), b.to_array(), c.to_array()).into()
}

#[cold]
#[inline(never)]
fn slow_horner_from<const N: usize>(first: f32x16, polynomial: &Polynomial<N>, x: f32x16) -> f32x16 {
    let exact = chain32::horner_from::<ExactCheck, N>(first, polynomial, x);
    exact.unwrap_or_else(|| step_by_step_from(Portable, first, polynomial, x))
}

#[cold]
#[inline(never)]
fn slow_horner_pair<const M: usize, const N: usize>(
    first: &Polynomial<M>,
    second: &Polynomial<N>,
    x: f32x16,
) -> [f32x16; 2] {
    let exact = chain32::horner_pair::<ExactCheck, M, N>(first, second, x);
    exact.unwrap_or_else(|| step_by_step_pair(Portable, first, second, x))
}

/// Computes [`fused::fma_f64`], out of line.
#[cold]
#[inline(never)]
fn slow_fma_f64(a: f64x8, b: f64x8, c: f64x8) -> f64x8 {
    fused::fma_f64(a.to_array(), b.to_array(), c.to_array()).into()
}

#[cold]
#[inline(never)]
fn slow_horner_f64<const N: usize>(coefficients: &[f64; N], first: usize, stride: usize, x: f64x8) -> f64x8 {
    step_by_step_f64(Portable, coefficients, first, stride, x)
}
