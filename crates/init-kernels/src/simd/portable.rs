//! Every architecture, on `wide`. Its own `mul_add` is fused on some targets and not on others: ours is fused on all.

use std::mem::MaybeUninit;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use wide::bytemuck::cast;
use wide::{f32x16, f64x8, i32x16, u32x16, u64x8};

use super::{Simd, WIDTH32, WIDTH64, fused};

/// The level that is always there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Portable {
    /// The u32 words of a step.
    pub(crate) fn words(step: u64x8) -> [u32; WIDTH32] {
        Self.u32_of_u64(step).to_array()
    }
}

/// Verbs that are one expression.
macro_rules! verbs {
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

    // Never inlined: what runs under the guarded floating-point environment must not move out of it.
    #[inline(never)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }

    verbs! {
        load_u64(lanes: &[u64; WIDTH64]) -> u64x8 = u64x8::new(*lanes);
        splat_u64(x: u64) -> u64x8 = u64x8::splat(x);
        add_u64(a: u64x8, b: u64x8) -> u64x8 = a + b;
        and_u64(a: u64x8, b: u64x8) -> u64x8 = a & b;
        or_u64(a: u64x8, b: u64x8) -> u64x8 = a | b;
        xor_u64(a: u64x8, b: u64x8) -> u64x8 = a ^ b;
        shl_u64<const N>(a: u64x8) -> u64x8 = a << N;
        shr_u64<const N>(a: u64x8) -> u64x8 = a >> N;
        rotl_u64<const N>(a: u64x8) -> u64x8 = (a << N) | (a >> (64 - N));

        splat_u32(x: u32) -> u32x16 = u32x16::splat(x);
        add_u32(a: u32x16, b: u32x16) -> u32x16 = a + b;
        and_u32(a: u32x16, b: u32x16) -> u32x16 = a & b;
        or_u32(a: u32x16, b: u32x16) -> u32x16 = a | b;
        xor_u32(a: u32x16, b: u32x16) -> u32x16 = a ^ b;
        shr_u32<const N>(a: u32x16) -> u32x16 = a >> N;
        sar_u32<const N>(a: u32x16) -> u32x16 = cast(cast::<_, i32x16>(a) >> N);

        // A cast keeps the bytes; where the high half comes first in memory, the halves change places before.
        u32_of_u64(a: u64x8) -> u32x16 = cast(if cfg!(target_endian = "big") { Portable.rotl_u64::<32>(a) } else { a });
        u32_of_f32(a: f32x16) -> u32x16 = cast(a);
        f32_of_u32(a: u32x16) -> f32x16 = cast(a);
        u64_of_f64(a: f64x8) -> u64x8 = cast(a);
        f64_of_u64(a: u64x8) -> f64x8 = cast(a);

        f32_from_i32(a: u32x16) -> f32x16 = cast::<_, i32x16>(a).round_float();

        splat_f32(x: f32) -> f32x16 = f32x16::splat(x);
        sub_f32(a: f32x16, b: f32x16) -> f32x16 = a - b;
        mul_f32(a: f32x16, b: f32x16) -> f32x16 = a * b;
        div_f32(a: f32x16, b: f32x16) -> f32x16 = a / b;
        sqrt_f32(a: f32x16) -> f32x16 = a.sqrt();
        min_f32(a: f32x16, b: f32x16) -> f32x16 = a.simd_lt(b).select(a, b);
        max_f32(a: f32x16, b: f32x16) -> f32x16 = a.simd_gt(b).select(a, b);
        fma_f32(a: f32x16, b: f32x16, c: f32x16) -> f32x16 = fused::fma_f32(a.to_array(), b.to_array(), c.to_array()).into();
        fnma_f32(a: f32x16, b: f32x16, c: f32x16) -> f32x16 = Portable.fma_f32(-a, b, c);

        splat_f64(x: f64) -> f64x8 = f64x8::splat(x);
        add_f64(a: f64x8, b: f64x8) -> f64x8 = a + b;
        sub_f64(a: f64x8, b: f64x8) -> f64x8 = a - b;
        mul_f64(a: f64x8, b: f64x8) -> f64x8 = a * b;
        div_f64(a: f64x8, b: f64x8) -> f64x8 = a / b;
        sqrt_f64(a: f64x8) -> f64x8 = a.sqrt();
        min_f64(a: f64x8, b: f64x8) -> f64x8 = a.simd_lt(b).select(a, b);
        max_f64(a: f64x8, b: f64x8) -> f64x8 = a.simd_gt(b).select(a, b);
        fma_f64(a: f64x8, b: f64x8, c: f64x8) -> f64x8 = fused::fma_f64(a.to_array(), b.to_array(), c.to_array()).into();
        fnma_f64(a: f64x8, b: f64x8, c: f64x8) -> f64x8 = Portable.fma_f64(-a, b, c);
        select_gt_f64(a: f64x8, b: f64x8, x: f64x8, y: f64x8) -> f64x8 = a.simd_gt(b).select(x, y);
    }

    #[inline(always)]
    fn f64_from_i32(self, a: u32x16) -> [f64x8; 2] {
        let lanes = a.to_array().map(|lane| f64::from(lane.cast_signed()));
        let (low, high) = lanes.split_at(WIDTH64);
        [low, high].map(|half| f64x8::new(std::array::from_fn(|lane| half[lane])))
    }

    #[inline(always)]
    fn f32_from_f64(self, a: [f64x8; 2]) -> f32x16 {
        let lanes = a.map(f64x8::to_array);
        f32x16::new(std::array::from_fn(|lane| lanes[lane / WIDTH64][lane % WIDTH64] as f32))
    }

    #[inline(always)]
    fn store_f32(self, a: f32x16, dst: &mut [MaybeUninit<f32>; WIDTH32]) {
        *dst = a.to_array().map(MaybeUninit::new);
    }

    #[inline(always)]
    fn store_f64(self, a: f64x8, dst: &mut [MaybeUninit<f64>; WIDTH64]) {
        *dst = a.to_array().map(MaybeUninit::new);
    }

    #[inline(always)]
    fn store_bf16(self, a: f32x16, dst: &mut [MaybeUninit<bf16>; WIDTH32]) {
        let upper = super::round_bf16(self, a).to_array().map(|bits| bf16::from_bits((bits >> 16) as u16));
        *dst = upper.map(MaybeUninit::new);
    }

    #[inline(always)]
    fn store_f16(self, a: f32x16, dst: &mut [MaybeUninit<f16>; WIDTH32]) {
        let mut halves = [f16::ZERO; WIDTH32];
        halves.convert_from_f32_slice(a.as_array());
        *dst = halves.map(MaybeUninit::new);
    }
}
