//! The structured fills, element by element.

use init_core::stft::{Scaling, Side, Stft, Window};
use init_core::{
    Distribution, Structured,
    shape::{Filters, Matrix},
};

use super::normal::{neg_two_ln, quarter_turns};
use super::orthogonal::{delta_orthogonal, orthogonal};
use super::stream::{Key, child_index, raw_bytes};
use super::{Tensor, Value, tensor};

/// Returns all elements of a structured fill.
///
/// # Panics
///
/// If the page does not define the fill.
#[must_use]
pub fn structured<T: Value>(structured: &Structured, key: Key) -> Vec<T> {
    let len = structured.len() as usize;
    let zero = T::round(0.0);
    let each = |value: &dyn Fn(u64) -> f64| (0..len as u64).map(|flat| T::round(value(flat))).collect();
    let drawn = |distribution: &Distribution| tensor::<T>(len, distribution, key);
    match structured {
        Structured::Orthogonal { matrix, gain } => orthogonal(matrix, *gain, key),
        Structured::DeltaOrthogonal { filters, centre, gain } => delta_orthogonal(filters, *centre, *gain, key),
        Structured::Eye { matrix, gain } => each(&|flat| {
            let (_, row, col) = matrix.position(flat);
            if row == col { *gain } else { 0.0 }
        }),
        Structured::PaddedIdentity { matrix, gain } => each(&|flat| {
            let (_, row, col) = matrix.position(flat);
            let side = matrix.rows().min(matrix.cols());
            if row % side == col % side { *gain } else { 0.0 }
        }),
        Structured::Dirac { filters, groups, centre } => each(&|flat| {
            let (out, input, tap) = filters.position(flat);
            let d = out % (filters.out() / groups);
            if d == input && tap == *centre { 1.0 } else { 0.0 }
        }),
        Structured::Hadamard { filters, centre, gain } => {
            let side = (0..).map(|k| (k, 1_usize << k)).find(|&(_, side)| side >= filters.out()).expect("fits");
            // Sylvester's construction, from the outermost quarter in.
            let sign = |mut row: usize, mut col: usize| {
                let (mut sign, mut half) = (1.0, side.1 / 2);
                while half > 0 {
                    if row >= half && col >= half {
                        sign = -sign;
                    }
                    (row, col, half) = (row % half, col % half, half / 2);
                }
                sign
            };
            let scale = 0.5_f64.powi(side.0).sqrt();
            each(&|flat| match filters.position(flat) {
                (_, _, tap) if tap != *centre => 0.0,
                (out, input, _) if filters.out() > filters.inputs() => gain * scale * sign(out, input),
                (out, input, _) => {
                    if out == input {
                        *gain
                    } else {
                        0.0
                    }
                }
            })
        }
        Structured::GateBias { hidden, gate, value, .. } => {
            each(&|flat| if flat as usize / hidden == *gate { *value } else { 0.0 })
        }
        Structured::Bilinear { filters, diagonal } => each(&|flat| {
            let (out, input, tap) = filters.position(flat);
            if *diagonal && out != input { 0.0 } else { interpolation(filters, tap) }
        }),
        Structured::Stft(stft) => {
            let weights = weights(stft);
            each(&|flat| {
                let (t, k) = (flat as usize / stft.bins / stft.channels, flat as usize % stft.bins);
                wave(stft, t, k) * weights[t]
            })
        }
        Structured::ZeroRow { matrix, row, distribution } => {
            let mut values = drawn(distribution);
            for (flat, value) in (0..).zip(&mut values) {
                if matrix.position(flat).1 == *row {
                    *value = zero;
                }
            }
            values
        }
        Structured::Sparse { matrix, zeros, std } => {
            let mut values = drawn(&Distribution::Normal { mean: 0.0, std: *std });
            for copy in 0..matrix.copies() {
                for col in 0..matrix.cols() {
                    for row in zero_rows(matrix, copy * matrix.cols() + col, *zeros, key) {
                        values[matrix.index(copy, row, col) as usize] = zero;
                    }
                }
            }
            values
        }
        Structured::Icnr { matrix, repeats, tiled, source, distribution } => {
            let mut small = Tensor::<T>::new(distribution, key);
            let value = |flat| {
                let (copy, row, col) = matrix.position(flat);
                let row = if *tiled { row % (matrix.rows() / repeats) } else { row / repeats };
                small.at(source.index(copy, row, col))
            };
            (0..len as u64).map(value).collect()
        }
        Structured::Chrono { hidden, forget, input, longest, .. } => {
            let distribution = Distribution::Uniform { low: 1.0, high: longest - 1.0 };
            let times = tensor::<f64>(*hidden, &distribution, key);
            each(&|flat| {
                let (gate, unit) = (flat as usize / hidden, flat as usize % hidden);
                let half = 0.5 * neg_two_ln(times[unit]);
                if gate == *forget {
                    -half + 0.0
                } else if gate == *input {
                    half + 0.0
                } else {
                    0.0
                }
            })
        }
    }
}

