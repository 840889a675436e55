//! One case of a benchmark: a distribution in a dtype, at a level, on a number of threads.

use clap::ValueEnum;
use init_core::{DType, Distribution};
use init_kernels::Level;

/// A distribution whose fill is measured, with typical parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Fill {
    Uniform,
    Normal,
    TruncatedNormal,
}

impl Fill {
    pub(crate) const ALL: [Self; 3] = [Self::Uniform, Self::Normal, Self::TruncatedNormal];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::TruncatedNormal => "truncated_normal",
        }
    }

    /// `xavier_uniform` for 784 → 256, and GPT-2's standard deviation, untruncated and truncated at
    /// two standard deviations.
    pub(crate) const fn distribution(self) -> Distribution {
        match self {
            Self::Uniform => Distribution::Uniform { low: -0.0759555, high: 0.0759555 },
            Self::Normal => Distribution::Normal { mean: 0.0, std: 0.02 },
            Self::TruncatedNormal => Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 },
        }
    }
}

/// One row of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) fill: Fill,
    pub(crate) dtype: DType,
    pub(crate) level: Level,
    pub(crate) threads: usize,
}

impl Case {
    /// Whether both cases share a dtype, a level and a number of threads, so that the limit is
    /// measured once for both.
    pub(crate) fn shares_limit(&self, other: &Self) -> bool {
        (self.dtype, self.level, self.threads) == (other.dtype, other.level, other.threads)
    }
}
