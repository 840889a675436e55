//! Values near one another, or from keys near one another, are independent.
//!
//! Pairs of values are tested by χ² on a grid of 64 × 64 cells, and by the correlations of the values and of
//! their squares within five standard errors. On 1.7·10⁷ pairs this detects, with a probability of 99.9 %, a
//! correlation of 0.002, and a density of the pair that is off by 0.65 % in root mean square:
//! n·δ² ≥ 7.9·√(2·4095). No element is in two pairs of a test, so its pairs are independent of each other.

use fanin_tests::cases::{normal, uniform};
use fanin_tests::levels::Both;
use fanin_tests::statistics::{ALPHA, CHUNK, Pairs, STANDARD_ERRORS, Score, sample_chunks};
use init_core::Distribution;
use init_kernels::{Filler, Stream};

/// 2²⁵ values.
const CHUNKS: u64 = 512;

/// The distance of the elements of a pair, and the offset of the first pair.
///
/// A step is 16 elements of f32 and 8 of f64. In f32 the neighbours 2l and 2l + 1 are the halves of a word, and
/// elements at distance 2 come from neighbouring lanes; normal values take two steps per 32 elements, the cosine
/// 16 before its sine. In f64 neighbours come from neighbouring lanes, and the sine is 8 after its cosine. A
/// block is 4096.
const DISTANCES: [(&str, usize, usize); 7] = [
    ("an element and the next", 1, 0),
    ("the next and the one after", 1, 1),
    ("distance 2", 2, 0),
    ("one step of f64: cosine and sine", 8, 0),
    ("one step of f32: cosine and sine", 16, 0),
    ("two steps of f32", 32, 0),
    ("the same index in neighbouring blocks", 4096, 0),
];

fn filled<T: Both>(distribution: &Distribution, stream: Stream, offset: u64, buffer: &mut [T]) {
    Filler::new().threads(1).fill_at(buffer, offset, distribution, stream).expect("a distribution that fits");
}

fn accepted(pairs: &Pairs, score: &Score) -> [bool; 2] {
    let [values, squares] = pairs.correlations(score).map(f64::abs);
    [(ALPHA..1.0 - ALPHA).contains(&pairs.chi_square(score)), values.max(squares) <= STANDARD_ERRORS]
}

#[track_caller]
fn check(what: &str, pairs: &Pairs, score: &Score) {
    let (p, correlations) = (pairs.chi_square(score), pairs.correlations(score));
    println!("{what}: chi2 p = {p:.4}, correlations {correlations:+.2?} standard errors, {} pairs", score.count());
    assert_eq!(accepted(pairs, score), [true, true], "{what}: chi2 p = {p:e}, correlations {correlations:?}");
}

fn score<T: Both>(pairs: &Pairs, chunks: u64, fill: impl Fn(u64, &mut [T]) + Sync + Send) -> Score {
    sample_chunks(chunks, fill, || pairs.start(), |score, values| pairs.add(score, values), Score::and)
}

fn neighbours<T: Both>(distribution: Distribution) {
    let stream = Stream::new(20_240_504).child("places");
    for (what, distance, offset) in DISTANCES {
        let pairs = Pairs::new::<T>(&distribution, distance, offset);
        let fill = |chunk, buffer: &mut [T]| filled(&distribution, stream, chunk * CHUNK as u64, buffer);
        check(&format!("{distribution} {}, {what}", T::NAME), &pairs, &score(&pairs, CHUNKS, fill));
    }
}

#[test]
fn neighbouring_uniform_values_are_independent() {
    neighbours::<f32>(uniform(0.0, 1.0));
    neighbours::<f64>(uniform(0.0, 1.0));
}

#[test]
fn neighbouring_normal_values_are_independent() {
    neighbours::<f32>(normal(0.0, 0.02));
    neighbours::<f64>(normal(0.0, 0.02));
}

/// The first 64 values of the streams 0, 1, 2, …: pairs of each with the next, and with the one after next.
fn streams<T: Both>(distribution: Distribution, what: &str, stream: impl Fn(u64) -> Stream + Sync + Send) {
    const FIRST: usize = 64;
    for distance in [1, 2] {
        let pairs = Pairs::new::<T>(&distribution, distance * FIRST, 0);
        let fill = |chunk: u64, buffer: &mut [T]| {
            for (number, buffer) in (chunk * (CHUNK / FIRST) as u64..).zip(buffer.chunks_mut(FIRST)) {
                filled(&distribution, stream(number), 0, buffer);
            }
        };
        let what = format!("{distribution} {}, {what}, distance {distance}", T::NAME);
        check(&what, &pairs, &score(&pairs, CHUNKS, fill));
    }
}

#[test]
fn consecutive_seeds_are_independent() {
    streams::<f32>(normal(0.0, 1.0), "seeds", Stream::new);
    streams::<f64>(uniform(0.0, 1.0), "seeds", Stream::new);
}

#[test]
fn consecutive_names_and_indices_are_independent() {
    let root = Stream::new(20_240_504);
    streams::<f32>(uniform(0.0, 1.0), "names", |number| root.child(&format!("p{number}")));
    streams::<f32>(normal(0.0, 1.0), "indices", |number| root.child_index(number));
}

#[test]
fn the_same_name_under_consecutive_seeds_is_independent() {
    streams::<f32>(normal(0.0, 1.0), "seeds of one name", |seed| Stream::new(seed).child("weight"));
}

/// Returns the verdicts on pairs of normal values, some of them changed.
fn tampered(change: impl Fn(usize, &mut [f32]) + Sync + Send) -> [bool; 2] {
    let distribution = normal(0.0, 1.0);
    let pairs = Pairs::new::<f32>(&distribution, 1, 0);
    let stream = Stream::new(20_240_504).child("power");
    let fill = |chunk, buffer: &mut [f32]| {
        filled(&distribution, stream, chunk * CHUNK as u64, buffer);
        buffer.chunks_exact_mut(2).enumerate().for_each(|(at, pair)| change(at, pair));
    };
    accepted(&pairs, &score(&pairs, CHUNKS, fill))
}

#[test]
fn dependent_pairs_are_rejected() {
    assert_eq!(tampered(|_, _| ()), [true, true]);
    // One pair in 200 has two equal values.
    assert_eq!(tampered(|at, pair| pair[1] = pair[usize::from(at % 200 != 0)]), [false, false]);
    // A correlation of 0.005: only the correlation must reject it.
    assert!(!tampered(|_, pair| pair[1] += 0.005 * pair[0])[1]);
    // Uncorrelated, but of the same magnitude in one pair of 100.
    let shared = |at: usize, pair: &mut [f32]| {
        if at.is_multiple_of(100) {
            pair[1] = pair[0].copysign(pair[1]);
        }
    };
    assert_eq!(tampered(shared), [false, false]);
}
