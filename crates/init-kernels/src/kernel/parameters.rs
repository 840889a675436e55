//! The numbers of a kernel, by name.

/// A kernel whose numbers have names.
pub(crate) trait Parameters {
    /// Returns the names and values of the numbers that the kernel computes with, exact in f64.
    fn parameters(&self) -> Vec<(&'static str, f64)>;
}
