//! Tokens: the proof that a level is available, and the dispatch on it.

use crate::simd::Portable;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};

/// The proof that a level is available.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// Evaluates an expression with the [`Simd`](crate::simd::Simd) type of a token: the only dispatch
/// on the level.
macro_rules! dispatch {
    ($token:expr, $simd:ident => $body:expr) => {
        match $token {
            $crate::token::Token::Portable($simd) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::token::Token::Avx2($simd) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::token::Token::Avx512($simd) => $body,
        }
    };
}
pub(crate) use dispatch;
