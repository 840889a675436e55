//! The in-process peers: a loop over `rand` and `rand_distr`, and one over `rand_xoshiro` alone.

use init_core::Distribution;
use rand::{Rng, distr};
use rand_distr::{Distribution as _, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A type that the peers can sample.
pub trait PeerElement: Copy {
    /// Fills a buffer with one value after the other from `rand_distr`: the ziggurat for normal
    /// values. Returns false if it lacks the distribution.
    fn rand(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus, distribution: &Distribution) -> bool;

    /// Fills a buffer with the raw output of one generator, scaled to `[0, 1)`.
    fn xoshiro(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus);
}

macro_rules! peer_element {
    ($float:ident, $bits:expr) => {
        impl PeerElement for $float {
            fn rand(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus, distribution: &Distribution) -> bool {
                match *distribution {
                    Distribution::Uniform { low, high } => {
                        let sampler = distr::Uniform::new(low as Self, high as Self).expect("low < high");
                        dst.fill_with(|| sampler.sample(rng));
                    }
                    Distribution::Normal { mean, std } => {
                        let sampler = Normal::new(mean as Self, std as Self).expect("std > 0");
                        dst.fill_with(|| sampler.sample(rng));
                    }
                    _ => return false,
                }
                true
            }

            fn xoshiro(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus) {
                dst.fill_with(|| $bits(rng.next_u64()));
            }
        }
    };
}

peer_element!(f32, |bits: u64| (bits >> 40) as f32 * (1.0 / (1u64 << 24) as f32));
peer_element!(f64, |bits: u64| (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64));
