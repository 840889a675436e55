//! `Scheme`: what a scheme gives to one parameter, by name.

use alloc::{vec, vec::Vec};

use super::{
    deep_norm::{DeepNorm, DeepNormPart, Stack},
    fixup::{Fixup, FixupPart},
    mup::{Mup, Optimizer, Role},
    normalizer_free::self_normalizing,
    parametrization::{Multipliers, Parametrization, ntk, spectral},
    residual::{layer_scale, rezero, scaled_residual, zero_gamma},
    siren::{Siren, SirenPart},
    spec::SchemeSpec,
    t_fixup::{TFixup, TFixupPart},
    table,
};
use crate::{
    initializer::{
        parameter_error::ParameterError,
        registry::Initializer,
        resolve::{ResolveError, check_kinds},
        spec::Value,
    },
    shape::{
        dims::Shape,
        fan::{FanError, Fans},
        layout::Layout,
    },
};

/// A scheme for one parameter of a model, as a rule of a recipe names it.
///
/// Its text form is like that of an [`Initializer`], and it resolves to a [`Parametrization`] for a
/// shape:
///
/// ```
/// use init_core::scheme::Scheme;
/// use init_core::{Layout, Shape};
///
/// let scheme: Scheme = "mup(role=hidden, base_fan_in=64)".parse()?;
/// let wide = scheme.parametrization(&Shape::new([1024, 256])?, &Layout::Torch)?;
/// assert_eq!(wide.multipliers.learning_rate, 0.25);
/// assert_eq!(wide.initializer.to_string(), "normal(std=0.0625)"); // 1 / √256
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Scheme::all`] lists every name, parameter and default.
#[derive(Debug, Clone, PartialEq)]
pub enum Scheme {
    /// [`Mup`], relative to the same weight in a base model.
    Mup {
        /// The sizes that grow with the width.
        role: Role,
        /// The fan_in in the base model; required for a hidden weight with Adam or `std`, and for
        /// every output weight.
        base_fan_in: Option<usize>,
        /// The fan_out in the base model; required for an input weight with SGD.
        base_fan_out: Option<usize>,
        /// The standard deviation times √fan_in in the base model; `None` is 1.
        sigma: Option<f64>,
        /// The standard deviation in the base model, instead of `sigma`.
        std: Option<f64>,
        /// The mean; 1 with `std` 0 for the scales of norms.
        mean: f64,
        /// The optimizer that the learning rate is for.
        optimizer: Optimizer,
    },
    /// [`ntk`].
    Ntk {
        /// The factor of the forward pass times √fan_in.
        sigma: f64,
    },
    /// [`spectral`].
    Spectral,
    /// [`DeepNorm`].
    DeepNorm {
        /// The part of a layer.
        part: DeepNormPart,
        /// The stack of layers.
        stack: Stack,
    },
    /// [`TFixup`].
    TFixup {
        /// The part of the model.
        part: TFixupPart,
        /// The number of layers of the encoder, and of the decoder.
        layers: usize,
    },
    /// [`Fixup`].
    Fixup {
        /// The part of a branch.
        part: FixupPart,
        /// The number of residual branches.
        branches: usize,
        /// The number of layers in a branch.
        layers: usize,
    },
    /// [`scaled_residual`].
    ScaledResidual {
        /// The number of matrices that write into the residual stream.
        writers: usize,
        /// The standard deviation of a single one.
        std: f64,
    },
    /// [`layer_scale`].
    LayerScale {
        /// The number of layers.
        layers: usize,
    },
    /// [`zero_gamma`].
    ZeroGamma,
    /// [`rezero`].
    Rezero,
    /// [`Siren`].
    Siren {
        /// The layers.
        part: SirenPart,
        /// The frequency of the forward pass.
        omega: f64,
    },
    /// [`self_normalizing`].
    SelfNormalizing,
}

impl Scheme {
    /// Returns the whole table, in the order in which it is listed.
    #[must_use]
    pub fn all() -> &'static [&'static SchemeSpec] {
        table::ALL
    }

    /// Returns the row with this name.
    #[must_use]
    pub fn spec_of(name: &str) -> Option<&'static SchemeSpec> {
        table::ALL.iter().copied().find(|spec| spec.name == name)
    }

    /// Returns this scheme's row of the table.
    #[must_use]
    pub fn spec(&self) -> &'static SchemeSpec {
        match self {
            Self::Mup { .. } => &table::MUP,
            Self::Ntk { .. } => &table::NTK,
            Self::Spectral => &table::SPECTRAL,
            Self::DeepNorm { .. } => &table::DEEP_NORM,
            Self::TFixup { .. } => &table::T_FIXUP,
            Self::Fixup { .. } => &table::FIXUP,
            Self::ScaledResidual { .. } => &table::SCALED_RESIDUAL,
            Self::LayerScale { .. } => &table::LAYER_SCALE,
            Self::ZeroGamma => &table::ZERO_GAMMA,
            Self::Rezero => &table::REZERO,
            Self::Siren { .. } => &table::SIREN,
            Self::SelfNormalizing => &table::SELF_NORMALIZING,
        }
    }

    /// Returns the name without parameters: `deep_norm`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Returns the values of the parameters, in the order of [`SchemeSpec::parameters`]; `None` for
    /// one that is left out.
    #[must_use]
    pub fn values(&self) -> Vec<Option<Value>> {
        let number = |x: f64| Some(Value::Number(x));
        let whole = |n: usize| number(n as f64);
        let word = |word: &'static str| Some(Value::Word(word));
        match *self {
            Self::Mup { role, base_fan_in, base_fan_out, sigma, std, mean, optimizer } => vec![
                word(role.name()),
                base_fan_in.and_then(whole),
                base_fan_out.and_then(whole),
                sigma.and_then(number),
                std.and_then(number),
                number(mean),
                word(optimizer.name()),
            ],
            Self::Ntk { sigma } => vec![number(sigma)],
            Self::DeepNorm { part, stack } => {
                let stack = match stack {
                    Stack::Alone { layers } => [whole(layers), None, None],
                    Stack::Encoder { encoder, decoder } => [None, whole(encoder), whole(decoder)],
                    Stack::Decoder { decoder } => [None, None, whole(decoder)],
                };
                let mut values = vec![word(part.name())];
                values.extend(stack);
                values
            }
            Self::TFixup { part, layers } => vec![word(part.name()), whole(layers)],
            Self::Fixup { part, branches, layers } => vec![word(part.name()), whole(branches), whole(layers)],
            Self::ScaledResidual { writers, std } => vec![whole(writers), number(std)],
            Self::LayerScale { layers } => vec![whole(layers)],
            Self::Siren { part, omega } => vec![word(part.name()), number(omega)],
            Self::Spectral | Self::ZeroGamma | Self::Rezero | Self::SelfNormalizing => vec![],
        }
    }

    /// Checks the parameters, without a shape. [`parametrization`](Self::parametrization) and the
    /// parser call it too.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] for a number outside its parameter's range, and for parameters that do
    /// not fit together or are missing.
    pub fn validate(&self) -> Result<(), ParameterError> {
        check_kinds(self.spec().signature(), &self.values())?;
        let mismatch =
            |parameter, reason| Err(ParameterError::Mismatch { initializer: self.name(), parameter, reason });
        match *self {
            Self::Mup { sigma: Some(_), std: Some(_), .. } => {
                mismatch("std", "is the standard deviation in the base model: give it or `sigma`, not both")
            }
            Self::Mup { role: Role::Output, base_fan_in: None, .. }
            | Self::Mup { role: Role::Hidden, base_fan_in: None, optimizer: Optimizer::Adam, .. }
            | Self::Mup { role: Role::Hidden, base_fan_in: None, std: Some(_), .. } => mismatch(
                "base_fan_in",
                "is missing: give the fan_in that this weight has in the base model, such as \"n_embd/width_mult\"",
            ),
            Self::Mup { role: Role::Input, base_fan_out: None, optimizer: Optimizer::Sgd, .. } => mismatch(
                "base_fan_out",
                "is missing: with optimizer=sgd give the fan_out that this weight has in the base model",
            ),
            _ => Ok(()),
        }
    }

    /// Resolves the scheme to what a parameter of this shape gets, and how training scales it.
    ///
    /// A weight of fewer than two dimensions counts as one with a constant input, of fan_in 1,
    /// unless the layout lists its axes one by one; the fans of a packed weight are those of a
    /// block.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] for [invalid](Self::validate) parameters, and, where the scheme uses the
    /// fans, for a shape without elements or without fans.
    ///
    /// ```
    /// use init_core::scheme::Scheme;
    /// use init_core::{Layout, Shape};
    ///
    /// let deep: Scheme = "deep_norm(part=scaled, layers=128)".parse()?;
    /// let found = deep.parametrization(&Shape::new([512, 512])?, &Layout::Torch)?;
    /// assert_eq!(found.multipliers.residual, Some(4.0)); // (2 · 128)^(1/4)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parametrization(&self, shape: &Shape, layout: &Layout) -> Result<Parametrization, ResolveError> {
        self.validate()?;
        let fans = || {
            if shape.numel() == 0 {
                return Err(ResolveError::ZeroSized { initializer: self.name(), shape: shape.clone() });
            }
            fans(shape, layout).map_err(|error| ResolveError::Fan { initializer: self.name(), error })
        };
        Ok(match *self {
            // The only case that uses no fan, so that any shape will do.
            Self::Mup { role: Role::Input, std: Some(std), mean, optimizer: Optimizer::Adam, .. } => {
                Parametrization { initializer: normal(mean, std), multipliers: Multipliers::ONE }
            }
            Self::Mup { role, base_fan_in, base_fan_out, sigma, std, mean, optimizer } => {
                let fans = fans()?;
                let base = Fans {
                    fan_in: base_fan_in.map_or(fans.fan_in, |fan| fan as f64),
                    fan_out: base_fan_out.map_or(fans.fan_out, |fan| fan as f64),
                };
                let mup = Mup { role, fans, base };
                let std = std.map_or_else(|| mup.std_for(sigma.unwrap_or(1.0)), |std| mup.std(std));
                Parametrization { initializer: normal(mean, std), multipliers: mup.multipliers(optimizer) }
            }
            Self::Ntk { sigma } => ntk(fans()?.fan_in, sigma),
            Self::Spectral => spectral(fans()?),
            Self::DeepNorm { part, stack } => {
                let deep = DeepNorm::new(stack);
                let multipliers = Multipliers { residual: Some(deep.alpha), ..Multipliers::ONE };
                Parametrization { initializer: deep.initializer(part), multipliers }
            }
            Self::TFixup { part, layers } => {
                let size = shape.dims().last().copied().unwrap_or(1);
                TFixup { layers }.initializer(part, size).into()
            }
            Self::Fixup { part, branches, layers } => Fixup { branches, layers }.initializer(part).into(),
            Self::ScaledResidual { writers, std } => scaled_residual(std, writers).into(),
            Self::LayerScale { layers } => layer_scale(layers).into(),
            Self::ZeroGamma => zero_gamma().into(),
            Self::Rezero => rezero().into(),
            Self::Siren { part: SirenPart::First, omega } => Siren { omega }.first(fans()?.fan_in).into(),
            Self::Siren { part: SirenPart::Hidden, omega } => Siren { omega }.hidden().into(),
            Self::SelfNormalizing => self_normalizing().into(),
        })
    }
}

/// Returns N(mean, std²), which is the constant `mean` where `std` is 0.
fn normal(mean: f64, std: f64) -> Initializer {
    if std == 0.0 { Initializer::Constant { value: mean } } else { Initializer::Normal { mean, std } }
}

/// Returns the layout's fans; those of a vector or a scalar are 1 and its size.
fn fans(shape: &Shape, layout: &Layout) -> Result<Fans, FanError> {
    match layout {
        Layout::Packed { layout: inner, .. } => fans(&layout.block(shape)?, inner),
        Layout::Torch | Layout::Jax | Layout::Keras | Layout::Conv(_) if shape.ndim() <= 1 => {
            Ok(Fans { fan_in: 1.0, fan_out: shape.numel() as f64 })
        }
        _ => layout.fans(shape),
    }
}
