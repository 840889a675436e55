use init_core::{DType, Initializer, Layout, scheme::Scheme};

use crate::{
    blocks::Blocks,
    pattern::{Pattern, PatternError},
    place::Place,
};

/// One line of a recipe: what the parameters get whose whole name matches a pattern.
///
/// ```
/// use init_model::{Place, Rule};
///
/// let normal: init_core::Initializer = "normal(std=0.004)".parse()?;
/// let rule = Rule::new("h.*.c_proj.weight", normal, None, Place::of("here"))?;
/// assert!(rule.matches("h.11.mlp.c_proj.weight"));
/// assert!(!rule.matches("h.11.mlp.c_proj.weight_scale"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    /// What the matching parameters get.
    pub init: Init,
    /// How their shapes are read, where it differs from the recipe's layout.
    pub layout: Option<Layout>,
    /// Of how many weights their tensors are put together; [`Rule::new`] leaves it out.
    pub blocks: Option<Blocks>,
    /// The element type of the matching parameters, where it differs from the recipe's.
    pub dtype: Option<DType>,
    /// What the values are multiplied by; [`Rule::new`] sets 1.
    pub scale: f64,
    /// Whether the rule may match no parameter; [`Rule::new`] says no.
    pub optional: bool,
    /// Where the rule was written.
    pub place: Place,
    pattern: Pattern,
}

impl Rule {
    /// A rule for the names that match the glob `pattern`.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if it is no [glob](Pattern::glob).
    pub fn new(
        pattern: &str,
        init: impl Into<Init>,
        layout: Option<Layout>,
        place: Place,
    ) -> Result<Self, PatternError> {
        Ok(Self::of(Pattern::glob(pattern)?, init, layout, place))
    }

    /// A rule for the names that match.
    pub fn of(pattern: Pattern, init: impl Into<Init>, layout: Option<Layout>, place: Place) -> Self {
        Self { init: init.into(), layout, blocks: None, dtype: None, scale: 1.0, optional: false, place, pattern }
    }

    /// The pattern as it was given.
    pub fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.pattern.matches(name)
    }
}

/// What a rule says that its parameters get.
#[derive(Clone, Debug, PartialEq)]
pub enum Init {
    /// First values.
    Initializer(Initializer),
    /// First values and multipliers for training, by a scheme for whole models.
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
