//! The parameters of an initializer, as values of the table.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::gain::{Gain, Nonlinearity};
use crate::initializer::Initializer;
use crate::parameter_error::ParameterError;
use crate::spec::{Signature, Value};

impl Initializer {
    /// The values of the parameters, in the order of [`Spec::parameters`](crate::Spec::parameters); `None` for one that
    /// is left to be computed.
    #[must_use]
    pub fn values(&self) -> Vec<Option<Value>> {
        let number = |x| Some(Value::Number(x));
        let whole = |n: usize| Some(Value::Number(n as f64));
        let signed = |n: isize| Value::Number(n as f64);
        let nested = |init: &Option<Box<Self>>| init.clone().map(Value::Initializer);
        let gain_and_slope = |gain| match gain {
            Gain::Value(gain) => [number(gain), None],
            Gain::Of { nonlinearity, a } => {
                let is_default = a.to_bits() == Nonlinearity::DEFAULT_SLOPE.to_bits();
                let a = if is_default { None } else { number(a) };
                [Some(Value::Nonlinearity(nonlinearity)), a]
            }
        };
        match self {
            Self::Zeros | Self::Ones | Self::LecunUniform => vec![],
            &Self::Constant { value } => vec![number(value)],
            &Self::Uniform { low, high } => vec![number(low), number(high)],
            &Self::Normal { mean, std } => vec![number(mean), number(std)],
            &Self::TruncatedNormal { mean, std, low, high, lower, upper, corrected } => {
                let bounds = [low, high, lower, upper].map(|bound| bound.map(Value::Number));
                let mut values = vec![number(mean), number(std)];
                values.extend(bounds);
                values.push(Some(Value::Flag(corrected)));
                values
            }
            &Self::XavierUniform { gain } => gain_and_slope(gain).into(),
            &Self::XavierNormal { gain, truncation } => {
                let [gain, a] = gain_and_slope(gain);
                vec![gain, a, Some(Value::Truncation(truncation))]
            }
            &Self::KaimingUniform { a, mode, nonlinearity } => {
                vec![number(a), Some(Value::Mode(mode)), Some(Value::Nonlinearity(nonlinearity))]
            }
            &Self::KaimingNormal { a, mode, nonlinearity, truncation } => {
                let nonlinearity = Some(Value::Nonlinearity(nonlinearity));
                vec![number(a), Some(Value::Mode(mode)), nonlinearity, Some(Value::Truncation(truncation))]
            }
            &Self::LecunNormal { truncation } => vec![Some(Value::Truncation(truncation))],
            &Self::VarianceScaling { scale, mode, distribution } => {
                vec![number(scale), Some(Value::Mode(mode)), Some(Value::Family(distribution))]
            }
            &Self::Eye { gain } | &Self::PaddedIdentity { gain } => vec![number(gain)],
            &Self::Hadamard { gain, centre } => vec![number(gain), Some(Value::Centre(centre))],
            &Self::Dirac { groups, centre } => vec![groups.and_then(whole), Some(Value::Centre(centre))],
            &Self::Orthogonal { gain, column_axis } => {
                let [gain, a] = gain_and_slope(gain);
                vec![gain, a, column_axis.map(signed)]
            }
            &Self::DeltaOrthogonal { gain, centre } => {
                let [gain, a] = gain_and_slope(gain);
                vec![gain, a, Some(Value::Centre(centre))]
            }
            &Self::Sparse { sparsity, std } => vec![number(sparsity), number(std)],
            &Self::Bilinear { diagonal } => vec![Some(Value::Flag(diagonal))],
            Self::Icnr { r, init, tiled } => vec![whole(*r), nested(init), tiled.map(Value::Flag)],
            &Self::Stft { side, window, scaling, periodic } => vec![
                Some(Value::Side(side)),
                Some(Value::Window(window)),
                Some(Value::Scaling(scaling)),
                Some(Value::Flag(periodic)),
            ],
            Self::Embedding { padding_idx, init } => vec![Some(signed(*padding_idx)), nested(init)],
            &Self::GateBias { value, gate, gates } => vec![number(value), whole(gate), whole(gates)],
            &Self::Chrono { longest, forget, input, gates } => {
                vec![number(longest), whole(forget), whole(input), whole(gates)]
            }
        }
    }

    /// Checks the parameters, without a shape. [`resolve`](Self::resolve) and the parser do so
    /// too.
    ///
    /// # Errors
    /// [`ParameterError`] for a number outside its parameter's range, for `low` above `high`, and
    /// for parameters that do not go together.
    pub fn validate(&self) -> Result<(), ParameterError> {
        let initializer = self.name();
        check(self.spec().signature(), self.values())?;
        let misfit = |parameter, reason| Err(ParameterError::Misfit { initializer, parameter, reason });
        match *self {
            Self::Uniform { low, high } if low > high => Err(ParameterError::LowAboveHigh { initializer, low, high }),
            Self::TruncatedNormal { low: Some(_), lower: Some(_), .. } => {
                misfit("lower", "is the lower bound in standard deviations: give it or `low`, not both")
            }
            Self::TruncatedNormal { high: Some(_), upper: Some(_), .. } => {
                misfit("upper", "is the upper bound in standard deviations: give it or `high`, not both")
            }
            Self::TruncatedNormal { low, high, corrected: true, .. } if low.is_some() || high.is_some() => {
                misfit("corrected", "goes with bounds in standard deviations, `lower` and `upper`, only")
            }
            Self::TruncatedNormal { mean, std, low, high, lower, upper, corrected } => {
                let low = low.unwrap_or(mean + lower.unwrap_or(-2.0) * std);
                let high = high.unwrap_or(mean + upper.unwrap_or(2.0) * std);
                let empty = corrected && lower.unwrap_or(-2.0) >= upper.unwrap_or(2.0);
                match low > high {
                    true => Err(ParameterError::LowAboveHigh { initializer, low, high }),
                    false if empty => misfit("corrected", "needs bounds that are apart"),
                    false => Ok(()),
                }
            }
            Self::GateBias { gate, gates, .. } if gate >= gates => {
                misfit("gate", "must be below `gates`: gates are counted from 0")
            }
            Self::Chrono { forget, gates, .. } if forget >= gates => {
                misfit("forget", "must be below `gates`: gates are counted from 0")
            }
            Self::Chrono { input, gates, .. } if input >= gates => {
                misfit("input", "must be below `gates`: gates are counted from 0")
            }
            Self::Chrono { forget, input, .. } if forget == input => {
                misfit("input", "must be another gate than `forget`")
            }
            _ => Ok(()),
        }
    }
}

/// Checks each value by what its parameter takes.
pub(crate) fn check(spec: Signature, values: Vec<Option<Value>>) -> Result<(), ParameterError> {
    let initializer = spec.name;
    for (parameter, value) in spec.parameters.iter().zip(values) {
        match value {
            Some(Value::Number(value)) if !parameter.kind.allows(value) => {
                return Err(ParameterError::OutOfRange {
                    initializer,
                    parameter: parameter.name,
                    value,
                    kind: parameter.kind,
                });
            }
            Some(Value::Initializer(inner)) => {
                if inner.spec().structured {
                    return Err(ParameterError::Misfit {
                        initializer,
                        parameter: parameter.name,
                        reason: "must come to a distribution, such as `normal` or `kaiming_uniform`",
                    });
                }
                inner.validate()?;
            }
            _ => {}
        }
    }
    Ok(())
}
