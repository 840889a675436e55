//! Parameters as values: how the row of an initializer or a scheme reads them, and how they are
//! written as a row.

use alloc::{boxed::Box, vec::Vec};

use super::{
    registry::Initializer,
    spec::{DefaultValue, Kind, Parameter, Value},
};
use crate::{
    distribution::family::Truncation,
    gain::nonlinearity::{Gain, Nonlinearity},
    shape::{fan::Mode, filters::Centre},
};

/// The maximum number of parameters of a row.
pub(crate) const MAX_PARAMETERS: usize = 7;

/// The values of a row's parameters after defaults: `None` only where they are computed.
///
/// In place: on the path of a small fill, allocated memory costs more than the values.
#[derive(Debug, Default)]
pub(crate) struct Values {
    values: [Option<Value>; MAX_PARAMETERS],
    len: usize,
}

impl Values {
    /// Adds the next value; a row has at most [`MAX_PARAMETERS`].
    pub(crate) fn push(&mut self, value: Option<Value>) {
        debug_assert!(self.len < MAX_PARAMETERS, "a row has more parameters than fit");
        if let Some(place) = self.values.get_mut(self.len) {
            *place = value;
            self.len += 1;
        }
    }

    pub(crate) fn as_slice(&self) -> &[Option<Value>] {
        self.values.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn into_vec(self) -> Vec<Option<Value>> {
        self.values.into_iter().take(self.len).collect()
    }
}

impl<const N: usize> From<[Option<Value>; N]> for Values {
    #[inline]
    fn from(given: [Option<Value>; N]) -> Self {
        const { assert!(N <= MAX_PARAMETERS, "all fit") };
        let mut values = Self::default();
        for (place, value) in values.values.iter_mut().zip(given) {
            *place = value;
        }
        values.len = N;
        values
    }
}

/// A value that does not fit the others: the index of its parameter, and the reason.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) parameter: usize,
    pub(crate) reason: &'static str,
}

/// Returns the value at index `i` if it is of this variant.
macro_rules! take {
    ($values:expr, $i:expr, $variant:ident) => {
        match $values.as_slice().get($i) {
            Some(Some($crate::initializer::spec::Value::$variant(value))) => Some(value.clone()),
            _ => None,
        }
    };
}

pub(crate) use take;

// The parser has put a value of the right kind at every index that is not computed. Should a row
// contradict that, NaN and `Mismatch` are refused later; nothing panics.
impl Values {
    pub(crate) fn optional(&self, i: usize) -> Option<f64> {
        take!(self, i, Number)
    }

    pub(crate) fn number(&self, i: usize) -> f64 {
        self.optional(i).unwrap_or(f64::NAN)
    }

    // Whole numbers have passed `Kind::allows`: they fit.
    pub(crate) fn whole(&self, i: usize) -> Option<usize> {
        self.optional(i).map(|x| x as usize)
    }

    pub(crate) fn axis(&self, i: usize) -> Option<isize> {
        self.optional(i).map(|x| x as isize)
    }

    pub(crate) fn mode(&self, i: usize) -> Mode {
        take!(self, i, Mode).unwrap_or_default()
    }

    pub(crate) fn nonlinearity(&self, i: usize) -> Nonlinearity {
        take!(self, i, Nonlinearity).unwrap_or(Nonlinearity::Linear)
    }

    pub(crate) fn truncation(&self, i: usize) -> Truncation {
        take!(self, i, Truncation).unwrap_or_default()
    }

    pub(crate) fn centre(&self, i: usize) -> Centre {
        take!(self, i, Centre).unwrap_or_default()
    }

    pub(crate) fn flag(&self, i: usize) -> Option<bool> {
        take!(self, i, Flag)
    }

    /// Returns `gain` and `a`, the first two parameters of every initializer that takes a gain.
    pub(crate) fn gain(&self) -> Result<Gain, Mismatch> {
        match (self.as_slice().first(), self.optional(1)) {
            (Some(&Some(Value::Nonlinearity(nonlinearity))), a) => {
                Ok(Gain::Of { nonlinearity, a: a.unwrap_or(Nonlinearity::DEFAULT_SLOPE) })
            }
            (_, None) => Ok(Gain::Value(self.number(0))),
            (_, Some(_)) => Err(Mismatch {
                parameter: 1,
                reason: "is a slope, which only a nonlinearity has, as in `gain=leaky_relu, a=0.2`",
            }),
        }
    }
}

pub(crate) const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, aliases: &[], kind, default: DefaultValue::Required }
}

pub(crate) const fn number(name: &'static str, kind: Kind, default: f64) -> Parameter {
    Parameter { name, aliases: &[], kind, default: DefaultValue::Value(Value::Number(default)) }
}

pub(crate) const fn computed(name: &'static str, kind: Kind, formula: &'static str) -> Parameter {
    Parameter { name, aliases: &[], kind, default: DefaultValue::Computed(formula) }
}

pub(crate) const fn value(name: &'static str, kind: Kind, default: Value) -> Parameter {
    Parameter { name, aliases: &[], kind, default: DefaultValue::Value(default) }
}

pub(crate) const fn flag(name: &'static str) -> Parameter {
    value(name, Kind::Flag, Value::Flag(false))
}

pub(crate) const MODE: Parameter = value("mode", Kind::Mode, Value::Mode(Mode::FanIn));
pub(crate) const GAIN: Parameter = number("gain", Kind::Gain, 1.0);
pub(crate) const SLOPE: Parameter = computed("a", Kind::Finite, "0.01");
pub(crate) const TRUNCATION: Parameter = value("truncation", Kind::Truncation, Value::Truncation(Truncation::None));
pub(crate) const CENTRE: Parameter = value("centre", Kind::Centre, Value::Centre(Centre::Upper));
pub(crate) const KAIMING_SLOPE: Parameter = number("a", Kind::Finite, 0.0);
pub(crate) const NONLINEARITY: Parameter =
    value("nonlinearity", Kind::Nonlinearity, Value::Nonlinearity(Nonlinearity::LeakyRelu));

/// Returns a number as a value.
pub(crate) fn real(x: f64) -> Option<Value> {
    Some(Value::Number(x))
}

/// Returns a whole number as a value.
pub(crate) fn whole(n: usize) -> Option<Value> {
    Some(Value::Number(n as f64))
}

/// Returns an axis or a row as a value.
pub(crate) fn signed(n: isize) -> Option<Value> {
    Some(Value::Number(n as f64))
}

/// Returns an initializer inside another as a value.
pub(crate) fn nested(init: Option<&Initializer>) -> Option<Value> {
    init.map(|init| Value::Initializer(Box::new(init.clone())))
}

/// Returns a gain as the values of `gain` and `a`.
pub(crate) fn gain_and_slope(gain: Gain) -> [Option<Value>; 2] {
    match gain {
        Gain::Value(gain) => [real(gain), None],
        Gain::Of { nonlinearity, a } => {
            let is_default = a.to_bits() == Nonlinearity::DEFAULT_SLOPE.to_bits();
            let a = if is_default { None } else { real(a) };
            [Some(Value::Nonlinearity(nonlinearity)), a]
        }
    }
}
