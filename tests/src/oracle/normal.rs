//! Normal values by Box–Muller, and the logarithm in f64.

use std::sync::LazyLock;

use super::page::{table, table32};
use super::stream::Lanes;
use super::{BLOCK, even_odd, horner, horner32};

/// Returns a block of f32 values, each exact in f64.
pub(super) fn single(lanes: &mut Lanes, mean: f64, std: f64) -> Vec<f64> {
    let [log, sin, cos] = ["LOG32", "SIN32", "COS32"].map(table32);
    let (mean, std) = (mean as f32, std as f32);
    let mut block = Vec::with_capacity(BLOCK);
    while block.len() < BLOCK {
        let (radii, angles) = (lanes.step32(), lanes.step32());
        let polar: [(f32, f32, f32); 16] = std::array::from_fn(|j| {
            let x = ((radii[j] & 0x7FFF_FFFF) | 1) as f32;
            let r = neg_two_ln32(&log, x).sqrt();
            let u = angles[j] as i32 as f32 * 2_f32.powi(-31);
            let w = u * u;
            let s = u * horner32(&sin, w);
            let c = horner32(&cos, w);
            (r, f32::from_bits(c.to_bits() ^ (radii[j] & 0x8000_0000)), s)
        });
        block.extend(polar.iter().map(|&(r, c, _)| f64::from((r * c).mul_add(std, mean))));
        block.extend(polar.iter().map(|&(r, _, s)| f64::from((r * s).mul_add(std, mean))));
    }
    block
}

/// Returns −2·ln(x·2⁻³¹) for x in [1, 2³¹].
fn neg_two_ln32(log: &[f32], x: f32) -> f32 {
    let h = x.to_bits().wrapping_sub(0x3F35_04F3 + (31 << 23));
    let k = (h as i32 >> 23) as f32;
    let f = f32::from_bits((h & 0x007F_FFFF) + 0x3F35_04F3) - 1.0;
    f.mul_add(horner32(log, f), k * (-2.0 * std::f64::consts::LN_2) as f32)
}

/// Returns a block of f64 values.
pub(super) fn double(lanes: &mut Lanes, mean: f64, std: f64) -> Vec<f64> {
    let mut block = Vec::with_capacity(BLOCK);
    while block.len() < BLOCK {
        let (radii, angles) = (lanes.step(), lanes.step());
        let polar: [(f64, f64, f64); 8] = std::array::from_fn(|j| {
            let r = neg_two_ln(open_unit(radii[j])).sqrt();
            let (s, c) = quarter_turns(signed(angles[j]) * 2_f64.powi(-51));
            (r, f64::from_bits(c.to_bits() ^ (radii[j] & 1) << 63), s)
        });
        block.extend(polar.iter().map(|&(r, c, _)| (r * c).mul_add(std, mean)));
        block.extend(polar.iter().map(|&(r, _, s)| (r * s).mul_add(std, mean)));
    }
    block
}

/// Returns the sine and cosine of u quarter turns, |u| ≤ 1.
pub(super) fn quarter_turns(u: f64) -> (f64, f64) {
    static TABLES: LazyLock<[&[f64]; 2]> = LazyLock::new(|| ["SIN64", "COS64"].map(table));
    let [sin, cos] = *TABLES;
    let w = u * u;
    (u * horner(sin, w), horner(cos, w))
}

/// Returns (k + ½)·2⁻⁵² with the upper 52 bits of `r` as k.
pub(super) fn open_unit(r: u64) -> f64 {
    f64::from_bits(r >> 12 | 0x3FF0_0000_0000_0000) - (1.0 - 2_f64.powi(-53))
}

/// Returns the upper 52 bits of `r` as an integer in [−2⁵¹, 2⁵¹).
pub(super) fn signed(r: u64) -> f64 {
    f64::from_bits(r >> 12 | 0x4330_0000_0000_0000) - (2_f64.powi(52) + 2_f64.powi(51))
}

/// Returns −2·ln U for a normal number U above 0.
pub(super) fn neg_two_ln(u: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    static LOG64: LazyLock<&[f64]> = LazyLock::new(|| table("LOG64"));
    let h = u.to_bits().wrapping_add((1024 << 52) - SQRT_HALF);
    let k = f64::from_bits(h >> 52 | 0x4330_0000_0000_0000) - (2_f64.powi(52) + 1024.0);
    let f = f64::from_bits((h & 0x000F_FFFF_FFFF_FFFF) + SQRT_HALF) - 1.0;
    f.mul_add(even_odd(&LOG64, f), k * (-2.0 * std::f64::consts::LN_2))
}
