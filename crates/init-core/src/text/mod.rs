//! The text form of initializers and schemes: `name` or `name(values)`.
//!
//! ```text
//! xavier_uniform
//! xavier_uniform(gain=relu)
//! kaiming_normal(mode=fan_out, nonlinearity=leaky_relu, a=0.2)
//! kaiming_uniform(a=sqrt(5))
//! normal(0, 0.02)
//! truncated_normal(std=0.02, low=-inf)
//! glorot_normal(truncated)
//! orthogonal(gain=exact(tanh))
//! icnr(2, init=kaiming_normal(mode=fan_out))
//! ```
//!
//! As in Python, values without a name come first and are taken in the order of
//! [`Spec::parameters`](crate::Spec::parameters). White space between words does not matter.
//! Numbers are those of Rust's `f64::from_str` and [arithmetic](crate::expression) on them; `inf`
//! and `-inf` are accepted where a bound may be infinite. A bare flag name (`corrected`,
//! `diagonal`) sets that flag, in any position, and `truncated`, `corrected` or `uncorrected` alone
//! sets the `truncation` of an initializer that has one.
//!
//! PyTorch's spellings are accepted too: names with an underscore at the end (`xavier_uniform_`,
//! `torch.nn.init.normal_`), its parameter names (`a` and `b` for bounds, `val`) and its capitals
//! (`ReLU`, `LeakyReLU`). `trunc_normal_` has PyTorch's default bounds, −2 and 2 absolute; without
//! the underscore they are two standard deviations from the mean.
//!
//! Printing uses canonical names and leaves out defaults, and what is printed parses to an equal
//! value.

mod arguments;
pub(crate) mod error;
mod initializer;
mod parse;
mod scheme;

pub use error::ParseErrorKind;

pub use crate::word::{nearest, nearest_few, shorten};
