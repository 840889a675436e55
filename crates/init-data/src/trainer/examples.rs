use crate::{
    Matrix,
    trainer::loss::{Loss, softmax_cross_entropy, squared_error},
};

/// Inputs, and what a network is to make of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// One a row.
    pub inputs: Matrix,
    /// One for each row.
    pub targets: Targets,
}

/// What a network is to make of examples.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Classes from 0 on, each an output: the loss is [`softmax_cross_entropy`].
    Classes(Vec<u32>),
    /// Values, one row an example: the loss is [`squared_error`].
    Values(Matrix),
}

impl Examples {
    /// Examples that are to be reconstructed, as by an autoencoder.
    #[must_use]
    pub fn reconstructing(inputs: Matrix) -> Self {
        Self { targets: Targets::Values(inputs.clone()), inputs }
    }

    /// The number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// These examples, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such example.
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
    /// The loss of outputs, and its gradient.
    ///
    /// # Panics
    ///
    /// If they are not the outputs for as many examples, or too few.
    #[must_use]
    pub fn loss(&self, outputs: &Matrix) -> Loss {
        match self {
            Self::Classes(classes) => softmax_cross_entropy(outputs, classes),
            Self::Values(values) => squared_error(outputs, values),
        }
    }

    /// What people look at: the share of examples whose class has not the greatest output, or the mean square of a
    /// value's error. An output that is NaN is wrong.
    #[must_use]
    pub fn error(&self, outputs: &Matrix) -> f64 {
        match self {
            Self::Classes(classes) => {
                let right = |row: &[f32], class: u32| {
                    let class = class as usize;
                    let own = row[class];
                    // Of equal outputs the first counts, so that a network that tells nothing is not always right.
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
