//! The element types that can be filled.

use core::fmt;
use core::str::FromStr;

use crate::word::{UnknownWord, look_up};

/// The type of a tensor's elements.
///
/// ```
/// use init_core::DType;
///
/// assert_eq!("bf16".parse(), Ok(DType::Bf16));
/// assert_eq!(DType::Bf16.to_string(), "bf16");
/// assert_eq!(DType::Bf16.size(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// bfloat16: the upper half of a binary32.
    Bf16,
    /// IEEE 754 binary16.
    F16,
}

impl DType {
    /// Every type, in the order in which they are listed to people.
    pub const ALL: [Self; 4] = [Self::F32, Self::F64, Self::Bf16, Self::F16];

    /// The name: `f32`, `f64`, `bf16` or `f16`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// Bytes an element takes: 2, 4 or 8.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::Bf16 | Self::F16 => 2,
        }
    }

    /// The largest finite value, as an `f64` (exact for every type).
    ///
    /// ```
    /// assert_eq!(init_core::DType::F16.max_finite(), 65504.0);
    /// ```
    #[must_use]
    pub const fn max_finite(self) -> f64 {
        match self {
            Self::F32 => f32::MAX as f64,
            Self::F64 => f64::MAX,
            // (2 − 2⁻⁷) · 2¹²⁷
            Self::Bf16 => f32::from_bits(0x7F7F_0000) as f64,
            Self::F16 => 65504.0,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads `f32`, `f64`, `bf16` or `f16`.
impl FromStr for DType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        look_up("dtype", &Self::ALL.map(|dtype| (dtype.name(), dtype)), word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_read_back() {
        for dtype in DType::ALL {
            assert_eq!(dtype.to_string().parse(), Ok(dtype));
        }
        let error = "fp16".parse::<DType>().unwrap_err().to_string();
        assert_eq!(error, "unknown dtype `fp16`: did you mean `f16`? possible are f32, f64, bf16, f16");
    }

    #[test]
    fn sizes_and_limits() {
        assert_eq!(DType::ALL.map(DType::size), [4, 8, 2, 2]);
        assert_eq!(DType::Bf16.max_finite(), 3.389_531_389_251_535_5e38);
        assert_eq!(DType::F32.max_finite(), 3.402_823_466_385_288_6e38);
    }
}
