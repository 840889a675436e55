//! Each sampler follows its distribution: Kolmogorov–Smirnov and χ² on 10⁸ values, for every dtype.
//!
//! This is the long form, `FANIN_LONG=1`, which CI runs. Without it the samplers are tested on a quarter of the
//! values, where the faults below must be twice as large to be detected; the tests of the power itself are always
//! on 10⁸.
//!
//! Both compare with the exact distribution of the *rounded* values ([`Cells`]): f32 and f64 in 20,000 cells
//! of nearly equal probability (Kolmogorov's D at their ends; χ² with four of them pooled, above 4096 degrees
//! of freedom), bf16 and f16 value by value (χ² with neighbours pooled to 20 expected; for a uniform
//! distribution, to 256 steps of the f32 value's own lattice).
//!
//! A test rejects at a probability of 10⁻⁶, χ² on both sides: values can also be too regular. It then detects,
//! with a probability of 99.9 %,
//!
//! * by Kolmogorov–Smirnov a distribution function that is off by 4.3·10⁻⁴ anywhere (2.7/√n for rejection, and
//!   3 standard deviations of ½/√n);
//! * by χ² with 5000 cells a density that is off by 0.28 % in root mean square: n·δ² ≥ 7.9·√(2·5000). A fault
//!   in one 5000th of the distribution is detected when it is off by 28 %.

use fanin_tests::cases::{normal, uniform};
use fanin_tests::for_each_dtype;
use fanin_tests::levels::Both;
use fanin_tests::statistics::{ALPHA, CHUNK, Cells, Fit, Histogram, distributions, is_long, sample};
use half::bf16;
use init_core::Distribution;
use init_kernels::Stream;

/// 10⁸ values.
const CHUNKS: u64 = 100_000_000_u64.div_ceil(CHUNK as u64);

fn stream(name: &str) -> Stream {
    Stream::new(20_240_501).child(name)
}

fn cells<T: Both>(distribution: &Distribution) -> Cells {
    if size_of::<T>() == 2 { Cells::values::<T>(distribution) } else { Cells::equiprobable::<T>(distribution, 20_000) }
}

/// Returns χ² and Kolmogorov–Smirnov.
fn fits<T: Both>(distribution: &Distribution, cells: &Cells, histogram: &Histogram) -> [Fit; 2] {
    let values = histogram.counts().iter().sum::<u64>() as f64;
    let expected = match (size_of::<T>(), distribution) {
        // An integer keeps 24 bits in f32: uniform values are multiples of a probability of up to 2⁻²⁵. A value of
        // f16 near 0 covers so few of them that the ties between two values, which go to the even one, would show.
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
    every_sampler_follows_its_distribution => every_sampler;
}

fn every_sampler<T: Both>() {
    for (name, distribution) in distributions() {
        let cells = cells::<T>(&distribution);
        let chunks = if is_long() { CHUNKS } else { CHUNKS / 4 };
        let histogram = Histogram::of::<T>(&cells, chunks, &distribution, stream(name));
        let fits = fits::<T>(&distribution, &cells, &histogram);
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
        let minimum = if size_of::<T>() == 2 { 1 } else { 4096 };
        assert!(chi_square.dof >= minimum, "{}, {name}: {fits:?}", T::NAME);
    }
}

/// Returns the verdicts on values of one distribution that are claimed to be of another.
fn verdict<T: Both>(sampled: Distribution, claimed: Distribution) -> [bool; 2] {
    let cells = cells::<T>(&claimed);
    accepted(fits::<T>(&claimed, &cells, &Histogram::of::<T>(&cells, CHUNKS, &sampled, stream("power"))))
}

#[test]
fn a_standard_deviation_off_by_two_thousandths_is_rejected() {
    let (distribution, off) = (normal(0.0, 0.02), normal(0.0, 0.02 * 1.002));
    assert_eq!(verdict::<f32>(distribution, distribution), [true, true]);
    assert_eq!(verdict::<f32>(off, distribution), [false, false]);
    assert_eq!(verdict::<f64>(off, distribution), [false, false]);
}

#[test]
fn a_uniform_distribution_without_its_last_hundredth_is_rejected() {
    assert_eq!(verdict::<f32>(uniform(0.0, 0.99), uniform(0.0, 1.0)), [false, false]);
    assert_eq!(verdict::<bf16>(uniform(0.01, 1.0), uniform(0.0, 1.0)), [false, false]);
}

#[test]
fn a_mean_off_by_a_thousandth_of_a_standard_deviation_is_not_seen_by_chi_square_alone() {
    let [_, kolmogorov] = verdict::<f32>(normal(0.002, 1.0), normal(0.0, 1.0));
    assert!(!kolmogorov);
}

#[test]
fn repeated_values_are_rejected() {
    let distribution = normal(0.0, 0.02);
    let cells = cells::<f32>(&distribution);
    let once = Histogram::of::<f32>(&cells, CHUNKS / 2, &distribution, stream("twice"));
    let twice = Histogram::new(once.counts().iter().map(|count| 2 * count).collect());
    assert!(accepted(fits::<f32>(&distribution, &cells, &once))[0]);
    assert!(!accepted(fits::<f32>(&distribution, &cells, &twice))[0]);
}

#[test]
fn values_that_are_too_regular_are_rejected() {
    let distribution = normal(0.0, 0.02);
    let cells = cells::<f32>(&distribution);
    let even = cells.probabilities().map(|(_, p)| (p * 1e8).round() as u64).collect();
    assert_eq!(accepted(fits::<f32>(&distribution, &cells, &Histogram::new(even))), [false, true]);
}

/// Returns the verdicts on the f32 stream with each value changed, in the cells of another dtype.
fn changed<T: Both>(distribution: &Distribution, change: impl Fn(f32) -> T + Sync) -> [bool; 2] {
    let cells = cells::<T>(distribution);
    let start = || vec![0_u64; cells.len()];
    let add = |counts: &mut Vec<u64>, values: &[f32]| {
        let values: Vec<T> = values.iter().map(|&x| change(x)).collect();
        cells.each(&values, |cell| counts[cell] += 1);
    };
    let join = |a: Vec<u64>, b: Vec<u64>| a.iter().zip(b).map(|(a, b)| a + b).collect();
    let counts = sample(CHUNKS / 10, distribution, stream("changed"), start, add, join);
    accepted(fits::<T>(distribution, &cells, &Histogram::new(counts)))
}

#[test]
fn truncation_to_bf16_instead_of_rounding_is_rejected() {
    let cut = |x: f32| bf16::from_bits((x.to_bits() >> 16) as u16);
    let distribution = uniform(0.0, 1.0);
    assert_eq!(changed(&distribution, bf16::from_f32), [true, true]);
    assert_eq!(changed(&distribution, cut), [false, false]);
}

#[test]
fn f32_with_the_precision_of_bf16_is_rejected() {
    let distribution = normal(0.0, 0.02);
    assert_eq!(changed(&distribution, |x| x), [true, true]);
    assert_eq!(changed(&distribution, |x| bf16::from_f32(x).to_f32()), [false, false]);
}
