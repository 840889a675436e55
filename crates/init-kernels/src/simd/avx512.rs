//! AVX-512 (F, BW, DQ, VL): one register per vector.

use std::{arch::x86_64::*, mem::MaybeUninit};

use half::{bf16, f16};

use super::vector::Simd;
use crate::{
    cache_line::CacheLine,
    geometry::{WIDTH32, WIDTH64},
};

/// A proof that AVX-512 F, BW, DQ and VL are available: only [`detect`](Self::detect) creates one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512 {
    _detected: (),
}

impl Avx512 {
    /// Returns the proof if this machine has the instructions.
    #[inline]
    pub(crate) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        all.then_some(Self { _detected: () })
    }
}

/// Defines operations that are one expression of intrinsics.
macro_rules! operations {
    ($($name:ident $(<const $n:ident>)? ($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name $(<const $n: u32>)? (self, $($arg: $ty),*) -> $ret {
            // SAFETY: the intrinsics need AVX-512 F, BW, DQ or VL; `self` exists only after
            // `detect` found all four.
            unsafe { $body }
        }
    )*};
}

impl Simd for Avx512 {
    type U64 = __m512i;
    type U32 = __m512i;
    type F32 = __m512;
    type F64 = __m512d;

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
        fn shim<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        // SAFETY: the shim needs AVX-512 F, BW, DQ and VL; `self` exists only after `detect` found
        // all four.
        unsafe { shim(f) }
    }

    operations! {
        load_u64(lanes: &[u64; WIDTH64]) -> __m512i = _mm512_loadu_si512(lanes.as_ptr().cast());
        splat_u64(x: u64) -> __m512i = _mm512_set1_epi64(x.cast_signed());
        add_u64(a: __m512i, b: __m512i) -> __m512i = _mm512_add_epi64(a, b);
        mul_u64(a: __m512i, b: __m512i) -> __m512i = _mm512_mullo_epi64(a, b);
        and_u64(a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        or_u64(a: __m512i, b: __m512i) -> __m512i = _mm512_or_si512(a, b);
        xor_u64(a: __m512i, b: __m512i) -> __m512i = _mm512_xor_si512(a, b);
        xor3_u64(a: __m512i, b: __m512i, c: __m512i) -> __m512i = _mm512_ternarylogic_epi64::<0x96>(a, b, c);
        shl_u64<const N>(a: __m512i) -> __m512i = _mm512_slli_epi64::<N>(a);
        shr_u64<const N>(a: __m512i) -> __m512i = _mm512_srli_epi64::<N>(a);
        rotl_u64<const N>(a: __m512i) -> __m512i = _mm512_rolv_epi64(a, _mm512_set1_epi64(i64::from(N)));

        splat_u32(x: u32) -> __m512i = _mm512_set1_epi32(x.cast_signed());
        add_u32(a: __m512i, b: __m512i) -> __m512i = _mm512_add_epi32(a, b);
        sub_u32(a: __m512i, b: __m512i) -> __m512i = _mm512_sub_epi32(a, b);
        and_u32(a: __m512i, b: __m512i) -> __m512i = _mm512_and_si512(a, b);
        or_u32(a: __m512i, b: __m512i) -> __m512i = _mm512_or_si512(a, b);
        xor_u32(a: __m512i, b: __m512i) -> __m512i = _mm512_xor_si512(a, b);
        shr_u32<const N>(a: __m512i) -> __m512i = _mm512_srli_epi32::<N>(a);

        u32_of_f32(a: __m512) -> __m512i = _mm512_castps_si512(a);
        f32_of_u32(a: __m512i) -> __m512 = _mm512_castsi512_ps(a);
        u64_of_f64(a: __m512d) -> __m512i = _mm512_castpd_si512(a);
        f64_of_u64(a: __m512i) -> __m512d = _mm512_castsi512_pd(a);

        f32_from_i32(a: __m512i) -> __m512 = _mm512_cvtepi32_ps(a);
        f64_from_i32(a: __m512i) -> [__m512d; 2] = [
            _mm512_cvtepi32_pd(_mm512_castsi512_si256(a)),
            _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64::<1>(a)),
        ];
        f32_from_f64(a: [__m512d; 2]) -> __m512 = _mm512_insertf32x8::<1>(
            _mm512_castps256_ps512(_mm512_cvtpd_ps(a[0])),
            _mm512_cvtpd_ps(a[1]),
        );

        f64_from_f32(a: __m512) -> [__m512d; 2] = [
            _mm512_cvtps_pd(_mm512_castps512_ps256(a)),
            _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(a)),
        ];

        load_f32(lanes: &[f32; WIDTH32]) -> __m512 = _mm512_loadu_ps(lanes.as_ptr());
        load_f64(lanes: &[f64; WIDTH64]) -> __m512d = _mm512_loadu_pd(lanes.as_ptr());

        splat_f32(x: f32) -> __m512 = _mm512_set1_ps(x);
        add_f32(a: __m512, b: __m512) -> __m512 = _mm512_add_ps(a, b);
        sub_f32(a: __m512, b: __m512) -> __m512 = _mm512_sub_ps(a, b);
        mul_f32(a: __m512, b: __m512) -> __m512 = _mm512_mul_ps(a, b);
        div_f32(a: __m512, b: __m512) -> __m512 = _mm512_div_ps(a, b);
        sqrt_f32(a: __m512) -> __m512 = _mm512_sqrt_ps(a);
        min_f32(a: __m512, b: __m512) -> __m512 = _mm512_min_ps(a, b);
        max_f32(a: __m512, b: __m512) -> __m512 = _mm512_max_ps(a, b);
        fma_f32(a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fmadd_ps(a, b, c);
        fnma_f32(a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fnmadd_ps(a, b, c);

        splat_f64(x: f64) -> __m512d = _mm512_set1_pd(x);
        add_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_add_pd(a, b);
        sub_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_sub_pd(a, b);
        mul_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_mul_pd(a, b);
        div_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_div_pd(a, b);
        sqrt_f64(a: __m512d) -> __m512d = _mm512_sqrt_pd(a);
        min_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_min_pd(a, b);
        max_f64(a: __m512d, b: __m512d) -> __m512d = _mm512_max_pd(a, b);
        fma_f64(a: __m512d, b: __m512d, c: __m512d) -> __m512d = _mm512_fmadd_pd(a, b, c);
        fnma_f64(a: __m512d, b: __m512d, c: __m512d) -> __m512d = _mm512_fnmadd_pd(a, b, c);
        exponent_f64(a: __m512d) -> __m512d = _mm512_getexp_pd(a);
        select_gt_f64(a: __m512d, b: __m512d, x: __m512d, y: __m512d) -> __m512d =
            _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(a, b), y, x);
    }

    #[inline(always)]
    fn u32_of_u64(self, a: __m512i) -> __m512i {
        a
    }

    const REGISTERS: usize = 32;

    const PAST_CACHE: bool = true;

    #[inline(always)]
    fn load_line(self, src: &CacheLine) -> __m512i {
        // SAFETY: AVX-512 F was detected, and a `CacheLine` is 64 bytes.
        unsafe { _mm512_loadu_si512(src.0.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store_past_cache(self, a: __m512i, dst: &mut CacheLine) {
        // SAFETY: AVX-512 F was detected; a `CacheLine` is 64 bytes, aligned as the store requires.
        unsafe { _mm512_stream_si512(dst.0.as_mut_ptr().cast(), a) }
    }

    const FAST_CONCAT_SHIFT: bool = true;

    #[inline(always)]
    fn concat_shift(self, first: __m512i, second: __m512i, by: u32) -> __m512i {
        // SAFETY: AVX-512 F was detected.
        unsafe {
            let lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            let index = _mm512_add_epi32(lanes, _mm512_set1_epi32(by.cast_signed()));
            _mm512_permutex2var_epi32(first, index, second)
        }
    }

    #[inline(always)]
    fn prefetch(self, bytes: &mut [MaybeUninit<u8>]) {
        // SAFETY: a prefetch has no effect that a program can observe.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn fence(self) {
        // SAFETY: SSE is part of x86-64.
        unsafe { _mm_sfence() }
    }

    #[inline(always)]
    fn read_ahead<T>(self, address: *const T) {
        // SAFETY: the hint is part of x86-64 and never faults, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) }
    }

    #[inline(always)]
    fn store_f32(self, a: __m512, dst: &mut [MaybeUninit<f32>; WIDTH32]) {
        // SAFETY: AVX-512 F was detected; `dst` is 64 writable bytes, and the store needs no
        // alignment.
        unsafe { _mm512_storeu_ps(dst.as_mut_ptr().cast(), a) }
    }

    #[inline(always)]
    fn store_f64(self, a: __m512d, dst: &mut [MaybeUninit<f64>; WIDTH64]) {
        // SAFETY: AVX-512 F was detected; `dst` is 64 writable bytes, and the store needs no
        // alignment.
        unsafe { _mm512_storeu_pd(dst.as_mut_ptr().cast(), a) }
    }

    #[inline(always)]
    fn store_bf16(self, a: [__m512; 2], dst: &mut [MaybeUninit<bf16>; 2 * WIDTH32]) {
        // SAFETY: AVX-512 F and BW were detected; `dst` is 64 writable bytes, and the store needs
        // no alignment.
        unsafe {
            // Round to nearest even: add half a unit, less one bit where the upper half is even.
            let mut rounded = [_mm512_castps_si512(a[0]), _mm512_castps_si512(a[1])];
            for bits in &mut rounded {
                let odd = _mm512_test_epi32_mask(*bits, _mm512_set1_epi32(0x1_0000));
                let down = _mm512_add_epi32(*bits, _mm512_set1_epi32(0x7FFF));
                *bits = _mm512_mask_add_epi32(down, odd, *bits, _mm512_set1_epi32(0x8000));
            }
            const UPPER_HALVES: [u16; 2 * WIDTH32] = {
                let mut words = [0; 2 * WIDTH32];
                let mut lane = 0;
                while lane < words.len() {
                    words[lane] = 2 * lane as u16 + 1;
                    lane += 1;
                }
                words
            };
            let upper = _mm512_loadu_si512(UPPER_HALVES.as_ptr().cast());
            _mm512_storeu_si512(dst.as_mut_ptr().cast(), _mm512_permutex2var_epi16(rounded[0], upper, rounded[1]));
        }
    }

    #[inline(always)]
    fn store_f16(self, a: [__m512; 2], dst: &mut [MaybeUninit<f16>; 2 * WIDTH32]) {
        for (a, dst) in a.into_iter().zip(dst.as_chunks_mut::<WIDTH32>().0) {
            // SAFETY: AVX-512 F and VL were detected; `dst` is 32 writable bytes, and the store
            // needs no alignment.
            unsafe { _mm256_storeu_si256(dst.as_mut_ptr().cast(), _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(a)) }
        }
    }
}
