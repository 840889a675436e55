//! The two types in which values are computed, f32 and f64, and their vectors in memory.

use std::{fmt::Debug, mem::MaybeUninit};

use crate::{
    geometry::{WIDTH32, WIDTH64},
    simd::Simd,
};

/// One vector in memory, aligned to a cache line, so that no access crosses a line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line<A>(pub(crate) A);

/// f32 or f64, with the operations on its vectors that linear algebra needs.
pub(crate) trait Real: Copy + Debug + PartialOrd + Send + Sync + 'static {
    /// A vector in memory.
    type Line: Copy + Send + Sync + 'static;
    /// A vector in registers.
    type Vector<S: Simd>: Copy;

    /// Values per line.
    const LANES: usize;
    const ZERO: Self;
    const ONE: Self;
    const ZEROS: Self::Line;

    fn to_f64(self) -> f64;
    /// Converts to the nearest value.
    fn from_f64(x: f64) -> Self;

    /// Returns the values of lines.
    fn scalars(lines: &[Self::Line]) -> &[Self];
    /// Returns the values of lines.
    fn scalars_mut(lines: &mut [Self::Line]) -> &mut [Self];

    fn splat<S: Simd>(simd: S, x: Self) -> Self::Vector<S>;
    fn load<S: Simd>(simd: S, line: &Self::Line) -> Self::Vector<S>;
    fn store<S: Simd>(simd: S, a: Self::Vector<S>, line: &mut Self::Line);
    fn add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn sub<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn mul<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a·b + c`, rounded once.
    fn fma<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>, c: Self::Vector<S>) -> Self::Vector<S>;

    /// Adds the squares of 16 values, each in f64, to 16 sums.
    fn add_squares<S: Simd>(simd: S, lines: &[Self::Line], sums: [S::F64; 2]) -> [S::F64; 2];
}

macro_rules! real {
    (
        $real:ident, $width:expr, $vector:ident,
        $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $mul:ident, $fma:ident,
        |$simd:ident, $lines:ident| $doubles:expr
    ) => {
        impl Real for $real {
            type Line = Line<[$real; $width]>;
            type Vector<S: Simd> = S::$vector;

            const LANES: usize = $width;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const ZEROS: Self::Line = Line([0.0; $width]);

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as Self
            }

            fn scalars(lines: &[Self::Line]) -> &[Self] {
                // SAFETY: a line is `$width` values without padding, so the slice covers the memory
                // of the lines exactly.
                unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * $width) }
            }

            fn scalars_mut(lines: &mut [Self::Line]) -> &mut [Self] {
                // SAFETY: as above; the slice takes over the borrow of the lines.
                unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * $width) }
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$vector {
                simd.$splat(x)
            }

            #[inline(always)]
            fn load<S: Simd>(simd: S, line: &Self::Line) -> S::$vector {
                simd.$load(&line.0)
            }

            #[inline(always)]
            fn store<S: Simd>(simd: S, a: S::$vector, line: &mut Self::Line) {
                // SAFETY: the store writes the whole line, with initialised values.
                let dst = unsafe { &mut *(&raw mut line.0).cast::<[MaybeUninit<$real>; $width]>() };
                simd.$store(a, dst);
            }

            #[inline(always)]
            fn add<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn sub<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$sub(a, b)
            }

            #[inline(always)]
            fn mul<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }

            #[inline(always)]
            fn fma<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$fma(a, b, c)
            }

            #[inline(always)]
            fn add_squares<S: Simd>($simd: S, $lines: &[Self::Line], sums: [S::F64; 2]) -> [S::F64; 2] {
                let [low, high]: [S::F64; 2] = $doubles;
                [$simd.fma_f64(low, low, sums[0]), $simd.fma_f64(high, high, sums[1])]
            }
        }
    };
}

real!(f32, WIDTH32, F32, splat_f32, load_f32, store_f32, add_f32, sub_f32, mul_f32, fma_f32, |simd, lines| simd
    .f64_from_f32(simd.load_f32(&lines[0].0)));
real!(f64, WIDTH64, F64, splat_f64, load_f64, store_f64, add_f64, sub_f64, mul_f64, fma_f64, |simd, lines| [
    simd.load_f64(&lines[0].0),
    simd.load_f64(&lines[1].0)
]);
