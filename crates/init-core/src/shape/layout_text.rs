//! Parsing and printing layouts.

use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use crate::{
    shape::{
        axes::Axes,
        conv::{Base, Conv},
        layout::Layout,
    },
    word::{UnknownWord, look_up, quoted},
};

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torch => f.pad("torch"),
            Self::Jax => f.pad("jax"),
            Self::Keras => f.pad("keras"),
            Self::Axes(Axes { in_axes, out_axes, batch_axes }) => {
                write!(f, "axes(in={in_axes:?}, out={out_axes:?}, batch={batch_axes:?})")
            }
            Self::Conv(Conv { base, groups, stride, transposed, depthwise }) => {
                write!(f, "conv({base}")?;
                if *groups != 1 {
                    write!(f, ", groups={groups}")?;
                }
                if !stride.is_empty() {
                    write!(f, ", stride={stride:?}")?;
                }
                f.write_str(if *transposed { ", transposed" } else { "" })?;
                f.write_str(if *depthwise { ", depthwise)" } else { ")" })
            }
            Self::Packed { blocks, axis, layout } => write!(f, "packed({layout}, blocks={blocks}, axis={axis})"),
        }
    }
}

/// The maximum nesting of `packed`.
const MAX_DEPTH: usize = 4;

/// Parses the text form, which the documentation of [`Layout`] describes.
impl FromStr for Layout {
    type Err = LayoutError;

    fn from_str(text: &str) -> Result<Self, LayoutError> {
        read(text, 0)
    }
}

fn read(text: &str, depth: usize) -> Result<Layout, LayoutError> {
    let text = text.trim();
    let bad = |reason: &str| LayoutError::Text { text: text.to_string(), reason: reason.to_string() };
    let (name, inside) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => {
            (name.trim_end(), Some(rest.strip_suffix(')').ok_or_else(|| bad("its parenthesis is never closed"))?))
        }
    };
    let names = [("torch", 0), ("jax", 1), ("keras", 2), ("axes", 3), ("conv", 4), ("packed", 5)];
    let kind = look_up("layout", &names, &[], name)?;
    let plain = [Layout::Torch, Layout::Jax, Layout::Keras];
    if let Some(layout) = plain.into_iter().nth(kind) {
        return match inside {
            None => Ok(layout),
            Some(_) => Err(bad("it takes nothing in parentheses; `conv`, `packed` and `axes` do")),
        };
    }
    let inside = inside.ok_or_else(|| {
        bad("it needs parentheses, as in `axes(in=[-2], out=[-1])`, `conv(torch, groups=8)` and `packed(torch, \
             blocks=3, axis=0)`")
    })?;
    let mut axes = Axes::default();
    let mut conv = Conv::new(Base::Torch);
    let (mut packed, mut blocks, mut at) = (None, None, None);
    for item in items(inside) {
        let (key, value) = match item.split_once('=') {
            // An equals sign inside parentheses belongs to the nested layout.
            Some((key, value)) if !key.contains('(') => (key.trim_end(), Some(value.trim_start())),
            _ => (item, None),
        };
        match (kind, key, value) {
            (3, "in", Some(list)) => axes.in_axes = numbers(list).map_err(|reason| bad(&reason))?,
            (3, "out", Some(list)) => axes.out_axes = numbers(list).map_err(|reason| bad(&reason))?,
            (3, "batch", Some(list)) => axes.batch_axes = numbers(list).map_err(|reason| bad(&reason))?,
            (4, "groups", Some(count)) => conv.groups = number(count).map_err(|reason| bad(&reason))?,
            (4, "stride", Some(list)) => conv.stride = numbers(list).map_err(|reason| bad(&reason))?,
            (4, "transposed", None) => conv.transposed = true,
            (4, "depthwise", None) => conv.depthwise = true,
            (4, base, None) => conv.base = base.parse()?,
            (5, "blocks", Some(count)) => blocks = Some(number(count).map_err(|reason| bad(&reason))?),
            (5, "axis", Some(axis)) => at = Some(number(axis).map_err(|reason| bad(&reason))?),
            (5, layout, None) if depth < MAX_DEPTH => packed = Some(read(layout, depth + 1)?),
            _ => {
                let takes = [
                    "in, out and batch",
                    "a base (torch, jax or keras), groups, stride, transposed and depthwise",
                    "a layout, blocks and axis",
                ];
                return Err(bad(&alloc::format!(
                    "{} is not a parameter of it: it takes {}",
                    quoted(item),
                    takes[kind - 3]
                )));
            }
        }
    }
    match (kind, packed, blocks, at) {
        (3, ..) => Ok(Layout::Axes(axes)),
        (4, ..) => Ok(Layout::Conv(conv)),
        (_, Some(layout), Some(blocks), Some(axis)) => Ok(Layout::Packed { blocks, axis, layout: Box::new(layout) }),
        _ => Err(bad("it needs a layout, blocks and axis, as in `packed(torch, blocks=3, axis=0)`")),
    }
}

