//! Pictures, as files.

mod canvas;

pub(crate) use canvas::{Area, Drawing, draw, picture};
