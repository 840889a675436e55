//! The levels, dtypes and thread counts under test.

use init_kernels::{Element, Level};

use crate::oracle::Value;

/// An element type of both the kernels and the oracle.
pub trait Both: Element + Value {}

impl<T: Element + Value> Both for T {}

/// Returns the levels of this machine, and prints which others are skipped.
#[must_use]
pub fn levels() -> Vec<Level> {
    for level in Level::ALL {
        if !level.is_available() {
            println!("skipped: this machine does not support the level {level}");
        }
    }
    Level::available()
}

/// The numbers of threads under test.
pub const THREADS: [usize; 4] = [1, 2, 3, 8];

/// Defines one test per dtype from a generic function, in a module with the test's name.
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

/// Asserts that two tensors are equal bit for bit, and reports the first index where they differ.
///
/// # Panics
///
/// If they differ.
#[track_caller]
pub fn assert_same<T: Value>(found: &[T], expected: &[T], what: impl Fn() -> String) {
    assert_eq!(found.len(), expected.len(), "{}", what());
    let differs = |(a, b): (&T, &T)| a.bits() != b.bits();
    if let Some(at) = found.iter().zip(expected).position(differs) {
        let count = found.iter().zip(expected).filter(|&pair| differs(pair)).count();
        let (a, b) = (found[at], expected[at]);
        panic!(
            "{}, {}: {count} of {} differ, the first at index {at}: found {a:?} ({:#x}), expected {b:?} ({:#x})",
            what(),
            T::NAME,
            found.len(),
            a.bits(),
            b.bits()
        );
    }
}
