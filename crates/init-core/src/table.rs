//! The rows of the table of initializers.

use alloc::vec::Vec;

use crate::fan::Mode;
use crate::gain::{Gain, Nonlinearity};
use crate::initializer::{Family, Initializer};
use crate::spec::{DefaultValue, Kind, Parameter, Spec, Value};

/// The values of a row's parameters after defaults: `None` only where they are computed.
#[derive(Debug)]
pub(crate) struct Values(pub(crate) Vec<Option<Value>>);

/// A value that does not go with the others: which parameter, and why.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) parameter: usize,
    pub(crate) reason: &'static str,
}

// The parser has put a value of the right kind in every place that is not computed. Should a row
// contradict that, NaN and `Misfit` are refused later; nothing panics.
impl Values {
    fn optional(&self, i: usize) -> Option<f64> {
        match self.0.get(i) {
            Some(&Some(Value::Number(x))) => Some(x),
            _ => None,
        }
    }

    fn number(&self, i: usize) -> f64 {
        self.optional(i).unwrap_or(f64::NAN)
    }

    fn mode(&self, i: usize) -> Mode {
        match self.0.get(i) {
            Some(&Some(Value::Mode(mode))) => mode,
            _ => Mode::default(),
        }
    }

    fn nonlinearity(&self, i: usize) -> Nonlinearity {
        match self.0.get(i) {
            Some(&Some(Value::Nonlinearity(nonlinearity))) => nonlinearity,
            _ => Nonlinearity::Linear,
        }
    }

    fn family(&self, i: usize) -> Family {
        match self.0.get(i) {
            Some(&Some(Value::Family(family))) => family,
            _ => Family::default(),
        }
    }

    /// `gain` and `a`, the two parameters of the Xavier schemes.
    fn gain(&self) -> Result<Gain, Misfit> {
        match (self.0.first(), self.optional(1)) {
            (Some(&Some(Value::Nonlinearity(nonlinearity))), a) => {
                Ok(Gain::Of { nonlinearity, a: a.unwrap_or(Nonlinearity::DEFAULT_SLOPE) })
            }
            (_, None) => Ok(Gain::Value(self.number(0))),
            (_, Some(_)) => Err(Misfit {
                parameter: 1,
                reason: "is a slope and goes with a nonlinearity only, as in \
                         `gain=leaky_relu, a=0.2`",
            }),
        }
    }
}

const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Required }
}

const fn number(name: &'static str, kind: Kind, default: f64) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Value(Value::Number(default)) }
}

const fn computed(name: &'static str, kind: Kind, formula: &'static str) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Computed(formula) }
}

const fn value(name: &'static str, kind: Kind, default: Value) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Value(default) }
}

const MODE: Parameter = value("mode", Kind::Mode, Value::Mode(Mode::FanIn));

const XAVIER: &[Parameter] = &[number("gain", Kind::Gain, 1.0), computed("a", Kind::Finite, "0.01")];

const KAIMING: &[Parameter] = &[
    number("a", Kind::Finite, 0.0),
    MODE,
    value("nonlinearity", Kind::Nonlinearity, Value::Nonlinearity(Nonlinearity::LeakyRelu)),
];

pub(crate) static ALL: [&Spec; 13] = [
    &ZEROS,
    &ONES,
    &CONSTANT,
    &UNIFORM,
    &NORMAL,
    &TRUNCATED_NORMAL,
    &XAVIER_UNIFORM,
    &XAVIER_NORMAL,
    &KAIMING_UNIFORM,
    &KAIMING_NORMAL,
    &LECUN_UNIFORM,
    &LECUN_NORMAL,
    &VARIANCE_SCALING,
];

pub(crate) static ZEROS: Spec = Spec {
    name: "zeros",
    aliases: &[],
    summary: "every element 0",
    needs_fans: false,
    parameters: &[],
    build: |_| Ok(Initializer::Zeros),
};

pub(crate) static ONES: Spec = Spec {
    name: "ones",
    aliases: &[],
    summary: "every element 1",
    needs_fans: false,
    parameters: &[],
    build: |_| Ok(Initializer::Ones),
};

