//! The table of initializers: names, aliases, parameters and defaults.
//!
//! The parser, the printer, their errors and every listing read this one table.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use super::{
    registry::{self, Initializer},
    values::{Mismatch, Values},
};
use crate::{
    distribution::family::{Family, Truncation},
    gain::nonlinearity::Nonlinearity,
    shape::{fan::Mode, filters::Centre},
    stft::{Scaling, Side, Window},
    word::Number,
};

/// A row of the table of initializers: the name, the parameters and where it comes from.
///
/// ```
/// use init_core::Spec;
///
/// for spec in Spec::all() {
///     println!("{spec}: {}", spec.summary); // normal(mean=0, std=1): …
/// }
/// assert_eq!(Spec::find("glorot_uniform").unwrap().name, "xavier_uniform");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Spec {
    /// The name, as it is printed.
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// A one-line summary of the values that it gives.
    pub summary: &'static str,
    /// Where it comes from: a paper, or the frameworks that have it. Empty for constants.
    pub source: &'static str,
    /// Whether it depends on the shape's fan_in and fan_out.
    pub needs_fans: bool,
    /// Whether it resolves to a [`Structured`](crate::Structured) fill, not to a distribution.
    pub structured: bool,
    /// The parameters, in the order in which values without a name are taken.
    pub parameters: &'static [Parameter],
    /// Text forms that show its parameters; the first has as few as possible.
    pub examples: &'static [&'static str],
    pub(crate) build: fn(&Values) -> Result<Initializer, Mismatch>,
}

impl Spec {
    /// Returns the whole table, in the order in which it is listed.
    #[must_use]
    pub fn all() -> &'static [&'static Self] {
        registry::ALL
    }

    /// Returns the row with this name or alias. PyTorch's names with an underscore at the end are
    /// accepted too, also after `torch.nn.init.`, `nn.init.` or `init.`.
    ///
    /// ```
    /// use init_core::Spec;
    ///
    /// assert_eq!(Spec::find("torch.nn.init.xavier_uniform_").unwrap().name, "xavier_uniform");
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let name =
            ["torch.nn.init.", "nn.init.", "init."].iter().find_map(|module| name.strip_prefix(module)).unwrap_or(name);
        let name = name.strip_suffix('_').unwrap_or(name);
        registry::ALL.iter().copied().find(|spec| spec.name == name || spec.aliases.contains(&name))
    }

    pub(crate) fn signature(&self) -> Signature {
        Signature { name: self.name, parameters: self.parameters }
    }

    /// Returns every name and alias, names first.
    pub(crate) fn words() -> Vec<&'static str> {
        let aliases = registry::ALL.iter().flat_map(|spec| spec.aliases.iter().copied());
        registry::ALL.iter().map(|spec| spec.name).chain(aliases).collect()
    }
}

/// Writes the signature: `truncated_normal(mean=0, std=1, low=mean - 2*std, high=mean + 2*std)`.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signature().fmt(f)
    }
}

/// A name and its parameters: what the text form needs of a row, of this table or of
/// [the table of schemes](crate::scheme::SchemeSpec).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for (i, parameter) in self.parameters.iter().enumerate() {
            f.write_str(if i == 0 { "(" } else { ", " })?;
            f.write_str(parameter.name)?;
            if parameter.default != DefaultValue::Required {
                write!(f, "={}", parameter.default)?;
            }
        }
        f.write_str(if self.parameters.is_empty() { "" } else { ")" })
    }
}

/// A parameter of an initializer or of a scheme.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name, as it is printed.
    pub name: &'static str,
    /// Other names that are accepted, such as PyTorch's `a` and `b` for bounds.
    pub aliases: &'static [&'static str],
    /// Which values it takes.
    pub kind: Kind,
    /// Its value when it is left out.
    pub default: DefaultValue,
}

