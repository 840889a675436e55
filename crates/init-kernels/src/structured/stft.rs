//! The kernel of a short-time Fourier transform.

use std::mem::MaybeUninit;

use init_core::stft::{Scaling, Side, Stft, Window};

use super::part::Part;
use crate::{
    error::FillError,
    geometry::WIDTH64,
    math::sin_cos_f64,
    ranges::room,
    sampler::Sampled,
    simd::{Portable, Simd},
    token::{Token, dispatch},
};

/// The longest frame whose scale is the sum of its window; that of a longer one is computed from
/// the window's coefficients. Part of the value format.
const SUMMED_FRAME: usize = 1 << 26;

impl<T: Sampled> Part<'_, T> {
    /// Writes the windowed sines or cosines.
    pub(super) fn stft(&mut self, stft: &Stft) -> Result<(), FillError> {
        let (bins, period) = (stft.bins as u64, 2 * (stft.bins as u64 - 1));
        let wave = |j: u64| {
            let (sin, cos) = turn(j, period);
            match stft.side {
                Side::Real => cos,
                Side::Imag => 0.0 - sin,
            }
        };
        let scale = scale(self.job.token, stft);
        let weight = |t: u64| {
            let weight = weight(stft, t);
            if scale == 0.0 || stft.window == Window::Without { weight } else { weight / scale }
        };
        // Tables, unless they are longer than the part.
        let len = self.job.dst.len() as u64;
        let table = |count: u64, value: &dyn Fn(u64) -> f64| -> Result<Vec<f64>, FillError> {
            let count = if count <= len { count } else { 0 };
            let mut table = room(count as usize)?;
            table.extend((0..count).map(value));
            Ok(table)
        };
        let (waves, weights) = (table(period, &wave)?, table(stft.frame as u64, &weight)?);
        self.runs(|flat, dst| {
            for (flat, dst) in (flat..).zip(dst) {
                let (t, k) = (flat / bins / stft.channels as u64, flat % bins);
                let j = t * k % period;
                let wave = waves.get(j as usize).copied().unwrap_or_else(|| wave(j));
                let weight = weights.get(t as usize).copied().unwrap_or_else(|| weight(t));
                dst.write(T::from_f64(wave * weight));
            }
        });
        Ok(())
    }
}

/// Returns whether all values are zero, as in a symmetric window of two samples.
pub(super) fn vanishes(stft: &Stft) -> bool {
    // From four samples on, the middle one is not 0.
    let frame = stft.frame as u64;
    frame > 0 && [0, 1, 2, frame / 2].into_iter().filter(|&t| t < frame).all(|t| weight(stft, t) == 0.0)
}

/// Returns the coefficients of a window: of 1, −cos and cos of the double angle.
fn coefficients(window: Window) -> [f64; 3] {
    match window {
        Window::Hann => [0.5, 0.5, 0.0],
        Window::Hamming => [0.54, 0.46, 0.0],
        Window::Blackman => [0.42, 0.5, 0.08],
        Window::Boxcar | Window::Without => [1.0, 0.0, 0.0],
    }
}

/// Returns the window at a sample, before it is divided by its scale.
fn weight(stft: &Stft, t: u64) -> f64 {
    if stft.frame == 1 || matches!(stft.window, Window::Boxcar | Window::Without) {
        return 1.0;
    }
    let period = period(stft);
    let cos = |t: u64| turn(t % period, period).1;
    let [constant, first, second] = coefficients(stft.window);
    match stft.window {
        Window::Blackman => constant - first * cos(t) + second * cos(2 * t),
        _ => constant - first * cos(t),
    }
}

/// Returns the samples of one period of the window.
fn period(stft: &Stft) -> u64 {
    if stft.periodic { stft.frame as u64 } else { stft.frame.saturating_sub(1) as u64 }
}

