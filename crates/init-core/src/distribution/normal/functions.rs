//! Functions of the standard normal distribution, from elementary operations.

/// Returns e^x, with a relative error below 2⁻⁵² where the result is a normal number.
///
/// Above 709.78 it is infinite, below −745.13 zero; NaN for NaN. Constant time.
///
/// ```
/// use init_core::distribution::normal::exp;
///
/// assert_eq!(exp(0.0), 1.0);
/// assert!((exp(1.0) - std::f64::consts::E).abs() < 1e-15);
/// assert_eq!(exp(f64::NEG_INFINITY), 0.0);
/// ```
#[must_use]
pub fn exp(x: f64) -> f64 {
    let (mantissa, exponent) = exp_parts(x, 0.0);
    scale(mantissa, exponent)
}

/// Returns the density φ(z) = exp(−z²/2) / √(2π).
///
/// ```
/// assert_eq!(init_core::distribution::normal::pdf(0.0), 0.3989422804014327);
/// ```
#[must_use]
pub fn pdf(z: f64) -> f64 {
    let (mantissa, exponent) = pdf_parts(z);
    scale(mantissa, exponent)
}

/// Returns the probability Φ(z) of a value of at most z; small tails keep their relative precision.
///
/// ```
/// use init_core::distribution::normal::cdf;
///
/// assert_eq!(cdf(0.0), 0.5);
/// assert_eq!(cdf(f64::INFINITY), 1.0);
/// assert!((cdf(-10.0) / 7.619853024160526e-24 - 1.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn cdf(z: f64) -> f64 {
    sf(-z)
}

/// Returns the probability 1 − Φ(z) of a value above z; small tails keep their relative precision.
///
/// Near 0 this is ½ − φ(z)·(z + z³/3 + z⁵/15 + …) (Marsaglia 2004), farther out φ(z) times a
/// rational approximation of the Mills ratio.
///
/// ```
/// use init_core::distribution::normal::sf;
///
/// assert_eq!(sf(0.0), 0.5);
/// assert!((sf(30.0) / 4.906713927148187e-198 - 1.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn sf(z: f64) -> f64 {
    if z < -SWITCH {
        return 1.0 - sf(-z);
    }
    if z <= SWITCH {
        return 0.5 - centre(z);
    }
    if z.is_nan() {
        return z;
    }
    let (mantissa, exponent) = pdf_parts(z);
    // Scaled last, so that there is one rounding only, also where the result is subnormal.
    if mantissa == 0.0 { 0.0 } else { scale(mantissa * mills(z), exponent) }
}

/// Returns the probability 2Φ(z) − 1 = erf(z/√2) of a value between −z and z, with the sign of z.
///
/// ```
/// use init_core::distribution::normal::within;
///
/// assert!((within(1.0) - 0.6826894921370859).abs() < 1e-15);
/// assert_eq!(within(-2.0), -within(2.0));
/// ```
#[must_use]
pub fn within(z: f64) -> f64 {
    // The series has no cancellation here, so it may go farther than in `sf`.
    if z.abs() <= 2.25 {
        2.0 * centre(z)
    } else if z > 0.0 {
        1.0 - 2.0 * sf(z)
    } else {
        2.0 * sf(-z) - 1.0
    }
}

/// The series is used up to here, the Mills ratio beyond, where ½ − series would lose more than
/// four bits to cancellation.
const SWITCH: f64 = 1.75;

/// Returns Φ(z) − ½ for |z| ≤ 2.25. The sum runs to z⁵⁶ / (3 · 5 · … · 57); the remainder is below
/// 1e-20 of it.
fn centre(z: f64) -> f64 {
    let square = z * z;
    let mut sum = 1.0;
    let mut odd = 57.0;
    while odd > 1.0 {
        sum = 1.0 + square / odd * sum;
        odd -= 2.0;
    }
    z * pdf(z) * sum
}

/// The numerator of the Mills ratio in powers of z − 1.75, to a relative error of 6.4e-18 for z ≤
/// 39.75. No coefficient is negative, so that nothing cancels.
const MILLS_P: [f64; 9] = [
    0.4643069280394422,
    0.6363451381301937,
    0.4026627301587655,
    0.15303255016370365,
    0.0381552292157432,
    0.006393876112938545,
    0.0007047276249454005,
    4.688891614014215e-05,
    1.4508104028254272e-06,
];

