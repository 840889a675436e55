//! The tails of the normal samplers beyond 4, 5 and 6 σ, each side compared with the exact distribution.
//!
//! A count is Poisson; a side is rejected if a count as far off has a probability below 10⁻⁶. On 8.6·10⁹ values
//! of f32 this detects a tail beyond 4 σ (272,000 per side) that is off by 1.5 %; beyond 5 σ (2500) by 16 %;
//! beyond 6 σ (8.5) one that is almost missing or four times too heavy.

use fanin_tests::cases::normal;
use fanin_tests::levels::Both;
use fanin_tests::statistics::{ALPHA, CHUNK, Tail, discrete_tail, sample};
use init_core::distribution::normal::sf;
use init_kernels::Stream;

const SIGMAS: [f64; 3] = [4.0, 5.0, 6.0];

/// Tail counts and the maximum |z|.
#[derive(Clone, Copy)]
struct Extremes {
    tails: [Tail; 3],
    max: f64,
}

impl Extremes {
    fn none() -> Self {
        Self { tails: SIGMAS.map(|sigma| Tail { sigma, below: 0, above: 0 }), max: 0.0 }
    }

    /// Counts over the first chunks of a tensor; `far` finds the values beyond 4 σ, in the arithmetic of the
    /// type.
    fn of<T: Both>(chunks: u64, std: f64, far: impl Fn(T) -> bool + Send + Sync) -> Self {
        let add = |extremes: &mut Self, values: &[T]| {
            // Few values are beyond 4 σ: a branch-free loop finds the stretches that have one.
            for stretch in values.chunks(256) {
                if stretch.iter().fold(false, |any, &x| any | far(x)) {
                    stretch.iter().for_each(|x| extremes.add(x.exact() / std));
                }
            }
        };
        let join = |a: Self, b: Self| Self {
            tails: std::array::from_fn(|i| Tail {
                sigma: SIGMAS[i],
                below: a.tails[i].below + b.tails[i].below,
                above: a.tails[i].above + b.tails[i].above,
            }),
            max: a.max.max(b.max),
        };
        sample::<T, Self>(chunks, &normal(0.0, std), Stream::new(20_240_503).child("tails"), Self::none, add, join)
    }

    fn add(&mut self, z: f64) {
        self.tails.iter_mut().for_each(|tail| tail.add(z));
        self.max = self.max.max(z.abs());
    }

    fn check(&self, chunks: u64, probability: impl Fn(f64) -> f64) {
        for tail in self.tails {
            let expected = probability(tail.sigma) * (chunks * CHUNK as u64) as f64;
            println!("{tail:?}: {expected:.2} expected on each side, p = {:.4}", tail.p(expected));
            assert!(tail.p(expected) > ALPHA, "{tail:?}: {expected} expected on each side");
        }
    }
}

#[test]
fn f32_tails_equal_those_of_31_bits_of_radius() {
    // 2³³ values.
    let chunks = 1 << 17;
    let extremes = Extremes::of(chunks, 1.0, |x: f32| x.abs() > 4.0);
    extremes.check(chunks, |sigma| discrete_tail(sigma, 30));
    println!("maximum |z| {}", extremes.max);
    // The distribution ends at √(2·31·ln 2) = 6.5556; this number of values nearly reaches it.
    assert!(6.3 < extremes.max && extremes.max <= 6.5556, "{}", extremes.max);
}

#[test]
fn f64_tails_equal_those_of_the_normal_distribution() {
    // 2³⁰ values; the radius has 52 bits, whose end at 8.57 is far out.
    let chunks = 1 << 14;
    let extremes = Extremes::of(chunks, 0.02, |x: f64| x.abs() > 4.0 * 0.02);
    extremes.check(chunks, sf);
    println!("maximum |z| {}", extremes.max);
    assert!(5.5 < extremes.max && extremes.max < 7.0, "{}", extremes.max);
}

#[test]
fn a_tail_off_by_two_per_cent_or_missing_is_rejected() {
    let values = f64::from(1 << 30) * 8.0;
    let tail = |sigma: f64, factor: f64| {
        let count = (sf(sigma) * values * factor).round() as u64;
        Tail { sigma, below: (sf(sigma) * values).round() as u64, above: count }.p(sf(sigma) * values)
    };
    assert!(tail(4.0, 1.0) > 0.1 && tail(4.0, 1.02) < ALPHA && tail(4.0, 0.98) < ALPHA);
    assert!(tail(5.0, 1.2) < ALPHA && tail(5.0, 0.8) < ALPHA);
    assert!(tail(6.0, 4.0) < ALPHA);
    // A tail that is missing beyond 5 σ is not a chance result.
    assert!(tail(5.0, 0.0) < 1e-300);
}
