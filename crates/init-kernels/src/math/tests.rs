//! The f32 functions on every input that a sampler can give them, and the f64 functions against
//! values of 60 digits.

use std::{f64::consts::FRAC_PI_2, mem::MaybeUninit};

use init_core::distribution::normal::{pdf, sf};
use rayon::prelude::*;

use super::*;
use crate::{
    geometry::WIDTH32,
    simd::{Portable, Simd},
};

const TWO_31: f64 = 2_147_483_648.0;

/// Returns every f32 to which an integer in [0, 2³¹] rounds, 16 at a time.
fn every_rounded_integer() -> impl ParallelIterator<Item = [f32; WIDTH32]> {
    let exact = (0..1u32 << 24)
        .into_par_iter()
        .step_by(WIDTH32)
        .map(|first| std::array::from_fn(|i| (first + i as u32) as f32));
    let coarse = ((1u32 << 24) as f32).to_bits()..(TWO_31 as f32).to_bits() + 1;
    let coarse = coarse.into_par_iter().step_by(WIDTH32).map(|first| {
        let last = (TWO_31 as f32).to_bits();
        std::array::from_fn(|i| f32::from_bits((first + i as u32).min(last)))
    });
    exact.chain(coarse)
}

/// Returns the maximum of an error over all inputs.
fn maximum(error: impl Fn([f32; WIDTH32]) -> f64 + Send + Sync) -> f64 {
    every_rounded_integer().map(error).reduce(|| 0.0, f64::max)
}

fn maximum_of_lanes(error: impl Fn(usize) -> f64) -> f64 {
    (0..WIDTH32).map(error).fold(0.0, f64::max)
}

#[test]
fn the_squared_radius_of_every_word_is_right() {
    let error = maximum(|x| {
        let x = x.map(|x| x.max(1.0));
        let got = neg_two_ln_f32(Portable, x.into()).to_array();
        maximum_of_lanes(|i| {
            let expected = -2.0 * (f64::from(x[i]) / TWO_31).ln();
            assert!(got[i] >= 0.0, "−2 ln({}·2⁻³¹) = {}", x[i], got[i]);
            if expected == 0.0 { f64::from(got[i]) } else { (f64::from(got[i]) / expected - 1.0).abs() }
        })
    });
    println!("−2 ln U: relative error {error:.3e} = 2^{:.2}", error.log2());
    assert!(error < 2f64.powf(-22.3));
}

#[test]
fn the_direction_of_every_word_is_right() {
    let error = maximum(|x| {
        let u = x.map(|x| (f64::from(x) / TWO_31) as f32);
        let (sin, cos) = sin_cos_f32(Portable, u.into());
        let (sin, cos) = (sin.to_array(), cos.to_array());
        let (sin_of_negative, cos_of_negative) = sin_cos_f32(Portable, u.map(|u| -u).into());
        assert_eq!((sin_of_negative.to_array(), cos_of_negative.to_array()), (sin.map(|s| -s), cos));
        maximum_of_lanes(|i| {
            let angle = f64::from(u[i]) * FRAC_PI_2;
            (f64::from(sin[i]) - angle.sin()).abs().max((f64::from(cos[i]) - angle.cos()).abs())
        })
    });
    println!("sin, cos: error {error:.3e}");
    assert!(error < 1.4e-7);
}

#[test]
fn the_central_quantile_of_every_word_is_right() {
    let scale = ((1.0 - 2.0 * sf(2.0)) / TWO_31) as f32;
    let error = maximum(|x| {
        let t = x.map(|x| x * scale);
        let z = quantile_central(Portable, t.into()).to_array();
        let z_of_negative = quantile_central(Portable, t.map(|t| -t).into()).to_array();
        assert_eq!(z_of_negative, z.map(|z| -z));
        maximum_of_lanes(|i| {
            let z = f64::from(z[i]);
            // One Newton step from z leads to the true quantile.
            (1.0 - 2.0 * sf(z) - f64::from(t[i])).abs() / (2.0 * pdf(z))
        })
    });
    println!("central quantile: error {error:.3e}");
    assert!(error < 5.4e-7);
}

