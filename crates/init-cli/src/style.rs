//! Bold and coloured text, where a terminal shows it.

use std::{
    fmt,
    io::{stderr, stdout},
};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::{AnsiColor, Style};

/// A text, and its style where the stream is a terminal that has colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Styled<'a> {
    text: &'a str,
    style: Style,
}

/// Returns the text in bold, for standard output.
pub(crate) fn bold(text: &str) -> Styled<'_> {
    styled(text, Style::new().bold(), &stdout())
}

/// Returns the text in bold red, for standard error.
pub(crate) fn error(text: &str) -> Styled<'_> {
    styled(text, AnsiColor::Red.on_default().bold(), &stderr())
}

/// No colours where `NO_COLOR` is set, in a pipe, or on a terminal that has none.
fn styled<'a>(text: &'a str, style: Style, stream: &impl RawStream) -> Styled<'a> {
    let is_shown = !matches!(AutoStream::choice(stream), ColorChoice::Never);
    Styled { text, style: if is_shown { style } else { Style::new() } }
}

impl fmt::Display for Styled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, style } = self;
        write!(f, "{style}{text}{style:#}")
    }
}
