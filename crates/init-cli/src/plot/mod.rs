//! Pictures, as files.

mod canvas;
mod curves;
mod tiles;
mod trace;

pub(crate) use canvas::{Area, Drawing, draw, picture};
pub(crate) use curves::{Axes, Curves, MOST_CURVES, draw_curves};
pub(crate) use tiles::Tiles;
pub(crate) use trace::{Panel, draw_traces};
