//! Pictures, drawn to SVG and PNG files.

mod canvas;
#[cfg(feature = "pretrain")]
mod curves;
mod depths;
mod tensors;
#[cfg(feature = "pretrain")]
mod tiles;
mod trace;

#[cfg(feature = "pretrain")]
pub(crate) use canvas::draw;
pub(crate) use canvas::parse_picture;
#[cfg(feature = "pretrain")]
pub(crate) use curves::{Axes, Curves, MAX_CURVES, draw_curves};
pub(crate) use depths::{DepthSeries, Depths, MAX_SERIES};
pub(crate) use tensors::{MAX_PANELS, TensorPanel, draw_tensors};
#[cfg(feature = "pretrain")]
pub(crate) use tiles::Tiles;
pub(crate) use trace::{Panel, draw_traces};
