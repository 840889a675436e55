//! The element types that can be filled.

use crate::word::words;

words! {
    /// The type of a tensor's elements.
    ///
    /// PyTorch's and NumPy's names are accepted as aliases.
    ///
    /// ```
    /// use init_core::DType;
    ///
    /// assert_eq!("bf16".parse(), Ok(DType::Bf16));
    /// assert_eq!("torch.bfloat16".parse(), Ok(DType::Bf16));
    /// assert_eq!(DType::Bf16.to_string(), "bf16");
    /// assert_eq!(DType::Bf16.size(), 2);
    /// ```
    #[derive(PartialOrd, Ord)]
    DType, "dtype", {
        /// IEEE 754 binary32.
        F32 = "f32",
        /// IEEE 754 binary64.
        F64 = "f64",
        /// bfloat16: the upper half of a binary32.
        Bf16 = "bf16",
        /// IEEE 754 binary16.
        F16 = "f16",
    }
    "float32" = F32, "float" = F32, "float64" = F64, "double" = F64, "bfloat16" = Bf16, "float16" = F16, "half" = F16
}

impl DType {
    /// Returns the bytes of an element: 2, 4 or 8.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::Bf16 | Self::F16 => 2,
        }
    }

    /// Returns the largest finite value, as an `f64` (exact for every type).
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

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_parse_back() {
        for dtype in DType::ALL {
            assert_eq!(dtype.to_string().parse(), Ok(dtype));
        }
        let error = "fp16".parse::<DType>().unwrap_err().to_string();
        assert_eq!(error, "unknown dtype `fp16`: did you mean `f16`? expected one of f32, f64, bf16, f16");
    }

    #[test]
    fn sizes_and_limits_are_those_of_the_formats() {
        assert_eq!(DType::ALL.map(DType::size), [4, 8, 2, 2]);
        assert_eq!(DType::Bf16.max_finite(), 3.389_531_389_251_535_5e38);
        assert_eq!(DType::F32.max_finite(), 3.402_823_466_385_288_6e38);
    }

    #[test]
    fn spellings_of_other_frameworks_are_accepted() {
        for (words, dtype) in [
            (&["float32", "torch.float32", "float", "F32"][..], DType::F32),
            (&["float64", "torch.double", "double", "F64"], DType::F64),
            (&["bfloat16", "torch.bfloat16", "BF16"], DType::Bf16),
            (&["float16", "torch.half", "half", "F16"], DType::F16),
        ] {
            for word in words {
                assert_eq!(word.parse(), Ok(dtype), "{word}");
            }
        }
        assert_eq!("float23".parse::<DType>().unwrap_err().suggestion(), Some("float32"));
    }
}