pub(crate) static CONSTANT: Spec = Spec {
    name: "constant",
    aliases: &[],
    summary: "every element the same value",
    needs_fans: false,
    parameters: &[required("value", Kind::Finite)],
    build: |v| Ok(Initializer::Constant { value: v.number(0) }),
};

pub(crate) static UNIFORM: Spec = Spec {
    name: "uniform",
    aliases: &[],
    summary: "even over [low, high)",
    needs_fans: false,
    parameters: &[number("low", Kind::Finite, 0.0), number("high", Kind::Finite, 1.0)],
    build: |v| Ok(Initializer::Uniform { low: v.number(0), high: v.number(1) }),
};

pub(crate) static NORMAL: Spec = Spec {
    name: "normal",
    aliases: &[],
    summary: "normal, untruncated",
    needs_fans: false,
    parameters: &[number("mean", Kind::Finite, 0.0), number("std", Kind::NonNegative, 1.0)],
    build: |v| Ok(Initializer::Normal { mean: v.number(0), std: v.number(1) }),
};

pub(crate) static TRUNCATED_NORMAL: Spec = Spec {
    name: "truncated_normal",
    aliases: &[],
    summary: "normal under the condition low <= x <= high; the bounds are absolute",
    needs_fans: false,
    parameters: &[
        number("mean", Kind::Finite, 0.0),
        number("std", Kind::Positive, 1.0),
        computed("low", Kind::LowerBound, "mean - 2*std"),
        computed("high", Kind::UpperBound, "mean + 2*std"),
    ],
    build: |v| {
        Ok(Initializer::TruncatedNormal {
            mean: v.number(0),
            std: v.number(1),
            low: v.optional(2),
            high: v.optional(3),
        })
    },
};

pub(crate) static XAVIER_UNIFORM: Spec = Spec {
    name: "xavier_uniform",
    aliases: &["glorot_uniform"],
    summary: "even over +-gain*sqrt(6/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    needs_fans: true,
    parameters: XAVIER,
    build: |v| Ok(Initializer::XavierUniform { gain: v.gain()? }),
};

pub(crate) static XAVIER_NORMAL: Spec = Spec {
    name: "xavier_normal",
    aliases: &["glorot_normal"],
    summary: "normal, std gain*sqrt(2/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    needs_fans: true,
    parameters: XAVIER,
    build: |v| Ok(Initializer::XavierNormal { gain: v.gain()? }),
};

pub(crate) static KAIMING_UNIFORM: Spec = Spec {
    name: "kaiming_uniform",
    aliases: &["he_uniform"],
    summary: "even over +-gain*sqrt(3/fan); a is the slope of leaky_relu",
    needs_fans: true,
    parameters: KAIMING,
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingUniform { a, mode, nonlinearity })
    },
};

pub(crate) static KAIMING_NORMAL: Spec = Spec {
    name: "kaiming_normal",
    aliases: &["he_normal"],
    summary: "normal, std gain/sqrt(fan); a is the slope of leaky_relu",
    needs_fans: true,
    parameters: KAIMING,
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingNormal { a, mode, nonlinearity })
    },
};

pub(crate) static LECUN_UNIFORM: Spec = Spec {
    name: "lecun_uniform",
    aliases: &[],
    summary: "even over +-sqrt(3/fan_in)",
    needs_fans: true,
    parameters: &[],
    build: |_| Ok(Initializer::LecunUniform),
};

pub(crate) static LECUN_NORMAL: Spec = Spec {
    name: "lecun_normal",
    aliases: &[],
    summary: "normal, std sqrt(1/fan_in)",
    needs_fans: true,
    parameters: &[],
    build: |_| Ok(Initializer::LecunNormal),
};

pub(crate) static VARIANCE_SCALING: Spec = Spec {
    name: "variance_scaling",
    aliases: &[],
    summary: "any family with variance scale/fan, as in JAX",
    needs_fans: true,
    parameters: &[
        number("scale", Kind::Positive, 1.0),
        MODE,
        value("distribution", Kind::Family, Value::Family(Family::TruncatedNormal)),
    ],
    build: |v| {
        let (scale, mode, distribution) = (v.number(0), v.mode(1), v.family(2));
        Ok(Initializer::VarianceScaling { scale, mode, distribution })
    },
};
