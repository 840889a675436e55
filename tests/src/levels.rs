//! The levels, dtypes and threads that the tests go through.

use init_kernels::{Element, Level};
use rayon::ThreadPool;

use crate::oracle::Value;

/// An element type that both the kernels and the oracle know.
pub trait Both: Element + Value {}

impl<T: Element + Value> Both for T {}

/// The levels of this machine; says which of the others are left out.
#[must_use]
pub fn levels() -> Vec<Level> {
    for level in [Level::Portable, Level::Avx2, Level::Avx512] {
        if !level.is_available() {
            println!("skipped: this machine has no level {level}");
        }
    }
    Level::available()
}

/// Pools of 1, 2, 3 and 8 threads.
///
/// # Panics
/// If the machine refuses a thread.
#[must_use]
pub fn pools() -> Vec<ThreadPool> {
    let pool = |threads| {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder.build().expect("threads")
    };
    [1, 2, 3, 8].map(pool).into()
}

/// Makes a test of a generic function for each dtype, in a module of the test's name.
#[macro_export]
macro_rules! for_each_dtype {
    ($($(#[$meta:meta])* $name:ident => $function:ident;)+) => {$(
        $(#[$meta])*
        mod $name {
            #[test]
            fn f32() {
                super::$function::<f32>();
            }
            #[test]
            fn f64() {
                super::$function::<f64>();
            }
            #[test]
            fn bf16() {
                super::$function::<half::bf16>();
            }
            #[test]
            fn f16() {
                super::$function::<half::f16>();
            }
        }
    )+};
}

/// Fails with the first place where two tensors differ in a bit.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn assert_same<T: Value>(found: &[T], expected: &[T], what: impl Fn() -> String) {
    assert_eq!(found.len(), expected.len(), "{}", what());
    let differs = |(a, b): (&T, &T)| a.bits() != b.bits();
    if let Some(at) = found.iter().zip(expected).position(differs) {
        let count = found.iter().zip(expected).filter(|&pair| differs(pair)).count();
        let (a, b) = (found[at], expected[at]);
        panic!(
            "{}, {}: {count} of {} differ, the first at {at}: {a:?} ({:#x}) for {b:?} ({:#x})",
            what(),
            T::NAME,
            found.len(),
            a.bits(),
            b.bits()
        );
    }
}
