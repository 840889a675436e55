//! The rows of the table of initializers.

use alloc::vec::Vec;

use crate::family::{Family, Truncation};
use crate::fan::Mode;
use crate::gain::{Gain, Nonlinearity};
use crate::initializer::Initializer;
use crate::spec::{DefaultValue, Kind, Parameter, Spec, Value};
pub(crate) use crate::table_structured::*;

/// The values of a row's parameters after defaults: `None` only where they are computed.
#[derive(Debug)]
pub(crate) struct Values(pub(crate) Vec<Option<Value>>);

/// A value that does not go with the others: which parameter, and why.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) parameter: usize,
    pub(crate) reason: &'static str,
}

/// The value in place `i`, if it is of this variant.
macro_rules! take {
    ($values:expr, $i:expr, $variant:ident) => {
        match $values.0.get($i) {
            Some(Some(Value::$variant(value))) => Some(value.clone()),
            _ => None,
        }
    };
}

pub(crate) use take;

// The parser has put a value of the right kind in every place that is not computed. Should a row
// contradict that, NaN and `Misfit` are refused later; nothing panics.
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

    fn mode(&self, i: usize) -> Mode {
        take!(self, i, Mode).unwrap_or_default()
    }

    fn nonlinearity(&self, i: usize) -> Nonlinearity {
        take!(self, i, Nonlinearity).unwrap_or(Nonlinearity::Linear)
    }

    fn truncation(&self, i: usize) -> Truncation {
        take!(self, i, Truncation).unwrap_or_default()
    }

    pub(crate) fn flag(&self, i: usize) -> Option<bool> {
        take!(self, i, Flag)
    }

    /// `gain` and `a`, the first two parameters of every scheme that takes a gain.
    pub(crate) fn gain(&self) -> Result<Gain, Misfit> {
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

pub(crate) const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Required }
}

pub(crate) const fn number(name: &'static str, kind: Kind, default: f64) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Value(Value::Number(default)) }
}

pub(crate) const fn computed(name: &'static str, kind: Kind, formula: &'static str) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Computed(formula) }
}

pub(crate) const fn value(name: &'static str, kind: Kind, default: Value) -> Parameter {
    Parameter { name, kind, default: DefaultValue::Value(default) }
}

const MODE: Parameter = value("mode", Kind::Mode, Value::Mode(Mode::FanIn));

pub(crate) const GAIN: Parameter = number("gain", Kind::Gain, 1.0);
pub(crate) const SLOPE: Parameter = computed("a", Kind::Finite, "0.01");
const TRUNCATION: Parameter = value("truncation", Kind::Truncation, Value::Truncation(Truncation::None));

const KAIMING_SLOPE: Parameter = number("a", Kind::Finite, 0.0);
const NONLINEARITY: Parameter = value("nonlinearity", Kind::Nonlinearity, Value::Nonlinearity(Nonlinearity::LeakyRelu));

pub(crate) static ALL: [&Spec; 26] = [
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
    &EYE,
    &DIRAC,
    &ORTHOGONAL,
    &DELTA_ORTHOGONAL,
    &SPARSE,
    &BILINEAR,
    &ICNR,
    &STFT,
    &PADDED_IDENTITY,
    &HADAMARD,
    &EMBEDDING,
    &GATE_BIAS,
    &CHRONO,
];

pub(crate) static ZEROS: Spec = Spec {
    name: "zeros",
    aliases: &[],
    summary: "every element 0",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[],
    build: |_| Ok(Initializer::Zeros),
};

pub(crate) static ONES: Spec = Spec {
    name: "ones",
    aliases: &[],
    summary: "every element 1",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[],
    build: |_| Ok(Initializer::Ones),
};

pub(crate) static CONSTANT: Spec = Spec {
    name: "constant",
    aliases: &[],
    summary: "every element the same value",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[required("value", Kind::Finite)],
    build: |v| Ok(Initializer::Constant { value: v.number(0) }),
};

pub(crate) static UNIFORM: Spec = Spec {
    name: "uniform",
    aliases: &[],
    summary: "even over [low, high)",
    source: "PyTorch uniform_; JAX's is [0, scale), Keras's +-0.05",
    needs_fans: false,
    structured: false,
    parameters: &[number("low", Kind::Finite, 0.0), number("high", Kind::Finite, 1.0)],
    build: |v| Ok(Initializer::Uniform { low: v.number(0), high: v.number(1) }),
};

pub(crate) static NORMAL: Spec = Spec {
    name: "normal",
    aliases: &[],
    summary: "normal, untruncated",
    source: "PyTorch normal_; untruncated everywhere",
    needs_fans: false,
    structured: false,
    parameters: &[number("mean", Kind::Finite, 0.0), number("std", Kind::NonNegative, 1.0)],
    build: |v| Ok(Initializer::Normal { mean: v.number(0), std: v.number(1) }),
};

