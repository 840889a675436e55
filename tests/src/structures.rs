//! The structured fills under test, each with the shape of its tensor.

use init_core::stft::{Scaling, Side, Stft, Window};
use init_core::{
    Distribution, Structured,
    shape::{Centre, Filters, Matrix, Order},
};

use crate::cases::{normal, truncated, uniform};

/// A structured fill, and its tensor's shape.
pub type Structure = (Structured, Vec<usize>);

fn row_major(rows: usize, cols: usize) -> Matrix {
    Matrix::row_major(rows, cols).expect("fits")
}

/// Returns matrices in every layout, with the shapes of their tensors.
fn layouts() -> Vec<(Matrix, Vec<usize>)> {
    let matrix = |matrix: Option<Matrix>| matrix.expect("fits");
    vec![
        (row_major(5, 7), vec![5, 7]),
        (row_major(6, 12), vec![6, 3, 2, 2]),
        (matrix(Matrix::transposed(7, 5)), vec![5, 7]),
        (matrix(Matrix::between(3, 8, 2)), vec![3, 8, 2]),
        (matrix(Matrix::stacked(3, 1, 4, 6)), vec![3, 4, 6]),
        (matrix(Matrix::stacked(2, 5, 9, 1)), vec![2, 5, 9]),
        (matrix(Matrix::packed(5, 3, 4, 1)), vec![5, 3, 4]),
        (matrix(Matrix::packed(1, 3, 4, 2)), vec![3, 4, 2]),
        (row_major(0, 4), vec![0, 4]),
    ]
}

/// Returns orthogonal matrices: small, odd-sized, and some of several panels and runs.
///
/// # Panics
/// If a shape in the list is invalid.
#[must_use]
pub fn orthogonal() -> Vec<Structure> {
    let square = [1, 2, 3, 16, 17, 64, 65, 130].map(|n| (n, n));
    let oblong = [(1, 9), (9, 1), (1, 200), (300, 1), (40, 3), (3, 40), (131, 65), (63, 129), (97, 96), (270, 70)];
    let plain = square.into_iter().chain(oblong).map(|(rows, cols)| (row_major(rows, cols), vec![rows, cols]));
    let transposed = [(131, 70), (20, 150)];
    let transposed = transposed.map(|(rows, cols)| (Matrix::transposed(rows, cols).expect("fits"), vec![cols, rows]));
    let matrices = plain.chain(transposed).chain(layouts());
    let gains = [1.0, std::f64::consts::SQRT_2, -0.3, 0.0];
    matrices
        .zip(gains.into_iter().cycle())
        .map(|((matrix, shape), gain)| (Structured::Orthogonal { matrix, gain }, shape))
        .collect()
}

fn filters(order: Order, out: usize, inputs: usize, spatial: &[usize]) -> (Filters, Vec<usize>) {
    let shape = match order {
        Order::OutFirst => [&[out, inputs], spatial].concat(),
        Order::OutLast => [spatial, &[inputs, out]].concat(),
    };
    (Filters::new(order, out, inputs, spatial).expect("fits"), shape)
}

/// Returns delta-orthogonal filters of 3 to 5 dimensions, in both orders.
#[must_use]
pub fn delta_orthogonal() -> Vec<Structure> {
    let spatial: [&[usize]; 4] = [&[3], &[4, 3], &[2, 3, 2], &[]];
    let sizes = [(8, 8), (9, 4), (70, 66), (1, 1)];
    let mut all = Vec::new();
    for (order, centre) in [(Order::OutFirst, Centre::Upper), (Order::OutLast, Centre::Lower)] {
        for (spatial, (out, inputs)) in spatial.into_iter().zip(sizes) {
            let (filters, shape) = filters(order, out, inputs, spatial);
            let centre = filters.centre(centre);
            all.push((Structured::DeltaOrthogonal { filters, centre, gain: 1.5 }, shape));
        }
    }
    all
}

