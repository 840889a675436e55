//! Pictures, as files.

mod canvas;
mod curves;

pub(crate) use canvas::picture;
pub(crate) use curves::{Axes, Curves, MOST_CURVES, draw_curves};