/// Returns the number that the window is divided by.
fn scale(token: Token, stft: &Stft) -> f64 {
    if stft.window == Window::Without || stft.scaling == Scaling::Without {
        return 1.0;
    }
    if stft.frame > SUMMED_FRAME {
        return long_scale(stft);
    }
    dispatch!(token, simd => simd.vectorize(
        #[inline(always)]
        || summed_scale(simd, stft)
    ))
}

/// Returns the scale as a sum over the window, eight samples at a time.
#[inline(always)]
fn summed_scale<S: Simd>(simd: S, stft: &Stft) -> f64 {
    let (frame, period) = (stft.frame as u64, period(stft));
    let constant = stft.frame == 1 || stft.window == Window::Boxcar;
    let [one, first, second] = coefficients(stft.window);
    let mut sum = 0.0;
    for start in (0..frame).step_by(WIDTH64) {
        let weights = if constant {
            [1.0; WIDTH64]
        } else {
            let samples: [u64; WIDTH64] = std::array::from_fn(|lane| start + lane as u64);
            let cos = cosines(simd, samples.map(|t| t % period), period);
            let twice = match stft.window {
                Window::Blackman => cosines(simd, samples.map(|t| 2 * t % period), period),
                _ => [0.0; WIDTH64],
            };
            std::array::from_fn(|lane| match stft.window {
                Window::Blackman => one - first * cos[lane] + second * twice[lane],
                _ => one - first * cos[lane],
            })
        };
        for weight in weights.into_iter().take((frame - start) as usize) {
            sum += match stft.scaling {
                Scaling::Density => weight * weight,
                _ => weight.abs(),
            };
        }
    }
    if stft.scaling == Scaling::Density { sum.sqrt() } else { sum }
}

/// Returns the cosines of 2π·j/n, each as [`turn`] computes it, for n below 2⁶⁰.
#[inline(always)]
fn cosines<S: Simd>(simd: S, numbers: [u64; WIDTH64], n: u64) -> [f64; WIDTH64] {
    // ⌊(8·j + n) / (2·n)⌋ without a division: j < n.
    let quarters = numbers.map(|j| [1, 3, 5, 7].map(|odd| u64::from(8 * j >= odd * n)).iter().sum::<u64>());
    let rests: [f64; WIDTH64] =
        std::array::from_fn(|lane| ((4 * numbers[lane]) as i64 - (quarters[lane] * n) as i64) as f64);
    let u = simd.div_f64(simd.load_f64(&rests), simd.splat_f64(n as f64));
    let (sin, cos) = sin_cos_f64(simd, u);
    let array = |vector| {
        let mut array = [MaybeUninit::uninit(); WIDTH64];
        simd.store_f64(vector, &mut array);
        // SAFETY: the store wrote every lane.
        array.map(|lane: MaybeUninit<f64>| unsafe { lane.assume_init() })
    };
    let (sin, cos) = (array(sin), array(cos));
    std::array::from_fn(|lane| {
        let cos = match quarters[lane] % 4 {
            0 => cos[lane],
            1 => -sin[lane],
            2 => -cos[lane],
            _ => sin[lane],
        };
        cos + 0.0
    })
}

/// Returns the scale of a window by its coefficients: sines cancel over a period.
fn long_scale(stft: &Stft) -> f64 {
    let [constant, first, second] = coefficients(stft.window);
    let period = period(stft) as f64;
    // A symmetric window has both ends.
    let end = if stft.periodic { 0.0 } else { constant - first + second };
    match stft.scaling {
        Scaling::Density => {
            (period * (constant * constant + 0.5 * (first * first + second * second)) + end * end).sqrt()
        }
        Scaling::Spectrum => period * constant + end.abs(),
        Scaling::Without => 1.0,
    }
}

