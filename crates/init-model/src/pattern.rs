//! What names a rule is for.

use globset::{GlobBuilder, GlobSet};
use regex::{Regex, RegexBuilder};

use crate::shown::shown;

/// The longest pattern that is read, in bytes: it bounds how deep braces and groups can nest.
const LONGEST: usize = 1024;

/// The memory that a compiled regular expression may take: the largest one of 1024 bytes that means anything needs far less.
const COMPILED: usize = 1 << 20;

/// A glob or a regular expression that a whole name matches, or does not.
///
/// In a glob `?` is any one character, `*` any run of characters (dots and slashes too), `[0-9]` one of a set, `[!0-9]`
/// one that is not in it, `{a,b}` one of several (`{,a}`: or nothing), and `\` takes the next character as it is: `layers\[0\].weight`.
/// `?` and sets go by the byte, so that a letter outside ASCII is written out or left to `*`.
///
/// Regular expressions are those of the `regex` crate, anchored at both ends.
///
/// ```
/// use init_model::Pattern;
///
/// let glob = Pattern::glob("h.*.c_proj.weight")?;
/// assert!(glob.matches("h.11.mlp.c_proj.weight"));
/// assert!(!glob.matches("h.11.mlp.c_proj.weight_scale"));
///
/// let regex = Pattern::regex(r"h\.(0|11)\..*")?;
/// assert!(regex.matches("h.11.mlp.c_fc.bias") && !regex.matches("h.1.mlp.c_fc.bias"));
/// # Ok::<(), init_model::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    matcher: Matcher,
}

#[derive(Clone, Debug)]
enum Matcher {
    Glob(GlobSet),
    Regex(Regex),
}

impl Pattern {
    /// A glob.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if it is empty, longer than 1024 bytes, nested too deeply or no glob, such as `h.[0-9.weight`.
    pub fn glob(text: &str) -> Result<Self, PatternError> {
        let fault = |reason: String| PatternError { pattern: text.to_owned(), kind: PatternKind::Glob, reason };
        check(text).map_err(fault)?;
        let glob = GlobBuilder::new(text)
            .literal_separator(false)
            .backslash_escape(true)
            .empty_alternates(true)
            .build()
            .map_err(|error| fault(error.kind().to_string()))?;
        // As a set of one: `Glob::compile_matcher` panics where this gives an error.
        let matcher = GlobSet::new([glob]).map_err(|_| fault("its braces are nested too deeply".to_owned()))?;
        Ok(Self { text: text.to_owned(), matcher: Matcher::Glob(matcher) })
    }

    /// A regular expression for the whole name.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if it is empty, longer than 1024 bytes, too large once compiled or no regular expression.
    pub fn regex(text: &str) -> Result<Self, PatternError> {
        let fault = |reason: String| PatternError { pattern: text.to_owned(), kind: PatternKind::Regex, reason };
        check(text).map_err(fault)?;
        let compile = |text: &str| RegexBuilder::new(text).size_limit(COMPILED).build();
        // Alone first: `a)|(b` would close the group that anchors it. The line ends what `(?x)` takes for a remark.
        let anchored = if text.contains("(?x") { format!("^(?:{text}\n)$") } else { format!("^(?:{text})$") };
        let regex = compile(text).and_then(|_| compile(&anchored));
        let matcher = regex.map_err(|error| fault(reason(&error)))?;
        Ok(Self { text: text.to_owned(), matcher: Matcher::Regex(matcher) })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole name matches.
    pub fn matches(&self, name: &str) -> bool {
        match &self.matcher {
            Matcher::Glob(globs) => globs.is_match(name),
            Matcher::Regex(regex) => regex.is_match(name),
        }
    }
}

fn check(text: &str) -> Result<(), String> {
    match text.len() {
        0 => Err("it is empty".to_owned()),
        bytes if bytes > LONGEST => Err(format!("it has {bytes} bytes, and at most {LONGEST} are read")),
        _ => Ok(()),
    }
}

/// The last line of what `regex` says: those before it draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Which language a pattern is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum PatternKind {
    Glob,
    Regex,
}

impl PatternKind {
    fn remedy(self) -> &'static str {
        match self {
            Self::Glob => "use *, ?, [0-9] and {a,b} on the whole name, such as `*.weight`",
            Self::Regex => r"use a regular expression for the whole name, such as `h\.\d+\.ln_.*`",
        }
    }
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no pattern: {reason}; {}", shown(.pattern), kind.remedy())]
pub struct PatternError {
    /// The pattern as given.
    pub pattern: String,
    /// What it should be.
    pub kind: PatternKind,
    /// What is wrong with it.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_expression_is_for_the_whole_name() {
        let matches = |text: &str, name: &str| Pattern::regex(text).unwrap().matches(name);
        assert!(matches("a|b", "a") && matches("a|b", "b") && !matches("a|b", "ab"));
        assert!(!matches("eight", "weight") && matches(".*eight", "weight"));
        assert!(!matches("a", "a\n") && matches("^a$", "a"));
        assert!(matches("(?x) a # the first", "a"));
    }

    #[test]
    fn an_alternative_may_be_empty() {
        let glob = Pattern::glob("layernorm{,_after}.weight").unwrap();
        assert!(glob.matches("layernorm.weight") && glob.matches("layernorm_after.weight"));
        assert!(!glob.matches("layernorm_before.weight"));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_reason() {
        for (text, words) in [
            ("", "empty"),
            ("a)|(b", "unopened group"),
            ("(", "unclosed group"),
            (r"\p{Nothing}", "Unicode property not found"),
            ("((((a{99}){99}){99}){99})", "size limit"),
        ] {
            let message = Pattern::regex(text).unwrap_err().to_string();
            assert!(message.contains(words) && message.lines().count() == 1, "{text}: {message}");
        }
        assert!(Pattern::regex(&"a".repeat(LONGEST + 1)).is_err());
        assert!(Pattern::glob("h.[0-9.weight").is_err());
    }
}