/// The denominator of the Mills ratio.
const MILLS_Q: [f64; 10] = [
    1.0,
    1.7742746539228662,
    1.4368726193932297,
    0.6984002291048804,
    0.22502208248313849,
    0.04996872589024088,
    0.007671499455326756,
    0.000788234038579353,
    4.942783434523795e-05,
    1.4508104028246922e-06,
];

/// Returns the Mills ratio (1 − Φ(z)) / φ(z), for z ≥ 1.75.
pub(crate) fn mills(z: f64) -> f64 {
    if z > 12.0 {
        // Laplace's continued fraction 1/(z + 1/(z + 2/(z + 3/(z + …)))), cut off where the
        // remainder is below 1e-20.
        let mut fraction = z;
        let mut term = 12.0;
        while term > 0.0 {
            fraction = z + term / fraction;
            term -= 1.0;
        }
        return 1.0 / fraction;
    }
    let v = z - SWITCH;
    let polynomial = |coefficients: &[f64]| coefficients.iter().rev().fold(0.0, |sum, &c| sum * v + c);
    polynomial(&MILLS_P) / polynomial(&MILLS_Q)
}

/// Returns φ(z) as mantissa and power of two.
fn pdf_parts(z: f64) -> (f64, i32) {
    // z·z rounded would cost z²/2 units in the last place. So z = high + low with high of 26 bits,
    // whose square is exact, and z² = high² + low·(z + high).
    let high = f64::from_bits(z.to_bits() & !((1 << 27) - 1));
    let low = z - high;
    let square = high * high;
    if z.is_nan() {
        return (z, 0);
    }
    if square > 2000.0 {
        return (0.0, 0);
    }
    let (mantissa, exponent) = exp_parts(-0.5 * square, -0.5 * (low * (z + high)));
    (mantissa * FRAC_1_SQRT_2_PI, exponent)
}

const FRAC_1_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

/// Returns e^(x + small) as mantissa in (0.7, 1.42) and power of two.
fn exp_parts(x: f64, small: f64) -> (f64, i32) {
    // ln 2 in two parts: the first has 32 bits, so that its product with an exponent is exact.
    const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    if x.is_nan() {
        return (x, 0);
    }
    if x > 710.0 {
        return (f64::INFINITY, 0);
    }
    if x < -1100.0 {
        return (0.0, 0);
    }
    let scaled = x * core::f64::consts::LOG2_E;
    let exponent = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i32;
    let whole = f64::from(exponent);
    let high = x - whole * LN_2_HIGH;
    let low = small - whole * LN_2_LOW;
    let r = high + low;
    // The rounding error of the sum: it matters in the last place.
    let lost = (high - r) + low;
    // The Taylor series to r¹³ / 13!, from r³ on: |r| ≤ 0.3466, and the remainder is below 1e-17
    // of e^r.
    let mut sum = 0.0;
    let mut n = 13.0;
    while n >= 3.0 {
        sum = (1.0 + sum) * r / n;
        n -= 1.0;
    }
    (1.0 + (r + (lost + r * r * 0.5 * (1.0 + sum))), exponent)
}

