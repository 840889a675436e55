//! Losses, and their gradients with respect to the outputs.

use crate::matrix::Matrix;

/// A loss, and its gradient with respect to the outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The mean over the batch.
    pub value: f64,
    /// Its gradient, one row per example.
    pub gradient: Matrix,
}

/// Computes −ln softmax(y)_c, the mean over a batch of outputs y with classes c; its gradient is
/// (softmax(y) − 1_c) / batch.
///
/// The largest output is subtracted before the exponentials, so that none overflows.
///
/// # Panics
///
/// Panics if there is not one class for each row, or a class has no output.
///
/// ```
/// use init_data::{Matrix, trainer::softmax_cross_entropy};
///
/// let loss = softmax_cross_entropy(&Matrix::new(1, 2, vec![1000.0, 1000.0])?, &[0]);
/// assert!((loss.value - 2.0_f64.ln()).abs() < 1e-12);
/// assert_eq!(loss.gradient.values(), [-0.5, 0.5]);
/// # Ok::<(), init_data::MatrixError>(())
/// ```
#[must_use]
pub fn softmax_cross_entropy(outputs: &Matrix, classes: &[u32]) -> Loss {
    assert_eq!(outputs.rows(), classes.len(), "one class for each row");
    let mut gradient = outputs.clone();
    let mut value = 0.0;
    let count = classes.len() as f64;
    for (row, &class) in gradient.values_mut().chunks_exact_mut(outputs.columns().max(1)).zip(classes) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let exponential = |x: f32| (f64::from(x) - f64::from(largest)).exp();
        let sum = row.iter().map(|&x| exponential(x)).sum::<f64>();
        let class = class as usize;
        value += sum.ln() - (f64::from(row[class]) - f64::from(largest));
        for (output, x) in row.iter_mut().enumerate() {
            let probability = exponential(*x) / sum;
            *x = ((probability - f64::from(u8::from(output == class))) / count) as f32;
        }
    }
    Loss { value: value / count, gradient }
}

/// Computes ½·‖y − t‖², the mean over a batch of outputs y with values t; its gradient is (y − t) /
/// batch.
///
/// # Panics
///
/// Panics if the shapes differ.
///
/// ```
/// use init_data::{Matrix, trainer::squared_error};
///
/// let loss = squared_error(&Matrix::new(1, 2, vec![1.0, 3.0])?, &Matrix::new(1, 2, vec![0.0, 1.0])?);
/// assert_eq!((loss.value, loss.gradient.values()), (2.5, &[1.0, 2.0][..]));
/// # Ok::<(), init_data::MatrixError>(())
/// ```
#[must_use]
pub fn squared_error(outputs: &Matrix, values: &Matrix) -> Loss {
    assert_eq!((outputs.rows(), outputs.columns()), (values.rows(), values.columns()), "values of the outputs' shape");
    let mut gradient = outputs.clone();
    let count = outputs.rows() as f64;
    let mut value = 0.0;
    for (output, &target) in gradient.values_mut().iter_mut().zip(values.values()) {
        let difference = f64::from(*output) - f64::from(target);
        value += 0.5 * difference * difference;
        *output = (difference / count) as f32;
    }
    Loss { value: value / count, gradient }
}
