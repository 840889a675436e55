//! Prepares a distribution for kernels outside this crate.

use half::{bf16, f16};
use init_core::{DType, Distribution};

use crate::{dispatch::FillDistribution, error::FillError, prepared::Prepared};

impl Prepared {
    /// Prepares a distribution for elements of a type.
    ///
    /// # Errors
    ///
    /// Returns the [`FillError`] with which [`fill`](crate::fill) would refuse the distribution.
    pub fn new(dtype: DType, distribution: &Distribution) -> Result<Self, FillError> {
        match dtype {
            DType::F32 => f32::prepared(distribution),
            DType::F64 => f64::prepared(distribution),
            DType::Bf16 => bf16::prepared(distribution),
            DType::F16 => f16::prepared(distribution),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truncated(low: f64, high: f64) -> Distribution {
        Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low, high }
    }

    #[test]
    fn each_regime_has_its_kernel() {
        let cases = [
            (Distribution::Constant(2.5), "constant", "constant"),
            (Distribution::Normal { mean: 2.5, std: 0.0 }, "constant", "constant"),
            (Distribution::Uniform { low: 2.5, high: 2.5 }, "constant", "constant"),
            (Distribution::Uniform { low: -0.5, high: 0.5 }, "uniform", "uniform"),
            (Distribution::Uniform { low: -1e-30, high: 1e-30 }, "tiny_uniform", "uniform"),
            (Distribution::Normal { mean: 0.0, std: 1.0 }, "normal", "normal"),
            (truncated(-2.0, 2.0), "central", "interior"),
            (truncated(-3.0, 2.0), "interior", "interior"),
            (truncated(-7.0, 7.0), "normal", "interior"),
            (truncated(-9.0, 9.0), "normal", "normal"),
            (truncated(13.0, 14.0), "far", "far"),
            (truncated(f64::NEG_INFINITY, -13.0), "far", "far"),
            (truncated(1.0, 1.000_001), "narrow", "narrow"),
        ];
        for (distribution, single, double) in cases {
            assert_eq!(Prepared::new(DType::F32, &distribution).unwrap().kernel, single, "{distribution}");
            assert_eq!(Prepared::new(DType::F64, &distribution).unwrap().kernel, double, "{distribution}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_element_type() {
        let prepared = |dtype| Prepared::new(dtype, &truncated(-1.99, 1.99)).unwrap().parameters;
        let [single, half] = [prepared(DType::F32), prepared(DType::Bf16)];
        assert_eq!(single[..4], half[..4]);
        assert!(single[..4].iter().all(|(_, x)| f64::from(*x as f32) == *x));
        assert_eq!(single[5], ("highest", f64::from(1.99_f32.next_down())));
        assert_eq!(half[5], ("highest", 1.984375));
        assert_eq!(prepared(DType::F64)[6], ("highest", 1.99));
        let far = Prepared::new(DType::F64, &truncated(f64::NEG_INFINITY, -13.0)).unwrap().parameters;
        assert_eq!([far[0], far[1], far[4], far[5]], [("upper", 0.0), ("a", 13.0), ("std", -1.0), ("bound", -13.0)]);
        let third = Prepared::new(DType::Bf16, &Distribution::Constant(1.0 / 3.0)).unwrap().parameters;
        assert_eq!(third, [("value", 0.333984375)]);
    }

    #[test]
    fn refused_distributions_are_refused_here() {
        let wide = Distribution::Normal { mean: 0.0, std: 1e4 };
        assert!(Prepared::new(DType::F32, &wide).is_ok());
        assert!(matches!(Prepared::new(DType::F16, &wide), Err(FillError::Overflow { .. })));
        assert!(Prepared::new(DType::F64, &truncated(1.0, -1.0)).is_err());
    }
}
