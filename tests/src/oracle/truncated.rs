//! Truncated normal values in their five regimes, by inversion.

use init_core::distribution::normal;

use super::normal::neg_two_ln;
use super::page::{table, table32};
use super::{even_odd, horner, horner32};

/// The parameters of a truncated normal distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truncated {
    pub(super) mean: f64,
    pub(super) std: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Truncated {
    /// Returns α and β.
    fn bounds(&self) -> (f64, f64) {
        ((self.low - self.mean) / self.std, (self.high - self.mean) / self.std)
    }

    fn is_narrow(&self) -> bool {
        let (alpha, beta) = self.bounds();
        (beta - alpha) * 1_f64.max(alpha.abs()).max(beta.abs()) < 2_f64.powi(-17)
    }

    fn is_far(&self) -> bool {
        let (alpha, beta) = self.bounds();
        alpha > 12.0 || beta < -12.0
    }

    pub(super) fn is_central(&self) -> bool {
        let (alpha, beta) = self.bounds();
        !self.is_narrow() && !self.is_far() && (-2.0005..0.0).contains(&alpha) && 0.0 < beta && beta <= 2.0005
    }

    /// Returns the value of the 32 bits `i` in the central regime, before clamping.
    pub(super) fn central(&self) -> impl Fn(u32) -> f32 {
        let [p, q, centre] = ["P32", "Q32", "CENTRE32"].map(table32);
        let (alpha, beta) = self.bounds();
        let (t_alpha, t_beta) = (normal::within(alpha), normal::within(beta));
        let slope = ((t_beta * 0.5 - t_alpha * 0.5) * 2_f64.powi(-31)) as f32;
        let offset = (t_beta * 0.5 + t_alpha * 0.5) as f32;
        let (mean, std) = (self.mean as f32, self.std as f32);
        move |i| {
            let t = (i as i32 as f32).mul_add(slope, offset);
            let v = (-t).mul_add(t, centre[0]);
            let z = t * horner32(&p, v) / horner32(&q, v);
            z.mul_add(std, mean)
        }
    }

    /// Returns whether the bounds cut nothing off: the normal values reach up to `reach` standard
    /// deviations.
    pub(super) fn is_inactive(&self, reach: f64) -> bool {
        let (alpha, beta) = self.bounds();
        alpha <= -reach && reach <= beta
    }

    /// Returns the value of U and V = 1 − U in f64 in the other regimes, before clamping.
    pub(super) fn inverse(&self) -> Box<dyn Fn(f64, f64) -> f64> {
        if self.is_narrow() {
            Box::new(self.narrow())
        } else if self.is_far() {
            Box::new(self.far())
        } else {
            Box::new(self.interior())
        }
    }

    fn interior(&self) -> impl Fn(f64, f64) -> f64 + use<> {
        // √(2 ln 2), to the last bit.
        const SQRT_2_LN_2: f64 = 1.177_410_022_515_474_7;
        let (alpha, beta) = self.bounds();
        let mass =
            if alpha > 0.0 { normal::sf(alpha) - normal::sf(beta) } else { normal::cdf(beta) - normal::cdf(alpha) };
        let (below, above) = (normal::cdf(alpha), normal::sf(beta));
        let (mean, std) = (self.mean, self.std);
        let [p, q] = ["PQ64", "QQ64"].map(table);
        move |u, v| {
            let a = u.mul_add(mass, below);
            let b = v.mul_add(mass, above);
            let minimum = if a < b { a } else { b };
            let tail = if minimum < 0.5 { minimum } else { 0.5 };
            let beyond = neg_two_ln(tail).sqrt() - SQRT_2_LN_2;
            let v = if beyond > 0.0 { beyond } else { 0.0 };
            let z = v * even_odd(p, v) / even_odd(q, v);
            z.mul_add(if a > b { std } else { -std }, mean)
        }
    }

    fn far(&self) -> impl Fn(f64, f64) -> f64 + use<> {
        let (alpha, beta) = self.bounds();
        let upper = alpha > 12.0;
        let (a, b) = if upper { (alpha, beta) } else { (-beta, -alpha) };
        let (bound, std) = if upper { (self.low, self.std) } else { (self.high, -self.std) };
        let [mills, ln_mills] = ["MILLS", "LNMILLS"].map(table);
        let g = |t: f64| (-t).mul_add(horner(mills, t), 1.0);
        let m = |t: f64| -t * horner(ln_mills, t);
        let rho = if b.is_finite() {
            normal::exp(-(b - a) * (0.5 * (b + a))) * (a / b) * (g(1.0 / (b * b)) / g(1.0 / (a * a)))
        } else {
            0.0
        };
        move |u, v| {
            let d = if upper { v } else { u };
            let e2 = neg_two_ln(d.mul_add(1.0 - rho, rho));
            let w2 = a.mul_add(a, e2);
            let w = w2.sqrt();
            let i = 1.0 / w;
            let t = i * i;
            let d = neg_two_ln(a * a / w2).mul_add(0.25, -(m(t) - m(1.0 / (a * a))));
            let n = (d * i) * g(t);
            let e = (n * n) * ((0.5 * i) * (-2_f64).mul_add(t, 1.0));
            let delta = ((e2 / (w + a)) - n) - e;
            std.mul_add(delta, bound)
        }
    }

    fn narrow(&self) -> impl Fn(f64, f64) -> f64 + use<> {
        let (alpha, beta) = self.bounds();
        let c = 0.5 * alpha + 0.5 * beta;
        let kappa = 0.5 * c * (beta - alpha);
        let (low, width) = (self.low, self.high - self.low);
        move |u, v| (width * u).mul_add((-kappa).mul_add(v, 1.0), low)
    }
}
