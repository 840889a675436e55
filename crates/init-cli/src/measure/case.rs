//! One case of a benchmark: a distribution in a dtype, at a level, on a number of threads.

use clap::{ValueEnum, builder::PossibleValue};
use init_core::{DType, Distribution};
use init_kernels::Level;

/// A distribution whose fill is measured: one of [`Distribution::TYPICAL`], by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill(usize);

impl Fill {
    pub(crate) const ALL: [Self; Distribution::TYPICAL.len()] = {
        let mut all = [Self(0); Distribution::TYPICAL.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = Self(index);
            index += 1;
        }
        all
    };

    pub(crate) fn name(self) -> &'static str {
        self.distribution().name()
    }

    pub(crate) fn distribution(self) -> Distribution {
        Distribution::TYPICAL[self.0]
    }
}

impl ValueEnum for Fill {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
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
