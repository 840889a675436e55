//! Patterns of names: globs and regular expressions.

use globset::{GlobBuilder, GlobSet};
use regex::{Regex, RegexBuilder};

use crate::excerpt::excerpt;

/// The longest pattern that is accepted, in bytes. It bounds how deep braces and groups can nest.
const MAX_BYTES: usize = 1024;

/// The memory that a compiled regular expression may take, far more than meaningful ones of 1024
/// bytes need.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// A glob or a regular expression for whole names.
///
/// In a glob, `?` matches any one character, `*` any run of characters (including dots and
/// slashes), `[0-9]` one character of a set, `[!0-9]` one outside it, and `{a,b}` one of several
/// words (`{,a}`: `a` or nothing). `\` escapes the next character: `layers\[0\].weight`. `?` and
/// sets match single bytes, so that a letter outside ASCII needs to be spelled out or matched by
/// `*`.
///
/// Regular expressions are those of the `regex` crate, anchored at both ends.
///
/// ```
/// use init_model::recipe::Pattern;
///
/// let glob = Pattern::glob("h.*.c_proj.weight")?;
/// assert!(glob.matches("h.11.mlp.c_proj.weight"));
/// assert!(!glob.matches("h.11.mlp.c_proj.weight_scale"));
///
/// let regex = Pattern::regex(r"h\.(0|11)\..*")?;
/// assert!(regex.matches("h.11.mlp.c_fc.bias") && !regex.matches("h.1.mlp.c_fc.bias"));
/// # Ok::<(), init_model::recipe::PatternError>(())
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
    /// Parses a glob.
    ///
    /// # Errors
    ///
    /// Returns [`PatternError`] if it is empty, longer than 1024 bytes, nested too deeply, or not a
    /// glob (`h.[0-9.weight`).
    pub fn glob(text: &str) -> Result<Self, PatternError> {
        let fault = |reason: String| PatternError { pattern: text.to_owned(), kind: PatternKind::Glob, reason };
        check(text).map_err(fault)?;
        let glob = GlobBuilder::new(text)
            .literal_separator(false)
            .backslash_escape(true)
            .empty_alternates(true)
            .build()
            .map_err(|error| fault(error.kind().to_string()))?;
        // A set of one glob, since `Glob::compile_matcher` panics where this returns an error.
        let matcher = GlobSet::new([glob]).map_err(|_| fault("its braces are nested too deeply".to_owned()))?;
        Ok(Self { text: text.to_owned(), matcher: Matcher::Glob(matcher) })
    }

    /// Parses a regular expression for the whole name.
    ///
    /// # Errors
    ///
    /// Returns [`PatternError`] if it is empty, longer than 1024 bytes, too large once compiled, or
    /// not a regular expression.
    pub fn regex(text: &str) -> Result<Self, PatternError> {
        let fault = |reason: String| PatternError { pattern: text.to_owned(), kind: PatternKind::Regex, reason };
        check(text).map_err(fault)?;
        let compile = |text: &str| RegexBuilder::new(text).size_limit(MAX_COMPILED_BYTES).build();
        // Compiled without anchors first, since `a)|(b` would close the anchoring group. The
        // newline ends a comment of `(?x)`.
        let anchored = if text.contains("(?x") { format!("^(?:{text}\n)$") } else { format!("^(?:{text})$") };
        let regex = compile(text).and_then(|_| compile(&anchored));
        let matcher = regex.map_err(|error| fault(reason(&error)))?;
        Ok(Self { text: text.to_owned(), matcher: Matcher::Regex(matcher) })
    }

    /// Returns the pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole name matches.
    #[must_use]
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
        bytes if bytes > MAX_BYTES => Err(format!("it has {bytes} bytes, and at most {MAX_BYTES} are accepted")),
        _ => Ok(()),
    }
}

/// Returns the last line of the message of `regex`; those before it show the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The language of a pattern.
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

/// A pattern that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a valid pattern: {reason}; {}", excerpt(.pattern), kind.remedy())]
pub struct PatternError {
    /// The pattern as given.
    pub pattern: String,
    /// Its language.
    pub kind: PatternKind,
    /// The reason.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_expression_matches_the_whole_name() {
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
    fn invalid_patterns_are_refused_with_the_reason() {
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
        assert!(Pattern::regex(&"a".repeat(MAX_BYTES + 1)).is_err());
        assert!(Pattern::glob("h.[0-9.weight").is_err());
    }
}
