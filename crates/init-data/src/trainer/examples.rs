//! Examples with their targets: classes, or values.

use super::loss::{Loss, softmax_cross_entropy, squared_error};
use crate::matrix::Matrix;

/// Inputs with their targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// The inputs, one per row.
    pub inputs: Matrix,
    /// The targets, one per row.
    pub targets: Targets,
}

/// The outputs that a network is trained to give.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Classes, from 0, one output for each: the loss is [`softmax_cross_entropy`].
    Classes(Vec<u32>),
    /// Values, one row per example: the loss is [`squared_error`].
    Values(Matrix),
}

impl Examples {
    /// Creates examples that are their own targets, as for an autoencoder.
    #[must_use]
    pub fn reconstructing(inputs: Matrix) -> Self {
        Self { targets: Targets::Values(inputs.clone()), inputs }
    }

    /// Returns the number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.rows()
    }

    /// Returns whether there are no examples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies these examples, in this order.
    ///
    /// # Panics
    ///
    /// Panics if there is no such example.
    #[must_use]
    pub fn select(&self, which: &[usize]) -> Self {
        let targets = match &self.targets {
            Targets::Classes(classes) => Targets::Classes(which.iter().map(|&i| classes[i]).collect()),
            Targets::Values(values) => Targets::Values(values.select(which)),
        };
        Self { inputs: self.inputs.select(which), targets }
    }
}

impl Targets {
    /// Computes the loss of outputs, and its gradient.
    ///
    /// # Panics
    ///
    /// Panics if there is not one row of outputs for each target, or a class has no output.
    #[must_use]
    pub fn loss(&self, outputs: &Matrix) -> Loss {
        match self {
            Self::Classes(classes) => softmax_cross_entropy(outputs, classes),
            Self::Values(values) => squared_error(outputs, values),
        }
    }

    /// Returns the error rate of classes, or the mean squared error of values. An answer is the
    /// class with the largest output; if that output is NaN the answer is wrong.
    #[must_use]
    pub fn error(&self, outputs: &Matrix) -> f64 {
        match self {
            Self::Classes(classes) => {
                let right = |row: &[f32], class: u32| {
                    let class = class as usize;
                    let own = row[class];
                    // Of equal outputs the first counts, so that a network of constant output is
                    // not always right.
                    row.iter().enumerate().all(|(j, &x)| j == class || own > x || own == x && class < j)
                };
                let wrong = outputs.each_row().zip(classes).filter(|&(row, &class)| !right(row, class)).count();
                wrong as f64 / classes.len() as f64
            }
            Self::Values(values) => {
                let pairs = outputs.values().iter().zip(values.values());
                let squares = pairs.map(|(&output, &value)| (f64::from(output) - f64::from(value)).powi(2));
                squares.sum::<f64>() / values.values().len() as f64
            }
        }
    }
}
