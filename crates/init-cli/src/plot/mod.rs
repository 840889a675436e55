//! Pictures, as files.

mod canvas;
mod tiles;

pub(crate) use canvas::{Area, Drawing, draw, picture};
pub(crate) use tiles::Tiles;
