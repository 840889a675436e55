//! Orthogonal matrices: how orthogonal they are, and whether they are Haar-distributed.
//!
//! The Haar measure is tested by distributions that are known exactly, each on about 10⁵ independent matrices:
//!
//! * every entry (for n = 3 uniform on [−1, 1], by Archimedes; for n = 5 by the incomplete integral; the first
//!   column of any matrix is uniform on the sphere);
//! * the angles of the eigenvalues for n = 2 and n = 3;
//! * the moments of the traces of powers, which are sums over the angles, for a larger n (P. Diaconis,
//!   M. Shahshahani, *On the eigenvalues of random matrices*, 1994);
//! * the balance of the determinant's signs.
//!
//! Without the signs of R's diagonal the first entry would never be positive, and the first of these tests
//! would fail at once.

use fanin_tests::levels::{Both, assert_same};
use fanin_tests::statistics::{ALPHA, STANDARD_ERRORS, kolmogorov_sf};
use fanin_tests::{for_each_dtype, oracle};
use init_core::{Structured, shape::Matrix};
use init_kernels::{Stream, fill};
use rayon::prelude::*;

fn stream() -> Stream {
    Stream::new(1980).child("haar")
}

fn filled<T: Both>(matrix: Matrix, gain: f64) -> Vec<T> {
    let mut values = vec![T::default(); matrix.len() as usize];
    fill(&mut values, &Structured::Orthogonal { matrix, gain }, stream()).expect("fits");
    values
}

fn row_major(rows: usize, cols: usize) -> Matrix {
    Matrix::row_major(rows, cols).expect("fits")
}

/// Returns many small matrices, each as its rows.
fn many(count: usize, rows: usize, cols: usize) -> Vec<Vec<Vec<f64>>> {
    let matrix = Matrix::stacked(count, 1, rows, cols).expect("fits");
    let values = filled::<f64>(matrix, 1.0);
    values.chunks_exact(rows * cols).map(|one| one.chunks_exact(cols).map(<[f64]>::to_vec).collect()).collect()
}

/// Returns the maximum difference of Q·Qᵀ, or for a tall matrix of Qᵀ·Q, from the identity.
fn error<T: Both>(rows: usize, cols: usize) -> f64 {
    let values = filled::<T>(row_major(rows, cols), 1.0);
    let value = |row: usize, col: usize| values[row * cols + col].exact();
    let (m, n) = (rows.max(cols), rows.min(cols));
    let vector = |i: usize| (0..m).map(|k| if rows >= cols { value(k, i) } else { value(i, k) }).collect::<Vec<_>>();
    let vectors: Vec<Vec<f64>> = (0..n).into_par_iter().map(vector).collect();
    let worst = |i: usize| {
        let product = |j: usize| -> f64 {
            let mut sums = [0.0; 8];
            let (a, b) = (vectors[i].as_chunks::<8>(), vectors[j].as_chunks::<8>());
            for (a, b) in a.0.iter().zip(b.0) {
                for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                    *sum += a * b;
                }
            }
            sums.iter().sum::<f64>() + a.1.iter().zip(b.1).map(|(a, b)| a * b).sum::<f64>()
        };
        (0..=i).map(|j| (product(j) - f64::from(u8::from(i == j))).abs()).fold(0.0, f64::max)
    };
    (0..n).into_par_iter().map(worst).reduce(|| 0.0, f64::max)
}

#[test]
fn f32_is_orthogonal_within_2e_6_at_2048() {
    let found = error::<f32>(2048, 2048);
    println!("2048 × 2048, f32: {found:e}");
    assert!(found <= 2e-6, "{found:e}");
}

#[test]
fn every_shape_is_orthogonal_as_far_as_its_type_allows() {
    for (rows, cols) in
        [(1, 1), (2, 2), (3, 1), (1, 3), (64, 64), (65, 65), (500, 300), (300, 500), (2000, 10), (10, 2000)]
    {
        let [single, double] = [error::<f32>(rows, cols), error::<f64>(rows, cols)];
        assert!(single <= 1e-6, "{rows} × {cols}, f32: {single:e}");
        assert!(double <= 2e-15, "{rows} × {cols}, f64: {double:e}");
    }
}

for_each_dtype! {
    narrow_types_are_the_rounded_f32 => narrow;
}

fn narrow<T: Both>() {
    if T::DOUBLE {
        return;
    }
    for (matrix, gain) in [(row_major(70, 90), 1.0), (row_major(90, 70), 1.7)] {
        let rounded: Vec<T> = filled::<f32>(matrix, gain).into_iter().map(|x| T::round(f64::from(x))).collect();
        assert_same(&filled::<T>(matrix, gain), &rounded, || format!("{matrix:?}"));
    }
}

#[test]
fn the_gain_is_one_multiplication() {
    let plain = filled::<f32>(row_major(70, 40), 1.0);
    let gain = 1.7;
    let scaled: Vec<f32> = plain.into_iter().map(|x| x * gain as f32).collect();
    assert_same(&filled::<f32>(row_major(70, 40), gain), &scaled, || "gain".to_owned());
    let matrix = row_major(20, 20);
    let zeros = filled::<f32>(matrix, 0.0);
    assert!(zeros.iter().all(|&x| x == 0.0));
    assert_same(&zeros, &oracle::orthogonal(&matrix, 0.0, stream().key()), || "gain 0".to_owned());
}

