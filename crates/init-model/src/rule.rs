use globset::{GlobBuilder, GlobSet};
use init_core::{Initializer, Layout};

use crate::{blocks::Blocks, place::Place, shown::shown};

/// The longest pattern that is read, in bytes: it bounds how deep braces can nest.
const LONGEST: usize = 1024;

/// One line of a recipe: the parameters whose whole name matches a glob get this initializer.
///
/// In the glob `?` is any one character, `*` any run of characters (dots and slashes too), `[0-9]` one of a set, `[!0-9]`
/// one that is not in it, `{a,b}` one of several, and `\` takes the next character as it is: `layers\[0\].weight`.
/// `?` and sets go by the byte, so that a letter outside ASCII is written out or left to `*`.
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
    /// Of how many weights their tensors are put together; [`Rule::new`] leaves it out.
    pub blocks: Option<Blocks>,
    /// Where the rule was written.
    pub place: Place,
    pattern: String,
    matcher: GlobSet,
}

impl Rule {
    /// A rule for the names that match `pattern`.
    ///
    /// # Errors
    ///
    /// [`GlobError`] if the pattern is empty, longer than 1024 bytes, nested too deeply or no glob, such as
    /// `h.[0-9.weight`.
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
        if pattern.len() > LONGEST {
            return Err(fault(format!("it has {} bytes, and at most {LONGEST} are read", pattern.len())));
        }
        let glob = GlobBuilder::new(pattern)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| fault(error.kind().to_string()))?;
        // As a set of one: `Glob::compile_matcher` panics where this gives an error.
        let matcher = GlobSet::new([glob]).map_err(|_| fault("its braces are nested too deeply".to_owned()))?;
        Ok(Self { initializer, layout, blocks: None, place, pattern: pattern.to_owned(), matcher })
    }

    /// The glob as it was given.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }
}

/// A pattern that is no glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is no pattern: {reason}; use *, ?, [0-9] and {{a,b}} on the whole name, such as `*.weight`",
    shown(.pattern)
)]
pub struct GlobError {
    /// The pattern as given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}
