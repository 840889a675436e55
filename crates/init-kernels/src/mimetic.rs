//! Mimetic attention: the four weights of self-attention that resembles pretrained attention.
//!
//! Library only: no command, recipe or C function reaches it, because its weights depend on each
//! other.

use init_core::{Distribution, scheme::Mimetic};

use crate::{
    element::Element, error::FillError, fill::Filler, float_env::FloatEnv, parallel::map, stream::Stream, svd::svd,
};

/// The weights of self-attention over vectors of `size`, each `(size, size)`, row-major and in
/// PyTorch's layout (out, in).
///
/// Head `h` of `head = size / heads` has the rows `h·head..(h + 1)·head` of query, key and value,
/// and those columns of output.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention<T> {
    /// W_Qᵀ.
    pub query: Vec<T>,
    /// W_Kᵀ.
    pub key: Vec<T>,
    /// W_Vᵀ.
    pub value: Vec<T>,
    /// W_Oᵀ, also called the projection.
    pub output: Vec<T>,
}

/// Returns mimetic weights (Trockman and Kolter 2023, arXiv:2305.09828, section 3).
///
/// W_Q·W_Kᵀ of each head is the best approximation of rank `size / heads` to α₁·Z + β₁·I, and
/// W_V·W_O over all heads is α₂·Z − β₂·I, with Z from N(0, 1 / size). Each is factored by its
/// singular values into U·√S and V·√S.
///
/// Z of head `h` is the f64 fill of `stream.child("query_key").child_index(h)`, and that of the
/// values is the fill of `stream.child("value_output")`. The singular values are computed by
/// [`svd`]: the same bits on every machine, whatever the number of threads. f32, bf16 and f16
/// weights are those of f64, rounded.
///
/// Takes about ten sweeps of `10·size³` operations for each head and once for the values, heads in
/// parallel: on two cores 0.1 s for vectors of 192 and 3 heads, 1.5 s for 384 and 6. No part can be
/// computed without the whole.
///
/// # Errors
///
/// Returns [`MimeticError`] if `heads` is 0 or does not divide `size`, if the matrices do not fit
/// into memory, if a factor is not finite, or if a weight exceeds the type.
///
/// ```
/// use init_core::scheme::Mimetic;
/// use init_kernels::{Stream, mimetic::mimetic};
///
/// let weights = mimetic::<f64>(&Mimetic::default(), 32, 4, Stream::new(0).child("h.0.attn"))?;
/// // Element (i, i) of W_V·W_O: about −0.4.
/// let product = |i: usize| (0..32).map(|k| weights.value[k * 32 + i] * weights.output[i * 32 + k]).sum::<f64>();
/// let mean = (0..32).map(product).sum::<f64>() / 32.0;
/// assert!((mean + 0.4).abs() < 0.1);
/// # Ok::<(), init_kernels::mimetic::MimeticError>(())
/// ```
pub fn mimetic<T: Element>(
    mimetic: &Mimetic,
    size: usize,
    heads: usize,
    stream: Stream,
) -> Result<Attention<T>, MimeticError> {
    FloatEnv::run(|| weights(mimetic, size, heads, stream))
}