impl Parameter {
    /// Adds names that are accepted in addition to the printed one.
    pub(crate) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Returns whether this is a name of the parameter.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// The kind of values that a parameter takes. Displays as the end of "it must be …".
///
/// A new set of words needs no new kind: [`Kind::OneOf`] names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A finite number.
    Finite,
    /// A finite number, at least 0.
    NonNegative,
    /// A finite number above 0.
    Positive,
    /// A number or `-inf`.
    LowerBound,
    /// A number or `inf`.
    UpperBound,
    /// A finite number, at least 0, or a nonlinearity.
    Gain,
    /// A [`Mode`].
    Mode,
    /// A [`Nonlinearity`].
    Nonlinearity,
    /// A [`Family`].
    Family,
    /// A [`Truncation`].
    Truncation,
    /// A number from 0 to 1.
    Fraction,
    /// A whole number, at least 1.
    Count,
    /// A whole number, at least 0.
    Index,
    /// A whole number; negative counts from the end.
    Axis,
    /// A number of steps: finite, at least 2.
    Steps,
    /// `true` or `false`.
    Flag,
    /// A [`Centre`].
    Centre,
    /// A [`Side`].
    Side,
    /// A [`Window`].
    Window,
    /// A [`Scaling`].
    Scaling,
    /// Another initializer, which must resolve to a distribution.
    Initializer,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// Returns whether a parameter of this kind may be the number `value`.
    #[must_use]
    pub fn allows(self, value: f64) -> bool {
        match self {
            Self::Finite => value.is_finite(),
            Self::NonNegative | Self::Gain => value.is_finite() && value >= 0.0,
            Self::Positive => value.is_finite() && value > 0.0,
            Self::LowerBound => value < f64::INFINITY,
            Self::UpperBound => value > f64::NEG_INFINITY,
            Self::Fraction => (0.0..=1.0).contains(&value),
            Self::Count => is_whole(value) && value >= 1.0,
            Self::Index => is_whole(value) && value >= 0.0,
            Self::Axis => is_whole(value),
            Self::Steps => value.is_finite() && value >= 2.0,
            Self::Mode
            | Self::Nonlinearity
            | Self::Family
            | Self::Truncation
            | Self::Flag
            | Self::Centre
            | Self::Side
            | Self::Window
            | Self::Scaling
            | Self::Initializer
            | Self::OneOf(_) => false,
        }
    }
}

/// Returns whether a number is whole and fits into an `i32`.
fn is_whole(value: f64) -> bool {
    value.abs() <= f64::from(i32::MAX) && libm::trunc(value) == value
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finite => "a finite number",
            Self::NonNegative => "a finite number of at least 0",
            Self::Positive => "a finite number above 0",
            Self::LowerBound => "a number or -inf",
            Self::UpperBound => "a number or inf",
            Self::Gain => "a finite number of at least 0 or a nonlinearity",
            Self::Mode => "a mode",
            Self::Nonlinearity => "a nonlinearity",
            Self::Family => "a distribution",
            Self::Truncation => "none, corrected or uncorrected",
            Self::Fraction => "a number from 0 to 1",
            Self::Count => "a whole number from 1 to 2147483647",
            Self::Index => "a whole number from 0 to 2147483647",
            Self::Axis => "a whole number, negative to count from the end",
            Self::Steps => "a finite number of at least 2",
            Self::Flag => "true or false",
            Self::Centre => "upper or lower",
            Self::Side => "real or imag",
            Self::Window => "a window",
            Self::Scaling => "density, spectrum or none",
            Self::Initializer => "an initializer that resolves to a distribution",
            Self::OneOf(words) => return write!(f, "one of {}", words.join(", ")),
        })
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// Which fan to divide by.
    Mode(Mode),
    /// An activation function.
    Nonlinearity(Nonlinearity),
    /// The family of distributions to draw from.
    Family(Family),
    /// How a normal distribution is truncated.
    Truncation(Truncation),
    /// A flag.
    Flag(bool),
    /// The centre of an even kernel.
    Centre(Centre),
    /// The real or the imaginary part of a complex number.
    Side(Side),
    /// The window of a frame.
    Window(Window),
    /// The number that a window is divided by.
    Scaling(Scaling),
    /// Another initializer.
    Initializer(Box<Initializer>),
    /// One of the words that its parameter takes.
    Word(&'static str),
}

impl Value {
    /// Returns whether two values are equal to the bit, so that `-0` is not taken for the default
    /// `0`.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            _ => self == other,
        }
    }
}

/// Writes the value as the text form has it; numbers in the fewest digits that read back equal.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) => Number(*x).fmt(f),
            Self::Mode(mode) => mode.fmt(f),
            Self::Nonlinearity(nonlinearity) => nonlinearity.fmt(f),
            Self::Family(family) => family.fmt(f),
            Self::Truncation(truncation) => truncation.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Centre(centre) => centre.fmt(f),
            Self::Side(side) => side.fmt(f),
            Self::Window(window) => window.fmt(f),
            Self::Scaling(scaling) => scaling.fmt(f),
            Self::Initializer(init) => init.fmt(f),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// The value of a parameter that is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// The parameter must not be left out.
    Required,
    /// This value.
    Value(Value),
    /// Computed from other parameters, by this formula.
    Computed(&'static str),
}

/// Writes the value or the formula; `required` if there is none.
impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("required"),
            Self::Value(value) => value.fmt(f),
            Self::Computed(formula) => f.write_str(formula),
        }
    }
}