fn zero_rows(matrix: &Matrix, column: usize, zeros: usize, key: Key) -> Vec<usize> {
    let bytes = raw_bytes(child_index(key, column as u64), 8 * matrix.rows());
    let word = |row: usize| u64::from_le_bytes(bytes[8 * row..8 * row + 8].try_into().expect("8 bytes"));
    let mut rows: Vec<_> = (0..matrix.rows()).collect();
    rows.sort_by_key(|&row| (word(row), row));
    rows.truncate(zeros);
    rows
}

fn interpolation(filters: &Filters, tap: usize) -> f64 {
    let mut product = 1.0;
    let coordinates: Vec<_> = filters.coordinates(tap).collect();
    for (&k, &x) in filters.spatial().iter().zip(&coordinates) {
        let f = k.div_ceil(2) as f64;
        let c = (2.0 * f - 1.0 - f % 2.0) / (2.0 * f);
        product *= 1.0 - (x as f64 / f - c).abs();
    }
    product
}

fn wave(stft: &Stft, t: usize, k: usize) -> f64 {
    let period = 2 * (stft.bins - 1);
    let (sin, cos) = turn(t * k % period, period);
    match stft.side {
        Side::Real => cos,
        Side::Imag => 0.0 - sin,
    }
}

fn weights(stft: &Stft) -> Vec<f64> {
    if stft.window == Window::Without {
        return vec![1.0; stft.frame];
    }
    let n = if stft.periodic { stft.frame } else { stft.frame - 1 };
    let mut weights = Vec::new();
    for t in 0..stft.frame {
        let c = |i: usize| turn(i % n, n).1;
        weights.push(match stft.window {
            _ if stft.frame == 1 => 1.0,
            Window::Hann => 0.5 - 0.5 * c(t),
            Window::Hamming => 0.54 - 0.46 * c(t),
            Window::Blackman => (0.42 - 0.5 * c(t)) + 0.08 * c(2 * t),
            _ => 1.0,
        });
    }
    let mut sum = 0.0;
    for weight in &weights {
        sum += if stft.scaling == Scaling::Density { weight * weight } else { f64::abs(*weight) };
    }
    let scale = match stft.scaling {
        Scaling::Density => sum.sqrt(),
        Scaling::Spectrum => sum,
        Scaling::Without => 1.0,
    };
    weights.into_iter().map(|weight| weight / scale).collect()
}

fn turn(j: usize, n: usize) -> (f64, f64) {
    let q = (8 * j + n) / (2 * n);
    let u = ((4 * j) as f64 - (q * n) as f64) / n as f64;
    let (s, c) = quarter_turns(u);
    let (sin, cos) = [(s, c), (c, -s), (-s, -c), (-c, s)][q % 4];
    (sin + 0.0, cos + 0.0)
}
