//! AVX2 with FMA and F16C: two registers per vector.

use std::{arch::x86_64::*, mem::MaybeUninit};

use half::{bf16, f16};

use super::vector::{Simd, round_bf16};
use crate::{
    cache_line::CacheLine,
    geometry::{WIDTH32, WIDTH64},
};

/// A proof that AVX2, FMA and F16C are available: only [`detect`](Self::detect) creates one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2 {
    _detected: (),
}

impl Avx2 {
    /// Returns the proof if this machine has the instructions.
    #[inline]
    pub(crate) fn detect() -> Option<Self> {
        let all =
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
        all.then_some(Self { _detected: () })
    }
}

/// Defines operations that do the same to both registers: the body is written for one.
macro_rules! halves {
    ($($name:ident $(<const $n:ident>)? ($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name $(<const $n: u32>)? (self, $($arg: [$ty; 2]),*) -> [$ret; 2] {
            // A function, because the compiler may decline to inline a closure.
            #[inline(always)]
            unsafe fn half $(<const $n: u32>)? ($($arg: $ty),*) -> $ret {
                // SAFETY: the intrinsics need AVX2, FMA or F16C, which the caller has.
                unsafe { $body }
            }
            // SAFETY: `self` exists only after `detect` found AVX2, FMA and F16C.
            unsafe { [half $(::<$n>)? ($($arg[0]),*), half $(::<$n>)? ($($arg[1]),*)] }
        }
    )*};
}

/// Defines operations that are one expression of intrinsics.
macro_rules! operations {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $ty),*) -> $ret {
            // SAFETY: the intrinsics need AVX2, FMA or F16C; `self` exists only after `detect`
            // found all three.
            unsafe { $body }
        }
    )*};
}

/// A shift count for the intrinsics with a run-time count; a constant count becomes an immediate.
macro_rules! count {
    ($n:expr) => {
        _mm_cvtsi32_si128($n.cast_signed())
    };
}

impl Simd for Avx2 {
    type U64 = [__m256i; 2];
    type U32 = [__m256i; 2];
    type F32 = [__m256; 2];
    type F64 = [__m256d; 2];

    #[inline(always)]
    fn vectorize<R>(self, f: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx2,fma,f16c")]
        fn shim<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        // SAFETY: the shim needs AVX2, FMA and F16C; `self` exists only after `detect` found all
        // three.
        unsafe { shim(f) }
    }

