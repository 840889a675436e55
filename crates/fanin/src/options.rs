//! Options of the one-call functions.

use init_core::Layout;
use init_kernels::Filler;

/// Options of [`init_with`](crate::init_with) and [`init_shard`](crate::init_shard): the layout of
/// the shape, and how to fill.
///
/// ```
/// use fanin::{Filler, Layout, Level, Options, Stream};
///
/// // A Flax kernel (in, out), on the caller's thread only.
/// let options = Options::new().layout(Layout::Jax).filler(Filler::new().threads(1));
/// let mut kernel = vec![0f32; 784 * 256];
/// fanin::init_with(&mut kernel, [784, 256], "lecun_normal", Stream::new(42).child("Dense_0.kernel"), &options)?;
/// # Ok::<(), fanin::InitError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) layout: Layout,
    pub(crate) filler: Filler,
}

impl Options {
    /// Returns the default options: PyTorch's layout, the active level, and the process's number of
    /// threads.
    #[must_use]
    pub const fn new() -> Self {
        Self { layout: Layout::Torch, filler: Filler::new() }
    }

    /// Sets which axes of the shape are inputs and outputs.
    #[must_use]
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// Sets the level and whether to use more than one thread. Neither changes a value.
    #[must_use]
    pub fn filler(self, filler: Filler) -> Self {
        Self { filler, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
