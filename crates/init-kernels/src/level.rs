//! Levels: which instructions the kernels use. They change the speed, never the values.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::simd::Portable;
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512};

/// The environment variable that forces a level.
const VARIABLE: &str = "FANIN_LEVEL";

/// A set of instructions that the kernels are written for.
///
/// Every level gives the same bits; the best one that the machine has is used unless one is forced, in code
/// ([`Filler::level`](crate::Filler::level)) or by the environment variable `FANIN_LEVEL=portable|avx2|avx512`.
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
#[non_exhaustive]
pub enum Level {
    /// Every architecture, as the compiler's target allows; fused operations are emulated where the target has none.
    Portable,
    /// x86-64 with AVX2, FMA and F16C: Intel from Haswell (2013), AMD from Zen (2017).
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL: Intel from Skylake-X (2017), AMD from Zen 4 (2022).
    Avx512,
}

impl Level {
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The levels that this machine has, the slowest first. [`Portable`](Self::Portable) is always there.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| level.is_available()).collect()
    }

    /// The fastest level that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::ALL.into_iter().rev().find(|level| level.is_available()).unwrap_or(Self::Portable)
    }

    /// The level that fills use: what `FANIN_LEVEL` says, read once, or else [`best`](Self::best).
    ///
    /// # Errors
    /// `FANIN_LEVEL` names no level, or one that this machine does not have.
    pub fn active() -> Result<Self, LevelError> {
        // No lock: a child that is forked while another thread holds one would wait for it for ever.
        static ACTIVE: AtomicUsize = AtomicUsize::new(usize::MAX);
        if let Some(level) = Self::ALL.get(ACTIVE.load(Ordering::Relaxed)) {
            return Ok(*level);
        }
        let level = match std::env::var_os(VARIABLE) {
            None => Self::best(),
            Some(word) => word.to_string_lossy().parse::<Self>()?.checked()?,
        };
        ACTIVE.store(level as usize, Ordering::Relaxed);
        Ok(level)
    }

    /// Whether this machine has the level.
    #[must_use]
    pub fn is_available(self) -> bool {
        self.token().is_some()
    }

    /// This level, if the machine has it.
    pub(crate) fn checked(self) -> Result<Self, LevelError> {
        if self.is_available() { Ok(self) } else { Err(LevelError::Unavailable { level: self }) }
    }

    pub(crate) fn token(self) -> Option<Token> {
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
        f.pad(match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(word: &str) -> Result<Self, LevelError> {
        let level = Self::ALL.into_iter().find(|level| level.to_string() == word);
        level.ok_or_else(|| LevelError::Unknown { word: word.to_owned() })
    }
}

/// Why a level can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LevelError {
    /// The word names no level.
    #[error("unknown level `{word}` (from {VARIABLE} or an option); possible: portable, avx2, avx512")]
    Unknown {
        /// What was given.
        word: String,
    },
    /// The machine lacks the instructions.
    #[error("this machine has no level `{level}`; it has {}", listed(&Level::available()))]
    Unavailable {
        /// What was asked for.
        level: Level,
    },
}

fn listed(levels: &[Level]) -> String {
    levels.iter().map(Level::to_string).collect::<Vec<_>>().join(", ")
}

/// The proof that a level may be used.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
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
    fn an_unknown_level_names_the_possible_ones() {
        let message = "sse2".parse::<Level>().unwrap_err().to_string();
        assert!(message.contains("`sse2`") && message.contains("portable, avx2, avx512"));
    }
}
