//! Mimetic attention.
//!
//! Library only: no command or recipe uses it.

/// Mimetic attention: products W_Q·W_Kᵀ and W_V·W_O that imitate those of pretrained vision
/// transformers.
///
/// Trockman and Kolter 2023 (arXiv:2305.09828), section 3: for each head, with Z of independent
/// elements of variance 1/d,
///
/// ```text
/// W_Q · W_Kᵀ ≈ α₁·Z + β₁·I        (α₁ = β₁ = 0.7)
/// W_V · W_O  ≈ α₂·Z − β₂·I        (α₂ = β₂ = 0.4)
/// ```
///
/// each factored by its singular values: with U·S·Vᵀ the product's best approximation of rank
/// `head`, the factors are U·√S and V·√S. This type has the distributions of the products;
/// `init_kernels::mimetic` computes the four weights.
///
/// ```
/// use init_core::scheme::Mimetic;
///
/// let mimetic = Mimetic::default();
/// assert_eq!(mimetic.query_key(192, 5, 5), (0.7, 0.7 / 192_f64.sqrt()));
/// assert_eq!(mimetic.value_output(192, 5, 5).0, -0.4);
/// assert_eq!(mimetic.value_output(192, 5, 6).0, 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mimetic {
    /// α₁: the noise of queries and keys.
    pub query_key_noise: f64,
    /// β₁: the identity of queries and keys.
    pub query_key_identity: f64,
    /// α₂: the noise of values and outputs.
    pub value_output_noise: f64,
    /// β₂: the negative identity of values and outputs.
    pub value_output_identity: f64,
}

impl Default for Mimetic {
    fn default() -> Self {
        Self { query_key_noise: 0.7, query_key_identity: 0.7, value_output_noise: 0.4, value_output_identity: 0.4 }
    }
}

impl Mimetic {
    /// Returns the mean and the standard deviation of element (row, col) of W_Q·W_Kᵀ, for vectors
    /// of `size`.
    #[must_use]
    pub fn query_key(&self, size: usize, row: usize, col: usize) -> (f64, f64) {
        element(self.query_key_identity, self.query_key_noise, size, row == col)
    }

    /// Returns the mean and the standard deviation of element (row, col) of W_V·W_O.
    #[must_use]
    pub fn value_output(&self, size: usize, row: usize, col: usize) -> (f64, f64) {
        element(-self.value_output_identity, self.value_output_noise, size, row == col)
    }
}

fn element(identity: f64, noise: f64, size: usize, diagonal: bool) -> (f64, f64) {
    (if diagonal { identity } else { 0.0 }, noise / libm::sqrt(size.max(1) as f64))
}
