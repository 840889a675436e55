//! Pictures, as files.

mod canvas;
mod trace;

pub(crate) use canvas::picture;
pub(crate) use trace::{Panel, draw_traces};
