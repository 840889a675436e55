//! Rules: which parameters get which initializer.

use init_core::{DType, Initializer, Layout, scheme::Scheme};

use super::{
    blocks::Blocks,
    location::Location,
    pattern::{Pattern, PatternError},
};

/// A rule of a recipe: the values of the parameters whose whole name matches a pattern.
///
/// ```
/// use init_model::recipe::{Location, Rule};
///
/// let normal: init_core::Initializer = "normal(std=0.004)".parse()?;
/// let rule = Rule::new("h.*.c_proj.weight", normal, None, Location::of("here"))?;
/// assert!(rule.matches("h.11.mlp.c_proj.weight"));
/// assert!(!rule.matches("h.11.mlp.c_proj.weight_scale"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    /// The values of the matching parameters.
    pub init: Init,
    /// Their layout, if it differs from the recipe's.
    pub layout: Option<Layout>,
    /// The weights that are packed into each of them; none by [`Rule::new`].
    pub blocks: Option<Blocks>,
    /// Their element type, if it differs from the recipe's.
    pub dtype: Option<DType>,
    /// The factor of the values; 1 by [`Rule::new`].
    pub scale: f64,
    /// Whether the rule may match no parameter; false by [`Rule::new`].
    pub optional: bool,
    /// The location of the rule.
    pub location: Location,
    pattern: Pattern,
}

impl Rule {
    /// Creates a rule for the names that match the glob `pattern`.
    ///
    /// # Errors
    ///
    /// Returns [`PatternError`] if it is not a valid [glob](Pattern::glob).
    pub fn new(
        pattern: &str,
        init: impl Into<Init>,
        layout: Option<Layout>,
        location: Location,
    ) -> Result<Self, PatternError> {
        Ok(Self::of(Pattern::glob(pattern)?, init, layout, location))
    }

    /// Creates a rule for the names that match.
    #[must_use]
    pub fn of(pattern: Pattern, init: impl Into<Init>, layout: Option<Layout>, location: Location) -> Self {
        Self { init: init.into(), layout, blocks: None, dtype: None, scale: 1.0, optional: false, location, pattern }
    }

    /// Returns the pattern as it was given.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// Whether the whole name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.pattern.matches(name)
    }
}

/// The values that a rule gives to its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Init {
    /// Initial values.
    Initializer(Initializer),
    /// Initial values and multipliers for training, by a scheme for whole models.
    Scheme(Scheme),
}

impl From<Initializer> for Init {
    fn from(initializer: Initializer) -> Self {
        Self::Initializer(initializer)
    }
}

impl From<Scheme> for Init {
    fn from(scheme: Scheme) -> Self {
        Self::Scheme(scheme)
    }
}
