//! bf16 and f16 are the f32 stream, rounded and clamped; values stay within the bounds in every dtype.

use fanin_tests::cases::{Case, awkward, normal, samplers, truncated, uniform};
use fanin_tests::for_each_dtype;
use fanin_tests::levels::Both;
use fanin_tests::oracle::{highest, lowest};
use half::{bf16, f16};
use init_core::Distribution;
use init_kernels::{FillError, Filler, Level, Stream, check, fill};

const LEN: usize = 100_003;
const INF: f64 = f64::INFINITY;

for_each_dtype! {
    no_value_is_outside_its_bounds => inside;
    the_outermost_values_of_a_dtype_are_reached => reached;
    bounds_around_no_value_are_refused => refused;
    an_infinite_value_is_never_written => finite;
}

fn filled<T: Both>(level: Level, distribution: &Distribution) -> Vec<T> {
    let mut values = vec![T::default(); LEN];
    let stream = Stream::new(3).child("weight");
    Filler::new().level(level).fill(&mut values, distribution, stream).expect("fits");
    values
}

/// Returns the bounds of a distribution, and whether the upper one is included.
fn bounds(distribution: &Distribution) -> (f64, f64, bool) {
    match *distribution {
        Distribution::Uniform { low, high } => (low, high, low == high),
        _ => {
            let (low, high) = distribution.support();
            (low, high, true)
        }
    }
}

/// Bounds that some dtype cannot represent, or barely.
fn bounded() -> Vec<Case> {
    let ulp = 2_f64.powi(-20);
    vec![
        ("uniform, ±0.03", uniform(-0.03, 0.03)),
        ("uniform, 0.1 to 0.3", uniform(0.1, 0.3)),
        ("uniform, representable", uniform(-0.5, 0.25)),
        ("uniform, few values", uniform(1.0, 1.0 + ulp)),
        ("uniform, few values below", uniform(-1.0 - ulp, -1.0 + ulp)),
        ("uniform, up to zero", uniform(-1e-3, 0.0)),
        ("uniform, subnormal halves", uniform(-3.1e-7, 5.2e-7)),
        ("uniform, subnormal floats", uniform(-1.3e-40, 2.1e-40)),
        ("uniform, across a power of two", uniform(0.999, 1.001)),
        ("truncated, ±0.03", truncated(0.0, 0.02, -0.03, 0.03)),
        ("truncated, 0.1 to 0.3", truncated(0.2, 0.1, 0.1, 0.3)),
        ("truncated, few values", truncated(1.0, 1.0, 1.0, 1.0 + ulp)),
        ("truncated, above 0.1", truncated(0.0, 1.0, 0.1, INF)),
        ("truncated, below 0.3", truncated(0.0, 1.0, -INF, 0.3)),
        ("truncated, above 5.01", truncated(0.0, 1.0, 5.01, INF)),
        ("truncated, far above", truncated(0.0, 0.01, 0.3, INF)),
        ("truncated, far below", truncated(0.0, 0.01, -0.301, -0.3)),
        ("truncated, subnormal halves", truncated(0.0, 3e-7, -3.1e-7, 5.2e-7)),
        ("truncated, subnormal floats", truncated(0.0, 1e-40, -1.3e-40, 2.1e-40)),
    ]
}

fn inside<T: Both>() {
    for (name, distribution) in samplers().into_iter().chain(bounded()).chain(awkward()) {
        let (low, high, closed) = bounds(&distribution);
        // A constant is rounded: the result may differ from it.
        if check::<T>(&distribution).is_err() || low == high {
            continue;
        }
        for level in Level::available() {
            for value in filled::<T>(level, &distribution) {
                let x = value.exact();
                let fine = low <= x && (x < high || closed && x == high);
                assert!(fine, "{name}, {level}, {}: {value:?} is outside [{low}, {high}]", T::NAME);
            }
        }
    }
}

fn reached<T: Both>() {
    let ulp = 2_f64.powi(-20);
    let mut distributions = vec![
        uniform(1.0, 1.0 + ulp),
        uniform(-1.0 - ulp, -1.0 + ulp),
        truncated(1.0, 1.0, 1.0, 1.0 + ulp),
        truncated(1.0, 1.0, 1.0 - ulp, 1.0),
    ];
    if size_of::<T>() == 2 {
        distributions.extend([uniform(-0.03, 0.03), uniform(0.1, 0.3), uniform(0.999, 1.001)]);
        distributions.extend([truncated(0.0, 0.02, -0.03, 0.03), truncated(0.2, 0.1, 0.1, 0.3)]);
    }
    if T::DOUBLE {
        // Few values in f64.
        let ulp = 2_f64.powi(-48);
        distributions = vec![uniform(1.0, 1.0 + ulp), truncated(1.0, 1.0, 1.0, 1.0 + ulp)];
    }
    for distribution in distributions {
        let (low, high, closed) = bounds(&distribution);
        let (lowest, highest) = (lowest::<T>(low), highest::<T>(high, closed));
        for level in Level::available() {
            let values = filled::<T>(level, &distribution);
            let found = values.iter().map(|x| x.exact());
            let (minimum, maximum) = found.fold((INF, -INF), |(a, b), x| (a.min(x), b.max(x)));
            let what = format!("{distribution}, {level}, {}", T::NAME);
            assert_eq!((minimum, maximum), (lowest, highest), "{what}");
        }
    }
}

