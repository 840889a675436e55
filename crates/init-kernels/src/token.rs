//! Tokens: the proof that a level is available, and the dispatch on it.

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::{level::Level, simd::Portable};

/// The proof that a level is available.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Token {
    pub(crate) const fn level(self) -> Level {
        match self {
            Self::Portable(_) => Level::Portable,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Level::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Level::Avx512,
        }
    }
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