/// Returns the sine and cosine of 2π·j/n, j < n, from the nearest quarter turn and the remaining u
/// quarters, |u| ≤ ½. Zeros are positive.
fn turn(j: u64, n: u64) -> (f64, f64) {
    let (quarters, rest) = if n < 1 << 60 {
        let quarters = (8 * j + n) / (2 * n);
        (quarters, (4 * j) as i64 - (quarters * n) as i64)
    } else {
        // 8·j exceeds 64 bits, the quarters and the rest do not.
        let (j, n) = (u128::from(j), u128::from(n));
        let quarters = (8 * j + n) / (2 * n);
        (quarters as u64, (4 * j as i128 - (quarters * n) as i128) as i64)
    };
    let u = rest as f64 / n as f64;
    let (sin, cos) = sin_cos_f64(Portable, Portable.splat_f64(u));
    let (sin, cos) = (sin.to_array()[0], cos.to_array()[0]);
    let (sin, cos) = match quarters % 4 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    };
    (sin + 0.0, cos + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    #[test]
    fn the_scale_of_a_long_frame_is_that_of_the_sum() {
        for window in [Window::Hann, Window::Hamming, Window::Blackman, Window::Boxcar] {
            for (scaling, periodic) in [
                (Scaling::Density, true),
                (Scaling::Density, false),
                (Scaling::Spectrum, true),
                (Scaling::Spectrum, false),
            ] {
                let (side, bins) = (Side::Real, 3);
                let stft = Stft { frame: 10_000, channels: 1, bins, side, window, scaling, periodic };
                let (long, sum) = (long_scale(&stft), scale(Token::Portable(Portable), &stft));
                assert!((long / sum - 1.0).abs() < 1e-12, "{stft:?}: {long} {sum}");
            }
        }
    }

    #[test]
    fn the_sum_is_that_of_the_samples_to_the_bit() {
        for window in Window::ALL {
            for (frame, periodic) in (1..40).chain([100, 4096]).flat_map(|frame| [(frame, true), (frame, false)]) {
                for scaling in [Scaling::Density, Scaling::Spectrum] {
                    let stft = Stft { frame, channels: 1, bins: 3, side: Side::Real, window, scaling, periodic };
                    let weights = (0..frame as u64).map(|t| weight(&stft, t));
                    let expected = match scaling {
                        Scaling::Density => weights.fold(0.0, |sum, weight| sum + weight * weight).sqrt(),
                        _ => weights.fold(0.0, |sum, weight| sum + weight.abs()),
                    };
                    for level in Level::available() {
                        let found = dispatch!(level.token().unwrap(), simd => summed_scale(simd, &stft));
                        assert_eq!(found.to_bits(), expected.to_bits(), "{stft:?} at {level}");
                    }
                }
            }
        }
    }

    #[test]
    fn turns_of_large_numbers_equal_those_of_small_ones() {
        for (j, n) in [(0, 7), (3, 7), (6, 7), (1, 4), (5, 12)] {
            for shift in [50, 57, 58, 59] {
                assert_eq!(turn(j << shift, n << shift), turn(j, n), "{j} / {n}, shifted by {shift}");
            }
        }
    }

    #[test]
    fn a_turn_is_the_sine_and_cosine_and_exact_at_quarters() {
        for n in [1, 2, 3, 4, 7, 12, 100, 1023, 4096, 65_537] {
            for j in 0..n {
                let angle = 2.0 * std::f64::consts::PI * j as f64 / n as f64;
                let (sin, cos) = turn(j, n);
                // `angle` is off by at most 1.18 ε, relative: ½ ε each for the product and the
                // quotient (doubling is exact), 0.18 ε for the constant π itself; and a sine moves
                // no more than its angle. The rest, in 1e-16: 0.5 for u (½ ulp of ½, times π/2),
                // 1.5 for the polynomials (½ ulp each for the last sum and the product, and the
                // rounding of u²), 0.6 for the sines of `std`: 2.6.
                let tolerance = 2.6e-16 + 1.18 * f64::EPSILON * angle;
                let off = (sin - angle.sin()).abs().max((cos - angle.cos()).abs());
                assert!(off < tolerance, "{j} / {n}: off by {off:e}");
                if 4 * j % n == 0 {
                    assert!(sin == sin.round() && cos == cos.round() && (sin + cos).abs() == 1.0, "{j} / {n}");
                    assert!(sin != 0.0 || sin.is_sign_positive());
                }
            }
        }
    }
}
