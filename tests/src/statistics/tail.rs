//! Counts in the tails, and the exact distribution of the kernels' own radius.

use std::f64::consts::FRAC_2_PI;

use super::{poisson_at_least, poisson_at_most};

/// The number of values beyond a number of standard deviations, on each side.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    /// Its start, in standard deviations.
    pub sigma: f64,
    /// The values below −sigma.
    pub below: u64,
    /// The values above sigma.
    pub above: u64,
}

impl Tail {
    /// Adds one standardised value.
    pub fn add(&mut self, z: f64) {
        self.below += u64::from(z < -self.sigma);
        self.above += u64::from(z > self.sigma);
    }

    /// Returns the p-value of a count at least as far from `expected`: the smaller one of the two sides.
    #[must_use]
    pub fn p(&self, expected: f64) -> f64 {
        let side = |count| poisson_at_least(count, expected).min(poisson_at_most(count, expected));
        side(self.below).min(side(self.above))
    }
}

/// Returns the one-sided probability that a Box–Muller normal value exceeds `sigma`, with a radius from
/// the `2^bits` numbers (k + ½)·2^−bits and a uniform angle: the mean over k of acos(sigma/r)/π.
///
/// # Panics
///
/// If `bits` is above 62.
#[must_use]
pub fn discrete_tail(sigma: f64, bits: u32) -> f64 {
    let scale = 1.0 / (1_u64 << bits) as f64;
    let radius = |k: u64| (-2.0 * ((k as f64 + 0.5) * scale).ln()).sqrt();
    let radii = (0..).map(radius).take_while(|&r| r > sigma);
    radii.map(|r| (sigma / r).acos() * FRAC_2_PI / 2.0).sum::<f64>() * scale
}

#[cfg(test)]
mod tests {
    use init_core::distribution::normal::sf;

    use super::*;

    #[test]
    fn the_discrete_distribution_is_normal_except_at_its_end() {
        for (sigma, relative) in [(4.0, 1e-7), (5.0, 1e-5), (6.0, 2e-2)] {
            let found = discrete_tail(sigma, 30);
            assert!((found / sf(sigma) - 1.0).abs() < relative, "{sigma}: {}", found / sf(sigma));
        }
        assert_eq!(discrete_tail(6.5556, 30), 0.0);
        assert!(discrete_tail(6.555, 30) > 0.0);
    }

    #[test]
    fn sides_are_counted_separately() {
        let mut tail = Tail { sigma: 4.0, below: 0, above: 0 };
        [4.5, -4.5, 5.0, 4.0, -4.0, 0.0].into_iter().for_each(|z| tail.add(z));
        assert_eq!((tail.below, tail.above), (1, 2));
        assert!(tail.p(1.5) > 0.1 && tail.p(50.0) < 1e-15);
    }
}
