//! Pictures, as files.

mod canvas;
mod curves;
mod depths;
mod tensors;
mod tiles;
mod trace;

pub(crate) use canvas::{Area, Drawing, draw, picture};
pub(crate) use curves::{Axes, Curves, MOST_CURVES, draw_curves};
pub(crate) use depths::{Depths, Kind, MOST_KINDS};
pub(crate) use tensors::{MOST_PANELS, TensorPanel, draw_tensors};
pub(crate) use tiles::Tiles;
pub(crate) use trace::{Panel, draw_traces};
