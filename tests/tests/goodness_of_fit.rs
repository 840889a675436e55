//! Each sampler follows its law: Kolmogorov–Smirnov and χ² on 10⁸ values, for every dtype.
//!
//! Both compare with the exact law of the *rounded* values ([`Cells`]): f32 and f64 in 20,000 cells of nearly equal
//! probability (Kolmogorov's D at their ends; χ² with four of them together, above 4096 degrees of freedom), bf16 and f16
//! value by value (χ² with neighbours pooled to 20 expected; of a uniform law, to 256 steps of the f32 value's own lattice).
//!
//! A test rejects at a probability of 10⁻⁶, χ² on both sides: values can also be too even. It then sees, with a probability
//! of 99.9 %,
//!
//! * by Kolmogorov–Smirnov a distribution function that is off by 4.3·10⁻⁴ anywhere (2.7/√n to be rejected, and 3 standard
//!   deviations of ½/√n);
//! * by χ² with 5000 cells a density that is off by 0.28 % in the root of the mean square: n·δ² ≥ 7.9·√(2·5000). A fault of
//!   one 5000th of the law is seen when it is off by 28 %.

use fanin_tests::cases::{normal, uniform};
use fanin_tests::for_each_dtype;
use fanin_tests::levels::Both;
use fanin_tests::statistics::{ALPHA, CHUNK, Cells, Fit, Histogram, laws, sample};
use half::bf16;
use init_core::Distribution;
use init_kernels::Stream;

/// 10⁸ values.
const CHUNKS: u64 = 100_000_000_u64.div_ceil(CHUNK as u64);

fn stream(name: &str) -> Stream {
    Stream::new(20_240_501).child(name)
}

fn cells<T: Both>(law: &Distribution) -> Cells {
    if size_of::<T>() == 2 { Cells::values::<T>(law) } else { Cells::equiprobable::<T>(law, 20_000) }
}

/// χ² and Kolmogorov–Smirnov.
fn fits<T: Both>(law: &Distribution, cells: &Cells, histogram: &Histogram) -> [Fit; 2] {
    let values = histogram.counts().iter().sum::<u64>() as f64;
    let expected = match (size_of::<T>(), law) {
        // A word's integer keeps 24 bits in f32: uniform values are steps of a probability of up to 2⁻²⁵, of which a value of
        // f16 near 0 holds so few that those in the middle between two, which go to the even one, would count.
        (2, Distribution::Uniform { .. }) => values * 256.0 / 2f64.powi(25),
        (2, _) => 20.0,
        // Four cells reach this and three do not.
        _ => values / 20_000.0 * 3.5,
    };
    [histogram.chi_square(cells, expected), histogram.kolmogorov(cells)]
}

fn accepted([chi_square, kolmogorov]: [Fit; 2]) -> [bool; 2] {
    [(ALPHA..1.0 - ALPHA).contains(&chi_square.p), kolmogorov.p > ALPHA]
}

for_each_dtype! {
    every_sampler_follows_its_law => every_sampler;
}

fn every_sampler<T: Both>() {
    for (name, law) in laws() {
        let cells = cells::<T>(&law);
        let histogram = Histogram::of::<T>(&cells, CHUNKS, &law, stream(name));
        let fits = fits::<T>(&law, &cells, &histogram);
        let [chi_square, kolmogorov] = fits;
        println!(
            "{} {name}: chi2 {:.1} of {}, p = {:.4}; sqrt(n) D = {:.3}, p = {:.4}",
            T::NAME,
            chi_square.statistic,
            chi_square.dof,
            chi_square.p,
            kolmogorov.statistic,
            kolmogorov.p
        );
        assert_eq!(accepted(fits), [true, true], "{}, {name}: {fits:?}", T::NAME);
        let least = if size_of::<T>() == 2 { 1 } else { 4096 };
        assert!(chi_square.dof >= least, "{}, {name}: {fits:?}", T::NAME);
    }
}

/// What the tests say of values of one law that should have been of another.
fn verdict<T: Both>(sampled: Distribution, claimed: Distribution) -> [bool; 2] {
    let cells = cells::<T>(&claimed);
    accepted(fits::<T>(&claimed, &cells, &Histogram::of::<T>(&cells, CHUNKS, &sampled, stream("power"))))
}

#[test]
fn a_standard_deviation_off_by_two_thousandths_is_rejected() {
    let (law, off) = (normal(0.0, 0.02), normal(0.0, 0.02 * 1.002));
    assert_eq!(verdict::<f32>(law, law), [true, true]);
    assert_eq!(verdict::<f32>(off, law), [false, false]);
    assert_eq!(verdict::<f64>(off, law), [false, false]);
}

#[test]
fn a_uniform_law_without_its_last_hundredth_is_rejected() {
    assert_eq!(verdict::<f32>(uniform(0.0, 0.99), uniform(0.0, 1.0)), [false, false]);
    assert_eq!(verdict::<bf16>(uniform(0.01, 1.0), uniform(0.0, 1.0)), [false, false]);
}

#[test]
fn a_mean_off_by_a_thousandth_of_a_standard_deviation_is_not_seen_by_chi_square_alone() {
    let [_, kolmogorov] = verdict::<f32>(normal(0.002, 1.0), normal(0.0, 1.0));
    assert!(!kolmogorov);
}

#[test]
fn values_that_come_twice_are_rejected() {
    let law = normal(0.0, 0.02);
    let cells = cells::<f32>(&law);
    let once = Histogram::of::<f32>(&cells, CHUNKS / 2, &law, stream("twice"));
    let twice = Histogram::new(once.counts().iter().map(|count| 2 * count).collect());
    assert!(accepted(fits::<f32>(&law, &cells, &once))[0]);
    assert!(!accepted(fits::<f32>(&law, &cells, &twice))[0]);
}

#[test]
fn values_that_are_too_even_are_rejected() {
    let law = normal(0.0, 0.02);
    let cells = cells::<f32>(&law);
    let even = cells.probabilities().map(|(_, p)| (p * 1e8).round() as u64).collect();
    assert_eq!(accepted(fits::<f32>(&law, &cells, &Histogram::new(even))), [false, true]);
}

/// The f32 stream, with each value changed, in the cells of another dtype.
fn changed<T: Both>(law: &Distribution, change: impl Fn(f32) -> T + Sync) -> [bool; 2] {
    let cells = cells::<T>(law);
    let start = || vec![0_u64; cells.len()];
    let add = |counts: &mut Vec<u64>, values: &[f32]| {
        let values: Vec<T> = values.iter().map(|&x| change(x)).collect();
        cells.each(&values, |cell| counts[cell] += 1);
    };
    let join = |a: Vec<u64>, b: Vec<u64>| a.iter().zip(b).map(|(a, b)| a + b).collect();
    let counts = sample(CHUNKS / 10, law, stream("changed"), start, add, join);
    accepted(fits::<T>(law, &cells, &Histogram::new(counts)))
}

#[test]
fn bf16_that_is_cut_off_instead_of_rounded_is_rejected() {
    let cut = |x: f32| bf16::from_bits((x.to_bits() >> 16) as u16);
    let law = uniform(0.0, 1.0);
    assert_eq!(changed(&law, bf16::from_f32), [true, true]);
    assert_eq!(changed(&law, cut), [false, false]);
}

#[test]
fn f32_with_the_precision_of_bf16_is_rejected() {
    let law = normal(0.0, 0.02);
    assert_eq!(changed(&law, |x| x), [true, true]);
    assert_eq!(changed(&law, |x| bf16::from_f32(x).to_f32()), [false, false]);
}