fn refused<T: Both>() {
    // Strictly between a value and the next.
    let one = T::round(1.0);
    let (a, b) = (one.exact(), one.above().exact());
    assert_eq!(check::<T>(&uniform(a, b)), Ok(()), "{}", T::NAME);
    if T::DOUBLE {
        // Bounds are f64: none is between two values.
        return;
    }
    let (low, high) = (a + 0.25 * (b - a), a + 0.75 * (b - a));
    assert_eq!(check::<T>(&truncated(0.0, 1.0, low, b)), Ok(()), "{}", T::NAME);
    for distribution in [uniform(low, high), uniform(low, b), truncated(0.0, 1.0, low, high)] {
        let mut buffer = vec![T::LARGEST; 100];
        let error = fill(&mut buffer, &distribution, Stream::new(0)).expect_err("no value is inside");
        assert!(matches!(error, FillError::NoValue { .. }), "{distribution}, {}: {error}", T::NAME);
        assert!(buffer.iter().all(|x| *x == T::LARGEST), "{distribution}: written although refused");
    }
}

fn finite<T: Both>() {
    let max = T::LARGEST.exact();
    let fits = [
        Distribution::Constant(max),
        Distribution::Constant(-max),
        uniform(-max, max),
        uniform(0.5 * max, max),
        normal(0.0, max / 16.0),
        normal(0.5 * max, max / 32.0),
        truncated(0.0, max / 2.0, -max, max),
    ];
    for distribution in fits {
        for level in Level::available() {
            let values = filled::<T>(level, &distribution);
            let what = || format!("{distribution}, {level}, {}", T::NAME);
            assert!(values.iter().all(|x| x.exact().is_finite()), "{}", what());
        }
    }
    let overflow = [normal(0.0, max), normal(max, max / 100.0)];
    let beyond = 2.0 * max;
    let wider = [Distribution::Constant(beyond), uniform(-beyond, 1.0), uniform(0.0, beyond)];
    let wider = wider.into_iter().filter(|_| !T::DOUBLE);
    for distribution in overflow.into_iter().chain(wider) {
        let error = check::<T>(&distribution).expect_err("too large");
        assert!(matches!(error, FillError::Overflow { .. }), "{distribution}, {}: {error}", T::NAME);
    }
}

/// Asserts bf16(init_f32) == init_bf16, bit for bit, and the clamped value where rounding leaves the bounds.
fn rounded<T: Both>() {
    for (name, distribution) in samplers().into_iter().chain(bounded()).chain(awkward()) {
        if check::<T>(&distribution).is_err() || check::<f32>(&distribution).is_err() {
            continue;
        }
        let (low, high, closed) = bounds(&distribution);
        let is_constant = low == high;
        for level in Level::available() {
            let wide = filled::<f32>(level, &distribution);
            let narrow = filled::<T>(level, &distribution);
            let mut clamped = 0;
            for (&wide, &narrow) in wide.iter().zip(&narrow) {
                let wide = f64::from(wide);
                let rounded = T::round(wide).exact();
                let inside = is_constant || low <= rounded && (rounded < high || closed && rounded == high);
                let expected = if inside {
                    T::round(wide)
                } else if rounded < low {
                    T::round(lowest::<T>(low))
                } else {
                    T::round(highest::<T>(high, closed))
                };
                clamped += usize::from(!inside);
                assert_eq!(narrow.bits(), expected.bits(), "{name}, {level}: {wide} became {narrow:?}");
            }
            // Without bounds nothing is clamped.
            let unbounded = matches!(distribution, Distribution::Normal { .. });
            assert!(clamped == 0 || !unbounded, "{name}, {level}: {clamped} values");
            if name == "uniform, 0.1 to 0.3" {
                assert!(clamped > 0, "this case clamps values in {}", T::NAME);
            }
        }
    }
}

#[test]
fn bf16_is_f32_rounded_and_clamped() {
    rounded::<bf16>();
}

#[test]
fn f16_is_f32_rounded_and_clamped() {
    rounded::<f16>();
}

/// Near 1 the interval has 8 values of f32: each must occur in proportion to the numbers that round to it.
#[test]
fn clamped_values_keep_their_share() {
    let distribution = uniform(1.0, 1.0 + 2_f64.powi(-20));
    for level in Level::available() {
        let mut counts = [0_usize; 8];
        for x in filled::<f32>(level, &distribution) {
            counts[(x.to_bits() - 1_f32.to_bits()) as usize] += 1;
        }
        // Rounding moves half a share from the first value to the last, which numbers above it are clamped to.
        let share = LEN as f64 / 8.0;
        for (at, &count) in counts.iter().enumerate() {
            let expected = share * [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5][at];
            let sigma = expected.sqrt();
            assert!((count as f64 - expected).abs() < 6.0 * sigma, "{level}: {counts:?}");
        }
    }
}
