//! What the table of initializers holds: names, aliases, parameters, defaults.
//!
//! The parser, the printer, their errors and every list that is shown to people read this one
//! table. An initializer is added by a row in `table.rs` or `table_structured.rs`, a variant of [`Initializer`] with its
//! page in `docs/`, and its arms in [`Initializer::resolve`] and [`Initializer::values`].

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::family::{Family, Truncation};
use crate::fan::Mode;
use crate::filters::Centre;
use crate::gain::Nonlinearity;
use crate::initializer::Initializer;
use crate::stft::{Scaling, Side, Window};
use crate::table::{ALL, Misfit, Values};
use crate::word::Number;

/// A row of the table: an initializer, its parameters and how it is put together.
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
    /// The name that is printed.
    pub name: &'static str,
    /// Other names that are read.
    pub aliases: &'static [&'static str],
    /// What it does, in one line.
    pub summary: &'static str,
    /// Where it comes from: a paper, or the frameworks that have it. Empty for constants.
    pub source: &'static str,
    /// Whether it depends on the shape's fan_in and fan_out.
    pub needs_fans: bool,
    /// Whether it comes to a [`Structured`](crate::Structured) fill and not to a distribution.
    pub structured: bool,
    /// The parameters, in the order in which values without a name are taken.
    pub parameters: &'static [Parameter],
    pub(crate) build: fn(&Values) -> Result<Initializer, Misfit>,
}

impl Spec {
    /// The whole table, in the order in which it is shown to people.
    #[must_use]
    pub fn all() -> &'static [&'static Self] {
        &ALL
    }

    /// The row with this name or alias.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|spec| spec.name == name || spec.aliases.contains(&name))
    }

    pub(crate) fn signature(&self) -> Signature {
        Signature { name: self.name, parameters: self.parameters }
    }

    /// Every name and alias, names first.
    pub(crate) fn words() -> Vec<&'static str> {
        let aliases = ALL.iter().flat_map(|spec| spec.aliases.iter().copied());
        ALL.iter().map(|spec| spec.name).chain(aliases).collect()
    }
}

/// Writes the signature: `truncated_normal(mean=0, std=1, low=mean - 2*std, high=mean + 2*std)`.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signature().fmt(f)
    }
}

/// A name and its parameters: what the text form knows of a row, of this table or of [that of schemes](crate::scheme::SchemeSpec).
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
    /// The name.
    pub name: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    /// What it is when left out.
    pub default: DefaultValue,
}

/// Which values a parameter takes. Displays as the end of "it must be …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// Another initializer, which comes to a distribution.
    Initializer,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Kind {
    /// Whether a parameter of this kind may be the number `value`.
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
            _ => false,
        }
    }
}

/// Whole, and so small that it fits into every integer of 32 bits.
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
            Self::Initializer => "an initializer that comes to a distribution",
            Self::OneOf(words) => return write!(f, "one of {}", words.join(", ")),
        })
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A number.
    Number(f64),
    /// Which fan to divide by.
    Mode(Mode),
    /// An activation function.
    Nonlinearity(Nonlinearity),
    /// What to draw from.
    Family(Family),
    /// How a normal law is cut.
    Truncation(Truncation),
    /// Yes or no.
    Flag(bool),
    /// The middle of an even kernel.
    Centre(Centre),
    /// Half of a complex number.
    Side(Side),
    /// The factor on the samples of a frame.
    Window(Window),
    /// What a window is divided by.
    Scaling(Scaling),
    /// Another initializer.
    Initializer(Box<Initializer>),
    /// One of the words that its parameter takes.
    Word(&'static str),
}

impl Value {
    /// Equal to the bit, so that `-0` is not taken for the default `0`.
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

/// What a parameter is when it is left out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DefaultValue {
    /// It must not be left out.
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
