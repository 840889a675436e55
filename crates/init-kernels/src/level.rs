//! Levels: the instruction sets that the kernels use. They change the speed, never the values.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicUsize, Ordering},
};

#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};
use crate::{simd::Portable, token::Token};

/// The environment variable that forces a level.
const VARIABLE: &str = "FANIN_LEVEL";

/// The number of the active level; before its first use, none.
///
/// No lock: a child process forked while another thread holds it would wait forever.
static ACTIVE: AtomicUsize = AtomicUsize::new(usize::MAX);

/// An instruction set for which the kernels are compiled.
///
/// Every level gives the same bits. The fastest level of the machine is used unless one is forced,
/// in code ([`Filler::level`](crate::Filler::level)) or by the environment variable
/// `FANIN_LEVEL=portable|avx2|avx512`.
///
/// ```
/// use init_kernels::Level;
///
/// let level: Level = "portable".parse()?;
/// assert!(level.is_available());
/// assert!(Level::available().contains(&Level::best()));
/// # Ok::<(), init_kernels::LevelError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every architecture, with the instructions of the compiler's target; fused operations are
    /// emulated where the target has none.
    Portable,
    /// x86-64 with AVX2, FMA and F16C: Intel from Haswell (2013), AMD from Zen (2017).
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL: Intel from Skylake-X (2017), AMD from Zen 4 (2022).
    Avx512,
}

impl Level {
    /// All levels, the slowest first, whether or not this machine has them.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Returns the level's name: `portable`, `avx2` or `avx512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Returns the levels of this machine, the slowest first. [`Portable`](Self::Portable) is
    /// always among them.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| level.is_available()).collect()
    }

    /// Returns the fastest level of this machine.
    #[must_use]
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|level| level.is_available()).unwrap_or(Self::Portable)
    }

    /// Returns the level that fills use: the value of `FANIN_LEVEL`, read once, or else
    /// [`best`](Self::best).
    ///
    /// # Errors
    ///
    /// Returns [`LevelError`] if `FANIN_LEVEL` is not a level, or not one of this machine.
    #[inline]
    pub fn active() -> Result<Self, LevelError> {
        match Self::ALL.get(ACTIVE.load(Ordering::Relaxed)) {
            Some(level) => Ok(*level),
            None => Self::first_active(),
        }
    }

    /// Reads `FANIN_LEVEL`.
    #[cold]
    fn first_active() -> Result<Self, LevelError> {
        let level = match std::env::var_os(VARIABLE) {
            None => Self::best(),
            Some(word) => word.to_string_lossy().parse::<Self>()?,
        };
        level.token()?;
        ACTIVE.store(level as usize, Ordering::Relaxed);
        Ok(level)
    }

    /// Returns whether this machine has the level.
    #[must_use]
    pub fn is_available(self) -> bool {
        self.detect().is_some()
    }

    /// Returns the proof that this machine has the level.
    #[inline(always)]
    pub(crate) fn token(self) -> Result<Token, LevelError> {
        self.detect().ok_or(LevelError::Unavailable { level: self })
    }

    #[inline(always)]
    /// Returns the level of a token.
    pub(crate) const fn of(token: Token) -> Self {
        match token {
            Token::Portable(_) => Self::Portable,
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(_) => Self::Avx2,
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(_) => Self::Avx512,
        }
    }

    fn detect(self) -> Option<Token> {
        match self {
            Self::Portable => Some(Token::Portable(Portable)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().map(Token::Avx2),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().map(Token::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(word: &str) -> Result<Self, LevelError> {
        let level = Self::ALL.into_iter().find(|level| level.name() == word);
        level.ok_or_else(|| LevelError::Unknown { word: word.to_owned() })
    }
}

/// Why a level cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LevelError {
    /// The word is not the name of a level.
    #[error("unknown level `{word}` (given directly or by {VARIABLE}); expected one of {}", listed(&Level::ALL))]
    Unknown {
        /// The word as given.
        word: String,
    },
    /// The machine lacks the instructions.
    #[error("this machine does not support level `{level}`; it supports {}", listed(&Level::available()))]
    Unavailable {
        /// The level that was requested.
        level: Level,
    },
}

fn listed(levels: &[Level]) -> String {
    levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_print_and_parse_back() {
        for level in Level::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
    }

    #[test]
    fn an_unknown_level_is_answered_with_the_known_ones() {
        let message = "sse2".parse::<Level>().unwrap_err().to_string();
        assert!(message.contains("`sse2`") && message.contains("portable, avx2, avx512"));
    }

    #[cfg(feature = "rand")]
    #[test]
    fn every_operation_of_every_level_is_exact() {
        for level in Level::ALL {
            match level.token() {
                Ok(token) => crate::token::dispatch!(token, simd => crate::simd::tests::check(simd)),
                Err(error) => eprintln!("skipped: {error}"),
            }
        }
    }
}
