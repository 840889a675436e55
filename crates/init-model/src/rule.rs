use globset::{GlobBuilder, GlobMatcher};
use init_core::{Initializer, Layout};

use crate::place::Place;

/// One line of a recipe: the parameters whose whole name matches a glob get this initializer.
///
/// In the glob `?` is any one character, `*` any run of characters (dots and slashes too), `[0-9]` one of a set,
/// `{a,b}` one of several, and `\` takes the next character as it is.
///
/// ```
/// use init_model::{Place, Rule};
///
/// let rule = Rule::new("h.*.c_proj.weight", "normal(std=0.004)".parse()?, None, Place::of("here"))?;
/// assert!(rule.matches("h.11.mlp.c_proj.weight"));
/// assert!(!rule.matches("h.11.mlp.c_proj.weight_scale"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    /// What the matching parameters get.
    pub initializer: Initializer,
    /// How their shapes are read, where it differs from the recipe's layout.
    pub layout: Option<Layout>,
    /// Where the rule was written.
    pub place: Place,
    matcher: GlobMatcher,
}

impl Rule {
    /// A rule for the names that match `pattern`.
    ///
    /// # Errors
    ///
    /// [`GlobError`] if the pattern is empty or no glob, such as `h.[0-9.weight`.
    pub fn new(
        pattern: &str,
        initializer: Initializer,
        layout: Option<Layout>,
        place: Place,
    ) -> Result<Self, GlobError> {
        let fault = |reason: String| GlobError { pattern: pattern.to_owned(), reason };
        if pattern.is_empty() {
            return Err(fault("it is empty".to_owned()));
        }
        let glob = GlobBuilder::new(pattern)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| fault(error.kind().to_string()))?;
        Ok(Self { initializer, layout, place, matcher: glob.compile_matcher() })
    }

    /// The glob as it was given.
    pub fn pattern(&self) -> &str {
        self.matcher.glob().glob()
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }
}

/// A pattern that is no glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no pattern: {reason}; use *, ?, [0-9] and {{a,b}} on the whole name, such as `*.weight`")]
pub struct GlobError {
    /// The pattern as given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}