    halves! {
        add_u64(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi64(a, b);
        // a·b = al·bl + 2³²·(ah·bl + al·bh): AVX2 multiplies only 32-bit halves.
        mul_u64(a: __m256i, b: __m256i) -> __m256i = {
            let cross = _mm256_mullo_epi32(a, _mm256_shuffle_epi32::<0b10_11_00_01>(b));
            let cross = _mm256_add_epi32(cross, _mm256_slli_epi64::<32>(cross));
            let upper = _mm256_and_si256(cross, _mm256_set1_epi64x(-1 << 32));
            _mm256_add_epi64(_mm256_mul_epu32(a, b), upper)
        };
        and_u64(a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        or_u64(a: __m256i, b: __m256i) -> __m256i = _mm256_or_si256(a, b);
        xor_u64(a: __m256i, b: __m256i) -> __m256i = _mm256_xor_si256(a, b);
        xor3_u64(a: __m256i, b: __m256i, c: __m256i) -> __m256i = _mm256_xor_si256(_mm256_xor_si256(a, b), c);
        shl_u64<const N>(a: __m256i) -> __m256i = _mm256_sll_epi64(a, count!(N));
        shr_u64<const N>(a: __m256i) -> __m256i = _mm256_srl_epi64(a, count!(N));
        rotl_u64<const N>(a: __m256i) -> __m256i =
            _mm256_or_si256(_mm256_sll_epi64(a, count!(N)), _mm256_srl_epi64(a, count!(64 - N)));

        add_u32(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi32(a, b);
        sub_u32(a: __m256i, b: __m256i) -> __m256i = _mm256_sub_epi32(a, b);
        and_u32(a: __m256i, b: __m256i) -> __m256i = _mm256_and_si256(a, b);
        or_u32(a: __m256i, b: __m256i) -> __m256i = _mm256_or_si256(a, b);
        xor_u32(a: __m256i, b: __m256i) -> __m256i = _mm256_xor_si256(a, b);
        shr_u32<const N>(a: __m256i) -> __m256i = _mm256_srl_epi32(a, count!(N));

        u32_of_f32(a: __m256) -> __m256i = _mm256_castps_si256(a);
        f32_of_u32(a: __m256i) -> __m256 = _mm256_castsi256_ps(a);
        u64_of_f64(a: __m256d) -> __m256i = _mm256_castpd_si256(a);
        f64_of_u64(a: __m256i) -> __m256d = _mm256_castsi256_pd(a);
        f32_from_i32(a: __m256i) -> __m256 = _mm256_cvtepi32_ps(a);

        add_f32(a: __m256, b: __m256) -> __m256 = _mm256_add_ps(a, b);
        sub_f32(a: __m256, b: __m256) -> __m256 = _mm256_sub_ps(a, b);
        mul_f32(a: __m256, b: __m256) -> __m256 = _mm256_mul_ps(a, b);
        div_f32(a: __m256, b: __m256) -> __m256 = _mm256_div_ps(a, b);
        sqrt_f32(a: __m256) -> __m256 = _mm256_sqrt_ps(a);
        min_f32(a: __m256, b: __m256) -> __m256 = _mm256_min_ps(a, b);
        max_f32(a: __m256, b: __m256) -> __m256 = _mm256_max_ps(a, b);
        fma_f32(a: __m256, b: __m256, c: __m256) -> __m256 = _mm256_fmadd_ps(a, b, c);
        fnma_f32(a: __m256, b: __m256, c: __m256) -> __m256 = _mm256_fnmadd_ps(a, b, c);

        add_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_add_pd(a, b);
        sub_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_sub_pd(a, b);
        mul_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_mul_pd(a, b);
        div_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_div_pd(a, b);
        sqrt_f64(a: __m256d) -> __m256d = _mm256_sqrt_pd(a);
        min_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_min_pd(a, b);
        max_f64(a: __m256d, b: __m256d) -> __m256d = _mm256_max_pd(a, b);
        fma_f64(a: __m256d, b: __m256d, c: __m256d) -> __m256d = _mm256_fmadd_pd(a, b, c);
        fnma_f64(a: __m256d, b: __m256d, c: __m256d) -> __m256d = _mm256_fnmadd_pd(a, b, c);
        select_gt_f64(a: __m256d, b: __m256d, x: __m256d, y: __m256d) -> __m256d =
            _mm256_blendv_pd(y, x, _mm256_cmp_pd::<_CMP_GT_OQ>(a, b));
    }

    operations! {
        load_u64(lanes: &[u64; WIDTH64]) -> [__m256i; 2] = [
            _mm256_loadu_si256(lanes.as_ptr().cast()),
            _mm256_loadu_si256(lanes[4..].as_ptr().cast()),
        ];
        splat_u64(x: u64) -> [__m256i; 2] = [_mm256_set1_epi64x(x.cast_signed()); 2];
        splat_u32(x: u32) -> [__m256i; 2] = [_mm256_set1_epi32(x.cast_signed()); 2];
        splat_f32(x: f32) -> [__m256; 2] = [_mm256_set1_ps(x); 2];
        splat_f64(x: f64) -> [__m256d; 2] = [_mm256_set1_pd(x); 2];

        load_f32(lanes: &[f32; WIDTH32]) -> [__m256; 2] = [
            _mm256_loadu_ps(lanes.as_ptr()),
            _mm256_loadu_ps(lanes[8..].as_ptr()),
        ];
        load_f64(lanes: &[f64; WIDTH64]) -> [__m256d; 2] = [
            _mm256_loadu_pd(lanes.as_ptr()),
            _mm256_loadu_pd(lanes[4..].as_ptr()),
        ];

        f64_from_f32(a: [__m256; 2]) -> [[__m256d; 2]; 2] = [
            [_mm256_cvtps_pd(_mm256_castps256_ps128(a[0])), _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(a[0]))],
            [_mm256_cvtps_pd(_mm256_castps256_ps128(a[1])), _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(a[1]))],
        ];
        f64_from_i32(a: [__m256i; 2]) -> [[__m256d; 2]; 2] = [
            [_mm256_cvtepi32_pd(_mm256_castsi256_si128(a[0])), _mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(a[0]))],
            [_mm256_cvtepi32_pd(_mm256_castsi256_si128(a[1])), _mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(a[1]))],
        ];
        f32_from_f64(a: [[__m256d; 2]; 2]) -> [__m256; 2] = [
            _mm256_set_m128(_mm256_cvtpd_ps(a[0][1]), _mm256_cvtpd_ps(a[0][0])),
            _mm256_set_m128(_mm256_cvtpd_ps(a[1][1]), _mm256_cvtpd_ps(a[1][0])),
        ];
    }

    #[inline(always)]
    fn u32_of_u64(self, a: [__m256i; 2]) -> [__m256i; 2] {
        a
    }

    const PAST_CACHE: bool = true;

    #[inline(always)]
    fn load_line(self, src: &CacheLine) -> [__m256i; 2] {
        let src: *const __m256i = src.0.as_ptr().cast();
        // SAFETY: AVX was detected, and a `CacheLine` is 64 bytes.
        unsafe { [_mm256_loadu_si256(src), _mm256_loadu_si256(src.add(1))] }
    }

    #[inline(always)]
    fn store_past_cache(self, a: [__m256i; 2], dst: &mut CacheLine) {
        let dst: *mut __m256i = dst.0.as_mut_ptr().cast();
        // SAFETY: AVX was detected; a `CacheLine` is 64 bytes, aligned as the stores require.
        unsafe {
            _mm256_stream_si256(dst, a[0]);
            _mm256_stream_si256(dst.add(1), a[1]);
        }
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
    fn store_f32(self, a: [__m256; 2], dst: &mut [MaybeUninit<f32>; WIDTH32]) {
        let (low, high) = dst.split_at_mut(WIDTH32 / 2);
        // SAFETY: AVX was detected; each half of `dst` is 32 writable bytes, and the stores need no
        // alignment.
        unsafe {
            _mm256_storeu_ps(low.as_mut_ptr().cast(), a[0]);
            _mm256_storeu_ps(high.as_mut_ptr().cast(), a[1]);
        }
    }

    #[inline(always)]
    fn store_f64(self, a: [__m256d; 2], dst: &mut [MaybeUninit<f64>; WIDTH64]) {
        let (low, high) = dst.split_at_mut(WIDTH64 / 2);
        // SAFETY: AVX was detected; each half of `dst` is 32 writable bytes, and the stores need no
        // alignment.
        unsafe {
            _mm256_storeu_pd(low.as_mut_ptr().cast(), a[0]);
            _mm256_storeu_pd(high.as_mut_ptr().cast(), a[1]);
        }
    }

    #[inline(always)]
    fn store_bf16(self, a: [[__m256; 2]; 2], dst: &mut [MaybeUninit<bf16>; 2 * WIDTH32]) {
        for (a, dst) in a.into_iter().zip(dst.as_chunks_mut::<WIDTH32>().0) {
            let upper = self.shr_u32::<16>(round_bf16(self, a));
            // SAFETY: AVX2 was detected; `dst` is 32 writable bytes, and the store needs no
            // alignment.
            unsafe {
                // The pack works in halves of 128 bits and leaves the quarters in the order 0, 2,
                // 1, 3.
                let packed = _mm256_packus_epi32(upper[0], upper[1]);
                _mm256_storeu_si256(dst.as_mut_ptr().cast(), _mm256_permute4x64_epi64::<0b11_01_10_00>(packed));
            }
        }
    }

    #[inline(always)]
    fn store_f16(self, a: [[__m256; 2]; 2], dst: &mut [MaybeUninit<f16>; 2 * WIDTH32]) {
        for (a, dst) in a.into_iter().flatten().zip(dst.as_chunks_mut::<8>().0) {
            // SAFETY: F16C was detected; `dst` is 16 writable bytes, and the store needs no
            // alignment.
            unsafe {
                _mm_storeu_si128(dst.as_mut_ptr().cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(a));
            }
        }
    }
}