/// Returns the parts between commas that are outside of parentheses and brackets.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let whole = rest?;
        let mut open = 0_i32;
        let comma = whole.char_indices().find(|&(_, sign)| {
            open += i32::from("([".contains(sign)) - i32::from(")]".contains(sign));
            sign == ',' && open == 0
        });
        let (item, after) = match comma {
            Some((i, _)) => (&whole[..i], Some(&whole[i + 1..])),
            None => (whole, None),
        };
        rest = after;
        Some(item.trim())
    })
    .filter(|item| !item.is_empty())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| alloc::format!("{} is not a whole number in range", quoted(text)))
}

fn numbers<T: FromStr>(text: &str) -> Result<Vec<T>, String> {
    let inner = match text.strip_prefix('[') {
        Some(rest) => {
            rest.strip_suffix(']').ok_or_else(|| alloc::format!("the list {} is never closed", quoted(text)))?
        }
        None => text,
    };
    inner.split(',').filter(|word| !word.trim().is_empty()).map(number).collect()
}

/// The error for a text that is not a layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// No layout has this name.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// The layout does not take these parameters.
    #[error("{} is not a layout: {reason}", quoted(.text))]
    Text {
        /// The text.
        text: String,
        /// The reason.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_layouts_parse_back() {
        for text in [
            "torch",
            "jax",
            "keras",
            "axes(in=[-2], out=[-1], batch=[])",
            "axes(in=[0, 1], out=[2], batch=[3])",
            "conv(torch)",
            "conv(jax, groups=8, stride=[2, 2], transposed)",
            "conv(keras, depthwise)",
            "packed(torch, blocks=3, axis=0)",
            "packed(axes(in=[0], out=[1, 2], batch=[]), blocks=3, axis=-2)",
            "packed(packed(conv(jax, groups=2), blocks=2, axis=1), blocks=3, axis=0)",
        ] {
            let layout: Layout = text.parse().unwrap();
            assert_eq!(layout.to_string(), text);
        }
        assert_eq!(" conv( stride = 2 , keras ) ".parse::<Layout>().unwrap().to_string(), "conv(keras, stride=[2])");
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, part) in [
            ("conv", "needs parentheses"),
            ("conv(torch", "never closed"),
            ("conv(tensorflow)", "unknown layout `tensorflow`"),
            ("conv(torch, groups=x)", "`x` is not a whole number"),
            ("conv(torch, groups=-1)", "`-1` is not a whole number"),
            ("conv(torch, stride=[2)", "the list `[2` is never closed"),
            ("axes(inn=[0])", "`inn=[0]` is not a parameter of it: it takes in, out and batch"),
            ("packed(torch, blocks=3)", "needs a layout, blocks and axis"),
            ("torch(groups=8)", "takes nothing in parentheses"),
            ("pakced(torch)", "did you mean `packed`?"),
        ] {
            let error = text.parse::<Layout>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let deep = alloc::format!("{}torch{}", "packed(".repeat(900), ")".repeat(900));
        assert!(deep.parse::<Layout>().is_err());
    }
}