pub(crate) static TRUNCATED_NORMAL: Spec = Spec {
    name: "truncated_normal",
    aliases: &["trunc_normal"],
    summary: "normal between bounds: low and high absolute, lower and upper in standard deviations",
    source: "PyTorch trunc_normal_ (low, high); JAX, Keras, TensorFlow (lower, upper)",
    needs_fans: false,
    structured: false,
    parameters: &[
        number("mean", Kind::Finite, 0.0),
        number("std", Kind::Positive, 1.0),
        computed("low", Kind::LowerBound, "mean + lower*std"),
        computed("high", Kind::UpperBound, "mean + upper*std"),
        computed("lower", Kind::LowerBound, "-2"),
        computed("upper", Kind::UpperBound, "2"),
        value("corrected", Kind::Flag, Value::Flag(false)),
    ],
    build: |v| {
        Ok(Initializer::TruncatedNormal {
            mean: v.number(0),
            std: v.number(1),
            low: v.optional(2),
            high: v.optional(3),
            lower: v.optional(4),
            upper: v.optional(5),
            corrected: v.flag(6).unwrap_or(false),
        })
    },
};

pub(crate) static XAVIER_UNIFORM: Spec = Spec {
    name: "xavier_uniform",
    aliases: &["glorot_uniform"],
    summary: "even over +-gain*sqrt(6/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    source: "Glorot and Bengio 2010, equation 16",
    needs_fans: true,
    structured: false,
    parameters: &[GAIN, SLOPE],
    build: |v| Ok(Initializer::XavierUniform { gain: v.gain()? }),
};

pub(crate) static XAVIER_NORMAL: Spec = Spec {
    name: "xavier_normal",
    aliases: &["glorot_normal"],
    summary: "normal, std gain*sqrt(2/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    source: "Glorot and Bengio 2010; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[GAIN, SLOPE, TRUNCATION],
    build: |v| Ok(Initializer::XavierNormal { gain: v.gain()?, truncation: v.truncation(2) }),
};

pub(crate) static KAIMING_UNIFORM: Spec = Spec {
    name: "kaiming_uniform",
    aliases: &["he_uniform"],
    summary: "even over +-gain*sqrt(3/fan); a is the slope of leaky_relu",
    source: "He et al. 2015, arXiv:1502.01852, equations 10, 14, 15",
    needs_fans: true,
    structured: false,
    parameters: &[KAIMING_SLOPE, MODE, NONLINEARITY],
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingUniform { a, mode, nonlinearity })
    },
};

pub(crate) static KAIMING_NORMAL: Spec = Spec {
    name: "kaiming_normal",
    aliases: &["he_normal"],
    summary: "normal, std gain/sqrt(fan); a is the slope of leaky_relu",
    source: "He et al. 2015, arXiv:1502.01852, equations 10, 14, 15; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[KAIMING_SLOPE, MODE, NONLINEARITY, TRUNCATION],
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingNormal { a, mode, nonlinearity, truncation: v.truncation(3) })
    },
};

pub(crate) static LECUN_UNIFORM: Spec = Spec {
    name: "lecun_uniform",
    aliases: &[],
    summary: "even over +-sqrt(3/fan_in)",
    source: "LeCun et al. 1998, Efficient BackProp, section 4.6",
    needs_fans: true,
    structured: false,
    parameters: &[],
    build: |_| Ok(Initializer::LecunUniform),
};

pub(crate) static LECUN_NORMAL: Spec = Spec {
    name: "lecun_normal",
    aliases: &[],
    summary: "normal, std sqrt(1/fan_in)",
    source: "LeCun et al. 1998, Efficient BackProp, section 4.6; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[TRUNCATION],
    build: |v| Ok(Initializer::LecunNormal { truncation: v.truncation(0) }),
};

pub(crate) static VARIANCE_SCALING: Spec = Spec {
    name: "variance_scaling",
    aliases: &[],
    summary: "any family with variance scale/fan, as in JAX",
    source: "JAX and Keras VarianceScaling",
    needs_fans: true,
    structured: false,
    parameters: &[
        number("scale", Kind::Positive, 1.0),
        MODE,
        value("distribution", Kind::Family, Value::Family(Family::TruncatedNormal)),
    ],
    build: |v| {
        let (scale, mode) = (v.number(0), v.mode(1));
        let distribution = take!(v, 2, Family).unwrap_or_default();
        Ok(Initializer::VarianceScaling { scale, mode, distribution })
    },
};
