//! Schemes for whole models, resolved for one parameter.

use std::ffi::c_char;

use init_core::{Layout, Shape, scheme::Scheme};

use crate::{
    error::{Error, Failure},
    guard::guard,
    memory::{numbers, put, text},
    resolution::TEXT_SIZE,
    status::{Status, StatusArg},
};

/// The factors that a scheme gives to a parameter, for the training loop.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Multipliers {
    /// The factor on the parameter in the forward pass.
    pub forward: f64,
    /// The factor on the learning rate.
    pub learning_rate: f64,
    /// The factor on the weight decay.
    pub weight_decay: f64,
    /// The factor on the residual branch's input, DeepNorm's α; NAN for a scheme without one.
    pub residual: f64,
}

impl Multipliers {
    pub(crate) fn from_core(multipliers: init_core::scheme::Multipliers) -> Self {
        let init_core::scheme::Multipliers { forward, learning_rate, weight_decay, residual } = multipliers;
        Self { forward, learning_rate, weight_decay, residual: residual.unwrap_or(f64::NAN) }
    }
}

/// What a scheme gives to one parameter: an initializer, and factors for training.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Parametrization {
    /// The factors.
    pub multipliers: Multipliers,
    /// The initializer, as text that ends with a NUL and that functions such as `fanin_init` take.
    /// Its numbers have all their digits.
    pub initializer: [c_char; TEXT_SIZE],
}

/// Resolves a scheme for a parameter: `mup(role=hidden, base_fan_in=256)`,
/// `deep_norm(part=scaled, layers=12)`, `siren(part=hidden)`; docs/initializers.md lists all of them.
///
/// `layout` and `scheme` are texts. `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_scheme_resolve(
    parametrization: *mut Parametrization,
    shape: *const usize,
    ndim: usize,
    layout: *const c_char,
    scheme: *const c_char,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let layout: Layout = text("layout", layout)?.parse()?;
            let scheme: Scheme = text("scheme", scheme)?.parse()?;
            let shape = Shape::new(numbers("shape", shape, ndim)?)?;
            let found = scheme.parametrization(&shape, &layout)?;
            let written = found.initializer.to_string();
            if written.len() >= TEXT_SIZE {
                let message = format!("the initializer has {} bytes as text, more than {TEXT_SIZE}", written.len());
                return Err(Failure::new(Status::InvalidLength, message));
            }
            let mut initializer = [0; TEXT_SIZE];
            for (to, from) in initializer.iter_mut().zip(written.bytes()) {
                *to = from as c_char;
            }
            let multipliers = Multipliers::from_core(found.multipliers);
            put("parametrization", parametrization, Parametrization { multipliers, initializer })
        })
    }
}