fn weights<T: Element>(
    mimetic: &Mimetic,
    size: usize,
    heads: usize,
    stream: Stream,
) -> Result<Attention<T>, MimeticError> {
    if heads == 0 || !size.is_multiple_of(heads) {
        return Err(MimeticError::Heads { heads, size });
    }
    let head = size / heads;
    let Mimetic { query_key_noise, query_key_identity, value_output_noise, value_output_identity } = *mimetic;
    let factored = |(noise, identity, stream): (f64, f64, Stream)| {
        if !(noise.is_finite() && identity.is_finite()) {
            return Err(MimeticError::Factor { noise, identity });
        }
        FloatEnv::run(|| factors(size, noise, identity, stream))
    };
    let keys = stream.child("query_key");
    let mut jobs: Vec<_> =
        (0..heads as u64).map(|h| (query_key_noise, query_key_identity, keys.child_index(h))).collect();
    jobs.push((value_output_noise, -value_output_identity, stream.child("value_output")));
    let factored = map(0, jobs.len(), |number| factored(jobs[number]));
    let mut factors = factored.into_iter().collect::<Result<Vec<_>, _>>()?;

    let round = |x: f64| {
        let value = T::from_f64(x);
        if value.to_f64().is_finite() { Ok(value) } else { Err(MimeticError::Overflow { value: x }) }
    };
    let rows = |columns: &[Vec<f64>]| columns.iter().flatten().map(|&x| round(x)).collect::<Result<Vec<T>, _>>();
    let whole = factors.pop().unwrap_or_default();
    let across = (0..size).flat_map(|row| whole.right.iter().map(move |column| round(column[row])));
    let output = across.collect::<Result<Vec<T>, _>>()?;
    let value = rows(&whole.left)?;
    let heads = |side: fn(&Factors) -> &[Vec<f64>]| {
        let parts = factors.iter().map(|one| rows(&side(one)[..head])).collect::<Result<Vec<_>, _>>();
        parts.map(|parts| parts.concat())
    };
    Ok(Attention { query: heads(|one| &one.left)?, key: heads(|one| &one.right)?, value, output })
}

/// Returns the factors of `noise`·Z + `identity`·I.
fn factors(size: usize, noise: f64, identity: f64, stream: Stream) -> Result<Factors, MimeticError> {
    let std = noise.abs() / (size.max(1) as f64).sqrt();
    let too_large = MimeticError::TooLarge { size };
    let len = size.checked_mul(size).ok_or(too_large.clone())?;
    let mut product = Vec::new();
    product.try_reserve_exact(len).map_err(|_| too_large)?;
    product.resize(len, 0.0);
    Filler::new().threads(1).fill(&mut product, &Distribution::Normal { mean: 0.0, std }, stream)?;
    for i in 0..size {
        product[i * size + i] += identity;
    }
    let svd = svd(&product, size);
    let scaled = |columns: &[Vec<f64>], factor: fn(f64) -> f64| {
        let pairs = columns.iter().zip(&svd.values);
        pairs.map(|(column, &value)| column.iter().map(|x| x * factor(value)).collect()).collect()
    };
    Ok(Factors {
        left: scaled(&svd.left, |value| if value == 0.0 { 0.0 } else { 1.0 / value.sqrt() }),
        right: scaled(&svd.right, f64::sqrt),
    })
}

/// The columns of U·√S and of V·√S of a matrix U·S·Vᵀ, the largest singular value first.
#[derive(Debug, Default)]
struct Factors {
    left: Vec<Vec<f64>>,
    right: Vec<Vec<f64>>,
}

/// Why mimetic weights cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MimeticError {
    /// The number of heads does not divide the size of the vectors.
    #[error("the number of heads must divide the size of the vectors, got {heads} heads and size {size}")]
    Heads {
        /// The number of heads.
        heads: usize,
        /// The size of the vectors.
        size: usize,
    },
    /// The matrices do not fit into memory.
    #[error(
        "vectors of size {size} need matrices of {size} × {size}, which do not fit into memory; use a smaller size"
    )]
    TooLarge {
        /// The size of the vectors.
        size: usize,
    },
    /// A factor is not finite.
    #[error("the factors of noise and identity must be finite, got {noise} and {identity}")]
    Factor {
        /// α.
        noise: f64,
        /// β.
        identity: f64,
    },
    /// A weight exceeds the type.
    #[error("a weight is {value:.6e}, beyond the range of the dtype; use a wider dtype or smaller factors")]
    Overflow {
        /// The weight.
        value: f64,
    },
    /// The noise cannot be sampled.
    #[error(transparent)]
    Fill(#[from] FillError),
}
