//! Standard normal values for the vectors of reflections.

use std::{iter::once, mem::MaybeUninit};

use crate::{
    kernel::Normal,
    real::Real,
    run::{Route, Run, fill_runs},
    simd::Simd,
    stream::Stream,
};

/// A type in which orthogonal matrices are computed.
pub(crate) trait Normals: Real {
    /// Writes standard normal values from the first of a stream on.
    fn normals<S: Simd>(simd: S, stream: Stream, dst: &mut [Self]);
}

macro_rules! normals {
    ($($real:ident)*) => {$(
        impl Normals for $real {
            #[inline(always)]
            fn normals<S: Simd>(simd: S, stream: Stream, dst: &mut [Self]) {
                let len = dst.len();
                let dst = dst.as_mut_ptr().cast::<MaybeUninit<$real>>();
                // SAFETY: `MaybeUninit` has the layout of its type, and the fill writes only
                // initialised values.
                let dst = unsafe { std::slice::from_raw_parts_mut(dst, len) };
                let kernel = Normal::<$real>::new(0.0, 1.0);
                fill_runs(simd, kernel, stream, Route::Cached, once(Run { offset: 0, dst }));
            }
        }
    )*};
}

normals!(f32 f64);