/// Tests values against a distribution function by Kolmogorov–Smirnov.
fn follows(what: &str, mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let gap = |(i, &x): (usize, &f64)| (cdf(x) - i as f64 / n).abs().max(((i + 1) as f64 / n - cdf(x)).abs());
    let distance = values.iter().enumerate().map(gap).fold(0.0, f64::max);
    let p = kolmogorov_sf(distance * n.sqrt());
    assert!(p > ALPHA, "{what}: D = {distance:e} of {n} values, p = {p:e}");
}

/// The distribution functions of a coordinate of a point uniform on the sphere, in 3 and 5 dimensions.
const SPHERE_3: fn(f64) -> f64 = |x| (x + 1.0) / 2.0;
const SPHERE_5: fn(f64) -> f64 = |x| 0.5 + 0.75 * (x - x * x * x / 3.0);

#[test]
fn entries_follow_the_distribution_of_a_point_on_the_sphere() {
    type Cdf = fn(f64) -> f64;
    let cases: [(usize, usize, Cdf); 5] =
        [(3, 3, SPHERE_3), (3, 2, SPHERE_3), (1, 3, SPHERE_3), (5, 5, SPHERE_5), (2, 5, SPHERE_5)];
    for (rows, cols, cdf) in cases {
        let matrices = many(100_000, rows, cols);
        for row in 0..rows {
            for col in 0..cols {
                let entries = matrices.iter().map(|q| q[row][col]).collect();
                follows(&format!("entry ({row}, {col}) of {rows} × {cols}"), entries, cdf);
            }
        }
    }
}

/// Asserts the mean of values with a standard deviation of about `std`, within five standard errors.
fn has_mean(what: &str, values: impl ExactSizeIterator<Item = f64>, mean: f64, std: f64) {
    let n = values.len() as f64;
    let found = values.sum::<f64>() / n;
    let z = (found - mean) / (std / n.sqrt());
    assert!(z.abs() < STANDARD_ERRORS, "{what}: {found} for {mean}, {z:.1} standard errors");
}

fn determinant(mut q: Vec<Vec<f64>>) -> f64 {
    let n = q.len();
    let mut determinant = 1.0;
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| q[i][k].abs().total_cmp(&q[j][k].abs())).expect("rows");
        if pivot != k {
            q.swap(pivot, k);
            determinant = -determinant;
        }
        determinant *= q[k][k];
        let (above, below) = q.split_at_mut(k + 1);
        for row in below {
            let factor = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).for_each(|(x, y)| *x -= factor * y);
        }
    }
    determinant
}

#[test]
fn determinants_are_one_or_minus_one_equally_often() {
    for n in [1, 2, 3, 8, 20] {
        let determinants: Vec<f64> = many(40_000, n, n).into_iter().map(determinant).collect();
        assert!(determinants.iter().all(|d| (d.abs() - 1.0).abs() < 1e-12));
        has_mean(&format!("determinants of {n} × {n}"), determinants.into_iter(), 0.0, 1.0);
    }
}

#[test]
fn angles_of_eigenvalues_follow_the_exact_distributions() {
    // A rotation of the plane: the angle is uniform.
    let planes = many(200_000, 2, 2).into_iter().filter(|q| q[0][0] * q[1][1] > q[0][1] * q[1][0]);
    let angles = planes.map(|q| q[1][0].atan2(q[0][0])).collect();
    follows("angles of 2 × 2", angles, |x| 0.5 + x / (2.0 * std::f64::consts::PI));

    // A rotation of space, or minus one: density (1 − cos x)/π over [0, π] (Weyl's formula).
    let angle = |q: Vec<Vec<f64>>| {
        let sign = determinant(q.clone()).signum();
        let trace = sign * (q[0][0] + q[1][1] + q[2][2]);
        ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos()
    };
    let angles = many(200_000, 3, 3).into_iter().map(angle).collect();
    follows("angles of 3 × 3", angles, |x| (x - x.sin()) / std::f64::consts::PI);
}

#[test]
fn traces_of_powers_have_the_moments_of_the_exact_distribution() {
    const N: usize = 20;
    let product = |a: &[Vec<f64>], b: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| (0..N).map(|k| a[i][k] * b[k][j]).sum();
        (0..N).map(|i| (0..N).map(|j| entry(i, j)).collect()).collect()
    };
    let trace = |q: &[Vec<f64>]| (0..N).map(|i| q[i][i]).sum::<f64>();
    let traces: Vec<[f64; 3]> = many(20_000, N, N)
        .into_par_iter()
        .map(|q| {
            let square = product(&q, &q);
            let cube = product(&square, &q);
            [trace(&q), trace(&square), trace(&cube)]
        })
        .collect();
    // tr Qʲ has the first moments of N(1 if j is even, else 0; j), and different j are uncorrelated.
    let means = [0.0, 1.0, 0.0];
    for j in 0..3 {
        let variance = (j + 1) as f64;
        let centred = || traces.iter().map(|traces| traces[j] - means[j]);
        has_mean(&format!("tr Q^{}", j + 1), centred(), 0.0, variance.sqrt());
        has_mean(&format!("(tr Q^{})²", j + 1), centred().map(|x| x * x), variance, 2f64.sqrt() * variance);
        let fourth = centred().map(|x| x.powi(4));
        has_mean(&format!("(tr Q^{})⁴", j + 1), fourth, 3.0 * variance.powi(2), 96f64.sqrt() * variance.powi(2));
        for k in 0..j {
            let both = traces.iter().map(|traces| (traces[j] - means[j]) * (traces[k] - means[k]));
            has_mean(&format!("tr Q^{} · tr Q^{}", j + 1, k + 1), both, 0.0, (variance * (k + 1) as f64).sqrt());
        }
    }
}