/// Returns all other structured fills.
///
/// # Panics
/// If a shape in the list is invalid.
#[must_use]
pub fn simple() -> Vec<Structure> {
    let distributions =
        [normal(0.1, 0.02), uniform(-1.0, 1.0), truncated(0.0, 1.0, -2.0, 2.0), Distribution::Constant(0.5)];
    let distributions = || distributions.into_iter().cycle();
    let mut all = Vec::new();
    for ((matrix, shape), distribution) in layouts().into_iter().zip(distributions()) {
        all.push((Structured::Eye { matrix, gain: 0.7 }, shape.clone()));
        all.push((Structured::PaddedIdentity { matrix, gain: -2.0 }, shape.clone()));
        for zeros in [0, matrix.rows() / 2, matrix.rows()] {
            all.push((Structured::Sparse { matrix, zeros, std: 0.01 }, shape.clone()));
        }
        if matrix.rows() > 0 {
            all.push((Structured::ZeroRow { matrix, row: matrix.rows() / 2, distribution }, shape));
        }
    }
    let repeated = |large: Option<Matrix>, small: Option<Matrix>, shape: &[usize], tiled| {
        let (matrix, source) = (large.expect("fits"), small.expect("fits"));
        let repeats = matrix.rows() / source.rows();
        let distributions = distributions().take(2);
        let fills =
            distributions.map(move |distribution| Structured::Icnr { matrix, repeats, tiled, source, distribution });
        fills.map(|structured| (structured, shape.to_vec())).collect::<Vec<_>>()
    };
    for tiled in [false, true] {
        all.extend(repeated(Matrix::row_major(12, 18), Matrix::row_major(3, 18), &[12, 2, 3, 3], tiled));
        all.extend(repeated(Matrix::transposed(36, 90), Matrix::transposed(9, 90), &[3, 3, 10, 36], tiled));
        all.extend(repeated(Matrix::between(4, 8, 5), Matrix::between(4, 2, 5), &[4, 8, 5], tiled));
        all.extend(repeated(Matrix::stacked(2, 3, 8, 1), Matrix::stacked(2, 3, 4, 1), &[2, 3, 8], tiled));
        all.extend(repeated(Matrix::row_major(8, 1), Matrix::row_major(2, 1), &[8, 1], tiled));
    }
    for order in [Order::OutFirst, Order::OutLast] {
        for (out, inputs, spatial) in [(6, 3, &[3, 4][..]), (4, 4, &[5]), (2, 5, &[2, 3, 4]), (6, 2, &[1])] {
            for groups in [1, 2] {
                let (filters, shape) = filters(order, out, inputs, spatial);
                let centre = filters.centre(Centre::Upper);
                all.push((Structured::Dirac { filters, groups, centre }, shape));
            }
            for diagonal in [false, true] {
                let (filters, shape) = filters(order, out, inputs, spatial);
                all.push((Structured::Bilinear { filters, diagonal }, shape));
            }
        }
    }
    for order in [Order::OutFirst, Order::OutLast] {
        for (out, inputs, spatial) in [
            (8, 8, &[][..]),
            (3, 7, &[]),
            (8, 5, &[]),
            (13, 4, &[]),
            (1, 0, &[]),
            (33, 32, &[3]),
            (6, 3, &[4, 2]),
            (2, 1, &[1, 2, 3]),
        ] {
            let (filters, shape) = filters(order, out, inputs, spatial);
            let centre = filters.centre(Centre::Lower);
            all.push((Structured::Hadamard { filters, centre, gain: 1.5 }, shape));
        }
    }
    for window in Window::ALL {
        for scaling in Scaling::ALL {
            for (frame, channels, bins, side, periodic) in
                [(16, 1, 9, Side::Real, true), (13, 2, 6, Side::Imag, false), (1, 1, 2, Side::Real, false)]
            {
                let stft = Stft { frame, channels, bins, side, window, scaling, periodic };
                all.push((Structured::Stft(stft), vec![frame, channels, bins]));
            }
        }
    }
    all.push((Structured::GateBias { hidden: 5, gates: 4, gate: 1, value: 1.0 }, vec![20]));
    all.push((Structured::Chrono { hidden: 5, gates: 4, forget: 1, input: 0, longest: 784.0 }, vec![20]));
    all.push((Structured::Chrono { hidden: 3, gates: 4, forget: 2, input: 3, longest: 2.0 }, vec![12]));
    all
}
