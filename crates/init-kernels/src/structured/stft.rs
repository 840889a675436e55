//! The kernel of a short-time Fourier transform.

use init_core::stft::{Scaling, Side, Stft, Window};

use super::part::Part;
use crate::{
    math::sin_cos_f64,
    sampler::Sampled,
    simd::{Portable, Simd},
};

impl<T: Sampled> Part<'_, T> {
    /// Writes the windowed sines or cosines.
    pub(super) fn stft(&mut self, stft: &Stft) {
        let window = window(stft);
        let period = 2 * (stft.bins as u64 - 1);
        let waves: Vec<f64> = (0..period)
            .map(|j| {
                let (sin, cos) = turn(j, period);
                match stft.side {
                    Side::Real => cos,
                    Side::Imag => 0.0 - sin,
                }
            })
            .collect();
        self.runs(|flat, dst| {
            let bins = stft.bins as u64;
            for (flat, dst) in (flat..).zip(dst) {
                let (t, k) = (flat / bins / stft.channels as u64, flat % bins);
                let wave = waves[(t * k % period) as usize];
                dst.write(T::from_f64(wave * window[t as usize]));
            }
        });
    }
}

/// Returns whether all values are zero, as in a symmetric window of two samples.
pub(super) fn vanishes(stft: &Stft) -> bool {
    stft.frame > 0 && window(stft).iter().all(|&weight| weight == 0.0)
}

/// Returns the window, divided by its scale.
fn window(stft: &Stft) -> Vec<f64> {
    if stft.window == Window::Without {
        return vec![1.0; stft.frame];
    }
    let period = if stft.periodic { stft.frame } else { stft.frame.saturating_sub(1) } as u64;
    let weight = |t: u64| {
        if stft.frame == 1 {
            return 1.0;
        }
        let cos = |t: u64| turn(t % period, period).1;
        match stft.window {
            Window::Hann => 0.5 - 0.5 * cos(t),
            Window::Hamming => 0.54 - 0.46 * cos(t),
            Window::Blackman => 0.42 - 0.5 * cos(t) + 0.08 * cos(2 * t),
            Window::Boxcar | Window::Without => 1.0,
        }
    };
    let weights: Vec<f64> = (0..stft.frame as u64).map(weight).collect();
    let scale = match stft.scaling {
        Scaling::Density => weights.iter().fold(0.0, |sum, weight| sum + weight * weight).sqrt(),
        Scaling::Spectrum => weights.iter().fold(0.0, |sum, weight| sum + weight.abs()),
        Scaling::Without => 1.0,
    };
    if scale == 0.0 { weights } else { weights.into_iter().map(|weight| weight / scale).collect() }
}

/// Returns the sine and cosine of 2π·j/n, j < n, from the nearest quarter turn and the remaining u
/// quarters, |u| ≤ ½. Zeros are positive.
fn turn(j: u64, n: u64) -> (f64, f64) {
    let (j, n) = (i128::from(j), i128::from(n));
    let quarters = (8 * j + n) / (2 * n);
    let u = (4 * j - quarters * n) as f64 / n as f64;
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
