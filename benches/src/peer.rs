//! The in-process peers: a loop over `rand` and `rand_distr`, and one over `rand_xoshiro` alone.

use init_core::Distribution;
use rand::{Rng, distr};
use rand_distr::{Distribution as _, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The types that the peers can sample.
pub trait PeerElement: Copy {
    /// One value of a law after the other, drawn by `rand_distr`: the ziggurat for normal values. False, if it has no such law.
    fn rand(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus, law: &Distribution) -> bool;

    /// The raw values: what one generator gives, scaled to `[0, 1)`, without any law.
    fn xoshiro(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus);
}

macro_rules! peer_element {
    ($float:ident, $bits:expr) => {
        impl PeerElement for $float {
            fn rand(dst: &mut [Self], rng: &mut Xoshiro256PlusPlus, law: &Distribution) -> bool {
                match *law {
                    Distribution::Uniform { low, high } => {
                        let law = distr::Uniform::new(low as Self, high as Self).expect("low < high");
                        dst.fill_with(|| law.sample(rng));
                    }
                    Distribution::Normal { mean, std } => {
                        let law = Normal::new(mean as Self, std as Self).expect("std > 0");
                        dst.fill_with(|| law.sample(rng));
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
