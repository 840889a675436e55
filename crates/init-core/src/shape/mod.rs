//! Shapes and layouts: the sizes of a tensor's axes, what each axis means, and the fans that follow
//! from both.
//!
//! [`Matrix`] and [`Filters`] map the rows and columns, or channels and taps, of a structured fill
//! to flat indices.

pub(crate) mod axes;
pub(crate) mod conv;
pub(crate) mod dims;
pub(crate) mod fan;
pub(crate) mod filters;
pub(crate) mod layout;
pub(crate) mod layout_text;
pub(crate) mod location;
pub(crate) mod matrix;

pub use axes::EinsumError;
pub use conv::Base;
pub use fan::FanError;
pub use filters::{Centre, Filters, Order};
pub use layout_text::LayoutError;
pub use location::AxesError;
pub use matrix::Matrix;
