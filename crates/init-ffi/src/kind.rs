//! The kinds of distributions and of initializers.

/// A kind of distribution as a number: any `u32` may arrive.
pub type DistributionKindArg = u32;

/// The kinds of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum DistributionKind {
    /// Every element is `mean`.
    Constant = 701,
    /// Uniform on [low, high).
    Uniform = 702,
    /// Normal with `mean` and `std`.
    Normal = 703,
    /// Normal, conditioned on the value lying in [low, high].
    TruncatedNormal = 704,
}

/// A kind of initializer as a number: any `u32` may arrive.
pub type InitializerKindArg = u32;

/// The initializers that have a struct. Functions that take an initializer as text accept all
/// initializers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum InitializerKind {
    /// Uniform within ±gain · √(6 / (fan_in + fan_out)).
    XavierUniform = 801,
    /// Normal with std = gain · √(2 / (fan_in + fan_out)).
    XavierNormal = 802,
    /// Uniform within ±√3 · gain(nonlinearity, a) / √fan.
    KaimingUniform = 803,
    /// Normal with std = gain(nonlinearity, a) / √fan.
    KaimingNormal = 804,
    /// Uniform within ±√(3 / fan_in).
    LecunUniform = 805,
    /// Normal with std = √(1 / fan_in).
    LecunNormal = 806,
    /// Drawn from the family, with variance = gain / fan.
    VarianceScaling = 807,
    /// `gain` times a matrix with orthonormal rows or columns, whichever are fewer.
    Orthogonal = 820,
    /// `gain` on the diagonal, elsewhere 0.
    Eye = 821,
}