/// Emulated and fused operations agree on every input of the f32 samplers.
#[cfg(target_arch = "x86_64")]
#[test]
fn every_word_gives_the_same_bits_without_fma() {
    use crate::simd::Avx2;

    #[inline(always)]
    fn values<S: Simd>(simd: S, x: &[f32; WIDTH32]) -> [[u32; WIDTH32]; 4] {
        let (integer, scale) = (simd.load_f32(x), simd.splat_f32(2f32.powi(-31)));
        let unit = simd.mul_f32(integer, scale);
        let (sin, cos) = sin_cos_f32(simd, unit);
        let quantile = quantile_central(simd, simd.mul_f32(unit, simd.splat_f32(0.954)));
        let squared = neg_two_ln_f32(simd, simd.max_f32(integer, simd.splat_f32(1.0)));
        [squared, sin, cos, quantile].map(|value| {
            let mut lanes = [MaybeUninit::uninit(); WIDTH32];
            simd.store_f32(value, &mut lanes);
            // SAFETY: the store wrote all lanes.
            lanes.map(|lane| unsafe { lane.assume_init() }.to_bits())
        })
    }

    let Some(avx2) = Avx2::detect() else {
        eprintln!("skipped: this machine has no AVX2, FMA and F16C");
        return;
    };
    every_rounded_integer().for_each(|x| {
        let expected = avx2.vectorize(
            #[inline(always)]
            || values(avx2, &x),
        );
        assert_eq!(values(Portable, &x), expected, "{x:?}");
    });
}

#[test]
fn the_f64_radius_and_direction_are_right() {
    let mut maximum = 0f64;
    for n in 0..1_000_000u64 {
        // Multiples of the golden ratio cover the interval evenly; their cubes cover the
        // neighbourhood of 0.
        let u = ((n as f64 * 0.618_033_988_749_894_9) % 1.0).max(1e-9);
        let (sin, cos) = sin_cos_f64(Portable, Portable.splat_f64(u));
        // π/2 as a sum of two f64, so that the rounding of the angle itself does not count.
        let angle = u * FRAC_PI_2;
        let rest = u.mul_add(FRAC_PI_2, -angle) + u * 6.123_233_995_736_766e-17;
        let (expected_sin, expected_cos) = (angle.sin() + rest * angle.cos(), angle.cos() - rest * angle.sin());
        maximum = maximum.max((sin.to_array()[0] - expected_sin).abs()).max((cos.to_array()[0] - expected_cos).abs());
        for u in [u, u * u * u, 1.0 - u * 1e-6] {
            let got = neg_two_ln_f64(Portable, Portable.splat_f64(u)).to_array()[0];
            let expected = -2.0 * u.ln();
            assert!((got / expected - 1.0).abs() < 1.2e-15, "−2 ln {u:e}: {got:e} instead of {expected:e}");
        }
    }
    println!("sin, cos in f64: error {maximum:.3e}");
    assert!(maximum < 2.5e-16);
    assert_eq!(neg_two_ln_f64(Portable, Portable.splat_f64(1.0)).to_array()[0], 0.0);
}

/// Upper tails and their quantiles, computed with 60 digits.
const QUANTILES: [(f64, f64); 20] = [
    (0.4999999, 2.5066282747031063e-07),
    (0.49, 0.025068908258711057),
    (0.4, 0.2533471031357997),
    (0.3, 0.5244005127080408),
    (0.2, 0.8416212335729142),
    (0.1, 1.2815515655446004),
    (0.05, 1.6448536269514726),
    (0.0227501319481792, 2.0),
    (0.01, 2.326347874040841),
    (1e-3, 3.0902323061678136),
    (1e-4, 3.7190164854556804),
    (1e-6, 4.753424308822899),
    (1e-8, 5.612001244174789),
    (1e-10, 6.361340902404057),
    (1e-13, 7.348796102800677),
    (1e-16, 8.222082216130435),
    (1e-20, 9.262340089798407),
    (1e-30, 11.464024688443615),
    (1e-40, 13.31092137142517),
    (1e-49, 14.779038809356775),
];

#[test]
fn quantiles_are_right_in_all_tails() {
    for (q, z) in QUANTILES {
        let got = quantile_interior(Portable, Portable.splat_f64(q)).to_array()[0];
        assert!((got - z).abs() < 1e-15 * z.max(1.0) * 2.0, "{q:e}: {got} instead of {z}");
    }
    assert!(quantile_interior(Portable, Portable.splat_f64(0.5)).to_array()[0].abs() < 2e-16);
}

#[test]
fn the_mills_ratio_is_right_beyond_12() {
    for z in [12.0, 13.0, 17.0, 25.0, 36.0] {
        let t = 1.0 / (z * z);
        let expected = z * sf(z) / pdf(z);
        let ratio = mills(Portable, Portable.splat_f64(t)).to_array()[0];
        let log = ln_mills(Portable, Portable.splat_f64(t)).to_array()[0];
        assert!(
            (ratio - expected).abs() < 2e-11 && (log + expected.ln()).abs() < 3e-14,
            "{z}: {ratio}, {log}, {expected}"
        );
    }
}
