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
    let suggested = |reason: &str| match corrected(name, inside.unwrap_or_default(), depth) {
        Some(meant) => bad(&alloc::format!("{reason}; did you mean `{meant}`?")),
        None => bad(reason),
    };
    let names = [("torch", 0), ("jax", 1), ("keras", 2), ("axes", 3), ("conv", 4), ("packed", 5)];
    let kind = look_up("layout", &names, &[], name)?;
    let plain = [Layout::Torch, Layout::Jax, Layout::Keras];
    if let Some(layout) = plain.into_iter().nth(kind) {
        return match inside {
            None => Ok(layout),
            Some(_) => Err(suggested("it takes nothing in parentheses; `conv`, `packed` and `axes` do")),
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
            (4, base, None) if !is_numeric(base) => conv.base = base.parse()?,
            (5, "blocks", Some(count)) => blocks = Some(number(count).map_err(|reason| bad(&reason))?),
            (5, "axis", Some(axis)) => at = Some(number(axis).map_err(|reason| bad(&reason))?),
            (5, layout, None) if depth < MAX_DEPTH && !is_numeric(layout) => packed = Some(read(layout, depth + 1)?),
            _ => {
                let takes = [
                    "in, out and batch",
                    "a base (torch, jax or keras), groups, stride, transposed and depthwise",
                    "a layout, blocks and axis",
                ];
                return Err(suggested(&alloc::format!(
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
        _ => Err(suggested("it needs a layout, blocks and axis, as in `packed(torch, blocks=3, axis=0)`")),
    }
}

/// Whether an item is a number or a list of numbers, and so has no meaning without a name.
fn is_numeric(item: &str) -> bool {
    item.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '[')
}

/// The longest corrected text that a message suggests, in bytes.
const MAX_SUGGESTION: usize = 160;

/// Returns the layout that was probably meant, if numbers in its parentheses have no names, or if
/// parameters follow a plain layout: `packed(torch, blocks=3, axis=0)` for `packed(torch, 3, 0)`.
fn corrected(name: &str, inside: &str, depth: usize) -> Option<String> {
    let given: Vec<_> = items(inside).collect();
    let plain = look_up("layout", &[("torch", "torch"), ("jax", "jax"), ("keras", "keras")], &[], name).ok();
    let (name, mut texts) = match plain {
        // `torch(8)` and `torch(groups=8)` are convolutions, `torch(blocks=3, axis=0)` is packed.
        Some(base) => {
            let packed = given.iter().any(|item| item.starts_with("blocks") || item.starts_with("axis"));
            (if packed { "packed" } else { "conv" }, alloc::vec![base.to_string()])
        }
        None => (name, Vec::new()),
    };
    let keys: &[&str] = match name.to_ascii_lowercase().as_str() {
        "axes" => &["in", "out", "batch"],
        "conv" => &["groups", "stride"],
        "packed" => &["blocks", "axis"],
        _ => return None,
    };
    let key_of = |item: &str| item.split_once('=').map(|(key, _)| key.trim_end().to_string());
    let is_given = |key: &str| given.iter().any(|item| key_of(item).as_deref() == Some(key));
    let mut free: Vec<&str> = keys.iter().copied().filter(|key| !is_given(key)).collect();
    let mut changed = plain.is_some();
    for &item in &given {
        if !is_numeric(item) {
            // `transposed=true` is a flag.
            match item.split_once('=').map(|(key, value)| (key.trim_end(), value.trim_start())) {
                Some((flag @ ("transposed" | "depthwise"), "true" | "True" | "1")) => {
                    changed = true;
                    texts.push(flag.to_string());
                }
                _ => texts.push(item.to_string()),
            }
            continue;
        }
        let list = item.starts_with('[');
        let axes = name.eq_ignore_ascii_case("axes");
        let key = free.remove(free.iter().position(|&key| axes || list == (key == "stride"))?);
        let brackets = !list && axes;
        texts.push(if brackets { alloc::format!("{key}=[{item}]") } else { alloc::format!("{key}={item}") });
        changed = true;
    }
    let text = alloc::format!("{name}({})", texts.join(", "));
    // A guess that would be refused in turn helps nobody.
    (changed && text.len() <= MAX_SUGGESTION && read(&text, depth).is_ok()).then_some(text)
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
            ("conv(torch, 8)", "did you mean `conv(torch, groups=8)`?"),
            ("conv(8)", "did you mean `conv(groups=8)`?"),
            ("conv(torch, [2, 2])", "did you mean `conv(torch, stride=[2, 2])`?"),
            ("conv(jax, transposed=true)", "did you mean `conv(jax, transposed)`?"),
            ("packed(torch, 3, 0)", "did you mean `packed(torch, blocks=3, axis=0)`?"),
            ("packed(jax, axis=0, 3)", "did you mean `packed(jax, axis=0, blocks=3)`?"),
            ("axes(0, 1)", "did you mean `axes(in=[0], out=[1])`?"),
            ("axes([0, 1], out=[2])", "did you mean `axes(in=[0, 1], out=[2])`?"),
            ("torch(groups=8)", "did you mean `conv(torch, groups=8)`?"),
            ("torch(8)", "did you mean `conv(torch, groups=8)`?"),
            ("torch(blocks=3, axis=0)", "did you mean `packed(torch, blocks=3, axis=0)`?"),
        ] {
            let error = text.parse::<Layout>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let deep = alloc::format!("{}torch{}", "packed(".repeat(900), ")".repeat(900));
        assert!(deep.parse::<Layout>().is_err());
    }
}
