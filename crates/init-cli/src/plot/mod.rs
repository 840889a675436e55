//! Pictures, as files.

mod canvas;
mod curves;
mod trace;

pub(crate) use canvas::picture;
pub(crate) use curves::{Axes, Curves, MOST_CURVES, draw_curves};
pub(crate) use trace::{Panel, draw_traces};