/// Returns `mantissa` · 2^`exponent`, rounded once; the exponent is within ±1700.
fn scale(mantissa: f64, exponent: i32) -> f64 {
    let power = |e: i32| f64::from_bits(((1023 + e) as u64) << 52);
    let half = exponent / 2;
    mantissa * power(half) * power(exponent - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// z, φ(z), Φ(z), 1 − Φ(z), by mpmath with 60 digits.
    #[rustfmt::skip]
    const REFERENCE: [(f64, f64, f64, f64); 50] = [
        (-40.0, 0.0, 0.0, 1.0),
        (-37.0, 2.1200065515246056e-298, 5.725571222524577e-300, 1.0),
        (-20.25, 3.6055338157275847e-90, 1.77619986494957e-91, 1.0),
        (-8.5, 8.16623563166955e-17, 9.479534822203318e-18, 1.0),
        (-5.0, 1.4867195147342977e-06, 2.866515718791939e-07, 0.9999997133484281),
        (-3.0625, 0.003666962346294226, 0.0010974823774378647, 0.9989025176225621),
        (-2.5, 0.017528300493568537, 0.006209665325776135, 0.9937903346742238),
        (-2.0000001, 0.05399095571499558, 0.022750126549083104, 0.9772498734509169),
        (-2.0, 0.05399096651318805, 0.02275013194817921, 0.9772498680518208),
        (-1.96875, 0.05744502850548768, 0.024490903264233276, 0.9755090967357667),
        (-1.0, 0.24197072451914334, 0.15865525393145705, 0.8413447460685429),
        (-0.5, 0.35206532676429947, 0.3085375387259869, 0.6914624612740131),
        (-0.1, 0.39695254747701175, 0.460172162722971, 0.539827837277029),
        (1e-300, 0.3989422804014327, 0.5, 0.5),
        (0.001, 0.39894208093034234, 0.500398942213911, 0.49960105778608893),
        (0.1, 0.39695254747701175, 0.539827837277029, 0.460172162722971),
        (0.5, 0.35206532676429947, 0.6914624612740131, 0.3085375387259869),
        (0.75, 0.3011374321548044, 0.7733726476231318, 0.2266273523768682),
        (1.0, 0.24197072451914334, 0.8413447460685429, 0.15865525393145705),
        (1.25, 0.1826490853890219, 0.8943502263331448, 0.10564977366685525),
        (1.5, 0.12951759566589174, 0.9331927987311419, 0.06680720126885807),
        (1.75, 0.08627731882651152, 0.9599408431361829, 0.04005915686381709),
        (1.9375, 0.06106040504106634, 0.9736578733108585, 0.02634212668914146),
        (1.999, 0.05409902945064992, 0.9771958230673411, 0.022804176932658883),
        (2.0, 0.05399096651318805, 0.9772498680518208, 0.02275013194817921),
        (2.001, 0.053883065548603226, 0.9773038050543584, 0.022696194945641558),
        (2.25, 0.03173965183566742, 0.9877755273449553, 0.012224472655044703),
        (2.5, 0.017528300493568537, 0.9937903346742238, 0.006209665325776135),
        (2.75, 0.009093562501591053, 0.9970202367649454, 0.002979763235054557),
        (2.999, 0.004445161697868553, 0.9986456634662729, 0.0013543365337271062),
        (3.0, 0.0044318484119380075, 0.9986501019683699, 0.0013498980316300946),
        (3.5, 0.00087268269504576, 0.9997673709209645, 0.00023262907903552504),
        (4.0, 0.00013383022576488534, 0.9999683287581669, 3.1671241833119924e-05),
        (4.5, 1.5983741106905475e-05, 0.9999966023268753, 3.3976731247300603e-06),
        (5.0, 1.4867195147342977e-06, 0.9999997133484281, 2.866515718791939e-07),
        (5.999, 6.112444675650707e-09, 0.9999999990073182, 9.926817910289037e-10),
        (6.0, 6.075882849823285e-09, 0.9999999990134123, 9.86587645037698e-10),
        (7.0, 9.134720408364594e-12, 0.9999999999987201, 1.279812543885835e-12),
        (8.0, 5.052271083536892e-15, 0.9999999999999993, 6.220960574271784e-16),
        (9.1, 4.1585989791151486e-19, 1.0, 4.516591491435457e-20),
        (10.0, 7.694598626706419e-23, 1.0, 7.619853024160525e-24),
        (12.7, 3.777735721149138e-36, 1.0, 2.95648536485205e-37),
        (15.0, 5.530709549844416e-50, 1.0, 3.670966199312751e-51),
        (19.99, 6.742964400553145e-88, 1.0, 3.364790017647047e-89),
        (25.0, 7.653929736419392e-137, 1.0, 3.056696706382561e-138),
        (30.0, 1.4736461348785476e-196, 1.0, 4.906713927148187e-198),
        (33.3, 6.434370239339347e-242, 1.0, 1.93050550592784e-243),
        (35.0, 3.940396277136024e-267, 1.0, 1.1249107064724062e-268),
        (36.6, 5.23783696963577e-292, 1.0, 1.4300370427625568e-293),
        (37.0, 2.1200065515246056e-298, 1.0, 5.725571222524577e-300),
    ];

    /// x, e^x, by mpmath with 60 digits.
    #[rustfmt::skip]
    const EXP: [(f64, f64); 28] = [
        (-745.0, 5e-324),
        (-709.5, 7.38014831401258e-309),
        (-700.25, 7.678723813110872e-305),
        (-100.1, 3.3660639410403144e-44),
        (-37.7, 4.2373860474966705e-17),
        (-10.0, 4.5399929762484854e-05),
        (-3.3, 0.036883167401240015),
        (-1.0, 0.36787944117144233),
        (-0.35, 0.7046880897187134),
        (-0.1, 0.9048374180359595),
        (-1e-09, 0.999999999),
        (1e-12, 1.000000000001),
        (0.1, 1.1051709180756475),
        (0.3, 1.3498588075760032),
        (0.3466, 1.4142509118505286),
        (0.35, 1.4190675485932571),
        (0.5, 1.6487212707001282),
        (1.0, core::f64::consts::E),
        (2.0, 7.38905609893065),
        (5.5, 244.69193226422038),
        (10.0, 22026.465794806718),
        (33.3, 289738526663660.5),
        (100.0, 2.6881171418161354e+43),
        (345.6, 1.2364397133326716e+150),
        (500.0, 1.4035922178528374e+217),
        (700.7, 2.0424125462260527e+304),
        (709.0, 8.218407461554972e307),
        (709.7, 1.6549840276802644e+308),
    ];

    fn relative(found: f64, expected: f64) -> f64 {
        ((found - expected) / expected).abs()
    }

    #[test]
    fn both_tails_are_accurate_to_1e_14() {
        for (z, density, below, above) in REFERENCE {
            if z.abs() <= 37.0 {
                assert!(relative(pdf(z), density) < 4e-16, "pdf({z}) = {:e}", pdf(z));
                assert!(relative(cdf(z), below) < 1e-14, "cdf({z}) = {:e}", cdf(z));
                assert!(relative(sf(z), above) < 1e-14, "sf({z}) = {:e}", sf(z));
            }
            assert_eq!(cdf(z).to_bits(), sf(-z).to_bits());
            assert_eq!(pdf(z).to_bits(), pdf(-z).to_bits());
        }
    }

    #[test]
    fn far_tails_shrink_through_the_subnormals() {
        let cases = [
            (37.5, 4.605353009581955e-308),
            (37.8, 5.6813439929e-313),
            (38.0, 2.88542835e-316),
            (38.2, 1.40804e-319),
            (38.4, 6.4e-323),
        ];
        for (z, above) in cases {
            // Half a unit of the last place a subnormal number has.
            assert!((sf(z) - above).abs() <= 5e-324, "sf({z}) = {:e}", sf(z));
        }
        for z in [39.0, 1e3, 1e200, f64::INFINITY] {
            assert_eq!((sf(z), cdf(z), pdf(z)), (0.0, 1.0, 0.0), "{z}");
        }
        assert!(sf(f64::NAN).is_nan() && cdf(f64::NAN).is_nan() && pdf(f64::NAN).is_nan());
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn exp_is_accurate_to_the_last_place() {
        for (x, expected) in EXP {
            let error = (exp(x) - expected).abs();
            assert!(error <= expected * f64::EPSILON || error <= 5e-324, "exp({x}) = {:e}", exp(x));
        }
        assert_eq!((exp(0.0), exp(-0.0), exp(5e-324)), (1.0, 1.0, 1.0));
        assert_eq!((exp(710.0), exp(f64::INFINITY)), (f64::INFINITY, f64::INFINITY));
        assert_eq!((exp(-746.0), exp(f64::MIN)), (0.0, 0.0));
    }

    #[test]
    fn the_approximations_agree_where_they_meet() {
        let meet = |f: fn(f64) -> f64, at: f64| {
            let [before, after] = [-1, 1].map(|step| f64::from_bits(at.to_bits().wrapping_add_signed(step)));
            assert!(relative(f(before), f(after)) < 1e-14, "{at}");
        };
        meet(sf, -SWITCH);
        meet(sf, SWITCH);
        meet(within, -2.25);
        meet(within, 2.25);
        meet(mills, 12.0);
    }

    /// The value format starts from these bits.
    #[test]
    fn bits_do_not_change() {
        let bits = REFERENCE
            .iter()
            .flat_map(|row| [pdf(row.0), cdf(row.0)])
            .fold(0_u64, |hash, x| (hash.rotate_left(5) ^ x.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        assert_eq!(bits, 0x9ff0_10ca_e729_945e, "{bits:#x}");
    }
}
