//! Orthogonal matrices, as the page defines them.

use init_core::{
    Distribution,
    shape::{Filters, Matrix},
};

use super::stream::{Key, child_index};
use super::{Value, tensor};

const PANEL: usize = 64;
const RUN: usize = 128;
const STANDARD: Distribution = Distribution::Normal { mean: 0.0, std: 1.0 };

/// The type of the computation; numbers are carried in f64.
trait Real {
    fn round(x: f64) -> f64;
    fn fma(a: f64, b: f64, c: f64) -> f64;
    fn normal(len: usize, key: Key) -> Vec<f64>;
}

struct Single;
struct Double;

impl Real for Single {
    fn round(x: f64) -> f64 {
        f64::from(x as f32)
    }

    fn fma(a: f64, b: f64, c: f64) -> f64 {
        f64::from((a as f32).mul_add(b as f32, c as f32))
    }

    fn normal(len: usize, key: Key) -> Vec<f64> {
        tensor::<f32>(len, &STANDARD, key).into_iter().map(f64::from).collect()
    }
}

impl Real for Double {
    fn round(x: f64) -> f64 {
        x
    }

    fn fma(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }

    fn normal(len: usize, key: Key) -> Vec<f64> {
        tensor::<f64>(len, &STANDARD, key)
    }
}

/// Returns all copies of a matrix, in the tensor's order.
#[must_use]
pub fn orthogonal<T: Value>(matrix: &Matrix, gain: f64, key: Key) -> Vec<T> {
    let mut values = vec![T::default(); matrix.len() as usize];
    for copy in 0..matrix.copies() {
        let one = one::<T>(matrix.rows(), matrix.cols(), gain, child_index(key, copy as u64));
        for (index, value) in one.into_iter().enumerate() {
            let (row, col) = (index / matrix.cols(), index % matrix.cols());
            values[matrix.index(copy, row, col) as usize] = value;
        }
    }
    values
}

/// Returns filters that are zero except at one tap.
#[must_use]
pub fn delta_orthogonal<T: Value>(filters: &Filters, centre: usize, gain: f64, key: Key) -> Vec<T> {
    let mut values = vec![T::default(); filters.len() as usize];
    if !filters.is_empty() {
        let one = one::<T>(filters.out(), filters.inputs(), gain, child_index(key, 0));
        for (index, value) in one.into_iter().enumerate() {
            let (out, input) = (index / filters.inputs(), index % filters.inputs());
            values[filters.index(out, input, centre) as usize] = value;
        }
    }
    values
}

fn one<T: Value>(rows: usize, cols: usize, gain: f64, key: Key) -> Vec<T> {
    let (m, n) = (rows.max(cols), rows.min(cols));
    let q = if T::DOUBLE { tall::<Double>(m, n, key) } else { tall::<Single>(m, n, key) };
    let round = |x: f64| if T::DOUBLE { x } else { Single::round(x) };
    let value = |(row, col): (usize, usize)| {
        let (r, c) = if rows >= cols { (row, col) } else { (col, row) };
        T::round(round(round(gain) * q[r][c]))
    };
    (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))).map(value).collect()
}

/// Returns Q, row by row.
fn tall<R: Real>(m: usize, n: usize, key: Key) -> Vec<Vec<f64>> {
    let reflections: Vec<_> = (0..n).map(|j| reflection::<R>(m - j, child_index(key, j as u64))).collect();
    let mut q = vec![vec![0.0; n]; m];
    for (j, (_, sign, _)) in reflections.iter().enumerate() {
        q[j][j] = *sign;
    }
    for first in (0..n).step_by(PANEL).rev() {
        let (h, b) = (m - first, PANEL.min(n - first));
        let panel = &reflections[first..first + b];
        let v: Vec<Vec<f64>> =
            (0..h).map(|r| (0..b).map(|c| if r < c { 0.0 } else { panel[c].0[r - c] }).collect()).collect();
        let t = factor::<R>(&v, panel.iter().map(|(_, _, tau)| *tau).collect());
        #[allow(clippy::needless_range_loop, reason = "indices are those of the page")]
        for column in first..n {
            let w: Vec<f64> = (0..b).map(|i| in_runs::<R>(h, |r| (v[r][i], q[first + r][column]))).collect();
            let y: Vec<f64> = (0..b).map(|i| (i..b).fold(0.0, |y, k| R::fma(t[i][k], w[k], y))).collect();
            for r in 0..h {
                let d = (0..b).fold(0.0, |d, k| R::fma(v[r][k], y[k], d));
                q[first + r][column] = R::round(q[first + r][column] - d);
            }
        }
    }
    q
}

/// Returns the vector, the sign and tau.
fn reflection<R: Real>(len: usize, key: Key) -> (Vec<f64>, f64, f64) {
    let x = R::normal(len, key);
    let norm = squares(&x).sqrt();
    let pivot = if x[0] < 0.0 { x[0] - norm } else { x[0] + norm };
    let scale = if pivot == 0.0 { 0.0 } else { R::round(1.0 / pivot) };
    let mut v: Vec<f64> = x.iter().map(|x| R::round(x * scale)).collect();
    v[0] = 1.0;
    let tau = 2.0 / squares(&v);
    (v, if x[0] < 0.0 { 1.0 } else { -1.0 }, tau)
}

fn squares(x: &[f64]) -> f64 {
    let mut parts = [0.0; 16];
    for (i, x) in x.iter().enumerate() {
        parts[i % 16] = x.mul_add(*x, parts[i % 16]);
    }
    parts.iter().fold(0.0, |sum, part| sum + part)
}

fn factor<R: Real>(v: &[Vec<f64>], tau: Vec<f64>) -> Vec<Vec<f64>> {
    let b = tau.len();
    let mut t = vec![vec![0.0_f64; b]; b];
    for j in 0..b {
        t[j][j] = tau[j];
        #[allow(clippy::needless_range_loop, reason = "indices are those of the page")]
        for i in 0..j {
            let sum = (i..j).fold(0.0, |sum, k| {
                let g = in_runs::<R>(v.len(), |r| (v[r][k], v[r][j]));
                t[i][k].mul_add(g, sum)
            });
            t[i][j] = -tau[j] * sum;
        }
    }
    t.into_iter().map(|row| row.into_iter().map(R::round).collect()).collect()
}

fn in_runs<R: Real>(rows: usize, pair: impl Fn(usize) -> (f64, f64)) -> f64 {
    (0..rows).step_by(RUN).fold(0.0, |total, start| {
        let run = start..rows.min(start + RUN);
        let sum = run.fold(0.0, |sum, r| {
            let (a, b) = pair(r);
            R::fma(a, b, sum)
        });
        R::round(total + sum)
    })
}
