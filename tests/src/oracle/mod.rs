//! The value format, version 1, as a scalar program.
//!
//! Written from `docs/value-format.md` alone: it shares no code with the kernels, which must compute the
//! same values. Slow on purpose: every line corresponds to one of the page.

mod normal;
mod orthogonal;
mod page;
mod stream;
mod structured;
mod truncated;
mod value;

use std::collections::HashMap;

use init_core::Distribution;

use stream::Lanes;
use truncated::Truncated;

pub use orthogonal::{delta_orthogonal, orthogonal};
pub use stream::{Key, child, child_index, raw_bytes, root, word};
pub use structured::structured;
pub use value::{Value, highest, lowest};

/// Elements per block.
pub const BLOCK: usize = 4096;

/// Returns the elements `0 … len` of a tensor.
#[must_use]
pub fn tensor<T: Value>(len: usize, distribution: &Distribution, key: Key) -> Vec<T> {
    slice(0, len, distribution, key)
}

/// Returns the elements `start … start + len` of a tensor.
#[must_use]
pub fn slice<T: Value>(start: u64, len: usize, distribution: &Distribution, key: Key) -> Vec<T> {
    let first = (start % BLOCK as u64) as usize;
    let blocks = (first + len).div_ceil(BLOCK) as u64;
    let from = start / BLOCK as u64;
    let whole = (from..from + blocks).flat_map(|number| block::<T>(number, distribution, key));
    whole.skip(first).take(len).collect()
}

/// A tensor of any size whose elements are computed on demand.
#[derive(Debug)]
pub struct Tensor<T> {
    distribution: Distribution,
    key: Key,
    blocks: HashMap<u64, Vec<T>>,
}

impl<T: Value> Tensor<T> {
    /// Makes the tensor of a distribution and a key.
    #[must_use]
    pub fn new(distribution: &Distribution, key: Key) -> Self {
        Self { distribution: *distribution, key, blocks: HashMap::new() }
    }

    /// Returns the element at a flat index.
    pub fn at(&mut self, index: u64) -> T {
        let number = index / BLOCK as u64;
        let fresh = || block(number, &self.distribution, self.key);
        self.blocks.entry(number).or_insert_with(fresh)[(index % BLOCK as u64) as usize]
    }
}

/// Returns the 4096 elements of a block. The values are carried in f64, also those of the f32 path.
fn block<T: Value>(number: u64, distribution: &Distribution, key: Key) -> Vec<T> {
    let mut lanes = Lanes::new(key, number);
    let values = match *distribution {
        Distribution::Constant(c) => vec![c; BLOCK],
        Distribution::Normal { mean, std: 0.0 } => vec![mean; BLOCK],
        Distribution::Uniform { low, high } | Distribution::TruncatedNormal { low, high, .. } if low == high => {
            vec![low; BLOCK]
        }
        Distribution::Uniform { low, high } => {
            let (lowest, highest) = (lowest::<T>(low), highest::<T>(high, false));
            let half = high * 0.5 - low * 0.5;
            let centre = low * 0.5 + high * 0.5;
            let values = if T::DOUBLE {
                doubles(&mut lanes, |r| {
                    let x = normal::signed(r);
                    if half < 2_f64.powi(-900) {
                        (x * 2_f64.powi(-51)).mul_add(half, centre)
                    } else {
                        x.mul_add(half * 2_f64.powi(-51), centre)
                    }
                })
            } else {
                let (half, centre) = (half as f32, centre as f32);
                singles(&mut lanes, |i| {
                    let x = i as i32 as f32;
                    if half < 2_f32.powi(-94) {
                        (x * 2_f32.powi(-31)).mul_add(half, centre)
                    } else {
                        x.mul_add(half * 2_f32.powi(-31), centre)
                    }
                })
            };
            clamp(values, lowest, highest)
        }
        Distribution::Normal { mean, std } if T::DOUBLE => normal::double(&mut lanes, mean, std),
        Distribution::Normal { mean, std } => normal::single(&mut lanes, mean, std),
        Distribution::TruncatedNormal { mean, std, low, high }
            if (Truncated { mean, std, low, high }).is_inactive(if T::DOUBLE { 8.5718 } else { 6.5556 }) =>
        {
            return block(number, &Distribution::Normal { mean, std }, key);
        }
        Distribution::TruncatedNormal { mean, std, low, high } => {
            let truncated = Truncated { mean, std, low, high };
            let (lowest, highest) = (lowest::<T>(low), highest::<T>(high, true));
            let values = if T::DOUBLE {
                let inverse = truncated.inverse();
                doubles(&mut lanes, |r| {
                    let u = normal::open_unit(r);
                    inverse(u, 1.0 - u)
                })
            } else if truncated.is_central() {
                singles(&mut lanes, truncated.central())
            } else {
                let inverse = truncated.inverse();
                singles(&mut lanes, |i| {
                    let x = f64::from(i as i32);
                    let u = x.mul_add(2_f64.powi(-32), 0.5 + 2_f64.powi(-33));
                    let v = x.mul_add(-2_f64.powi(-32), 0.5 - 2_f64.powi(-33));
                    inverse(u, v) as f32
                })
            };
            clamp(values, lowest, highest)
        }
    };
    values.into_iter().map(T::round).collect()
}

/// Returns a block of f32 values, one per u32.
fn singles(lanes: &mut Lanes, value: impl Fn(u32) -> f32) -> Vec<f64> {
    (0..BLOCK / 16).flat_map(|_| lanes.step32().map(|i| f64::from(value(i)))).collect()
}

/// Returns a block of f64 values, one per u64.
fn doubles(lanes: &mut Lanes, value: impl Fn(u64) -> f64) -> Vec<f64> {
    (0..BLOCK / 8).flat_map(|_| lanes.step().map(&value)).collect()
}

fn clamp(values: Vec<f64>, lowest: f64, highest: f64) -> Vec<f64> {
    let raised = values.into_iter().map(|x| if x > lowest { x } else { lowest });
    raised.map(|x| if x < highest { x } else { highest }).collect()
}

fn horner(c: &[f64], x: f64) -> f64 {
    let (last, rest) = c.split_last().expect("coefficients");
    rest.iter().rev().fold(*last, |y, &c| y.mul_add(x, c))
}

fn horner32(c: &[f32], x: f32) -> f32 {
    let (last, rest) = c.split_last().expect("coefficients");
    rest.iter().rev().fold(*last, |y, &c| y.mul_add(x, c))
}

fn even_odd(c: &[f64], x: f64) -> f64 {
    let part = |first: usize| c.iter().skip(first).step_by(2).copied().collect::<Vec<_>>();
    let w = x * x;
    horner(&part(1), w).mul_add(x, horner(&part(0), w))
}
