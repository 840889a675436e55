//! Words in messages: quoting what was given, naming what is possible, guessing what was meant.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The longest piece of the caller's text that a message repeats, in characters.
const QUOTED: usize = 40;

/// A word that is in none of the tables: a mode, a nonlinearity, a layout, a dtype.
///
/// The message names the word, what it should have been one of, and the nearest of them when one
/// is near.
///
/// ```
/// let error = "fan_inn".parse::<init_core::Mode>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown mode `fan_inn`: did you mean `fan_in`? \
///      possible are fan_in, fan_out, fan_avg, fan_geo_avg",
/// );
/// assert_eq!(error.suggestion(), Some("fan_in"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    what: &'static str,
    // Boxes, not a string and a list: errors that hold one stay small.
    word: Box<str>,
    possible: Box<[&'static str]>,
    remedy: Box<str>,
}

impl UnknownWord {
    pub(crate) fn new(what: &'static str, word: &str, possible: Vec<&'static str>) -> Self {
        Self { what, word: word.into(), possible: possible.into(), remedy: Box::default() }
    }

    /// Adds what would work beside the words of the table.
    pub(crate) fn with_remedy(self, remedy: String) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// What kind of word was expected: `mode`, `nonlinearity`, `layout`, …
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The word as it was given.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Every word that would have been accepted, in the order of the table.
    #[must_use]
    pub fn possible(&self) -> &[&'static str] {
        &self.possible
    }

    /// The accepted word nearest to the one given, if one is near.
    #[must_use]
    pub fn suggestion(&self) -> Option<&'static str> {
        nearest(&self.word, &self.possible)
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {}: ", self.what, quoted(&self.word))?;
        if let Some(near) = self.suggestion() {
            write!(f, "did you mean `{near}`? ")?;
        }
        write!(f, "possible are {}", self.possible.join(", "))?;
        match &*self.remedy {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
    }
}

impl core::error::Error for UnknownWord {}

/// Finds `word` in a table of names (aliases are rows of their own).
pub(crate) fn look_up<T: Copy>(what: &'static str, table: &[(&'static str, T)], word: &str) -> Result<T, UnknownWord> {
    table
        .iter()
        .find(|(name, _)| *name == word)
        .map(|&(_, value)| value)
        .ok_or_else(|| UnknownWord::new(what, word, table.iter().map(|&(name, _)| name).collect()))
}

/// The caller's text in backticks, made printable and cut, so that no input floods a terminal.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    out.extend(text.chars().take(QUOTED).flat_map(char::escape_debug));
    if text.chars().nth(QUOTED).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

/// The candidate that was most likely meant: at most a third of the letters differ, or the word
/// is the beginning of the candidate.
pub(crate) fn nearest(word: &str, candidates: &[&'static str]) -> Option<&'static str> {
    nearest_few(word, candidates).first().copied()
}

/// The same, and the next two that are near: the nearest first, those as near in the order given.
pub(crate) fn nearest_few(word: &str, candidates: &[&'static str]) -> Vec<&'static str> {
    let word: Vec<char> = word.chars().take(QUOTED).map(|c| c.to_ascii_lowercase()).collect();
    let allowed = 1.max(word.len() / 3);
    let distances = candidates.iter().map(|&candidate| (distance(&word, candidate), candidate));
    let mut near: Vec<_> = distances.filter(|&(distance, _)| distance <= allowed && distance < word.len()).collect();
    near.sort_by_key(|&(distance, _)| distance);
    let mut words: Vec<_> = near.into_iter().map(|(_, candidate)| candidate).collect();
    if words.is_empty() {
        let start: String = word.iter().collect();
        let starts = |candidate: &&str| start.len() >= 3 && candidate.starts_with(&start);
        words.extend(candidates.iter().copied().filter(starts));
    }
    words.truncate(3);
    words
}

/// Edit distance in which swapping two neighbours counts once (optimal string alignment).
fn distance(word: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=candidate.len()).collect();
    for (i, &a) in word.iter().enumerate() {
        let mut row = Vec::with_capacity(candidate.len() + 1);
        row.push(i + 1);
        for (j, &b) in candidate.iter().enumerate() {
            let replaced = previous[j] + usize::from(a != b);
            let mut best = replaced.min(previous[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == candidate[j - 1] && word[i - 1] == b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = core::mem::replace(&mut previous, row);
    }
    previous[candidate.len()]
}

/// An enum of words: its list, its names, and their reading and writing.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $what:literal, $count:literal, { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? } $($alias:literal = $target:ident),*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// All of them, in the order in which they are listed to people.
            pub const ALL: [Self; $count] = [$(Self::$variant),+];

            /// The name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.name())
            }
        }

        /// Reads a name or an alias.
        impl core::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::word::UnknownWord> {
                let table = [$(($word, Self::$variant),)+ $(($alias, Self::$target),)*];
                $crate::word::look_up($what, &table, word)
            }
        }
    };
}
pub(crate) use words;

/// A number as the text form writes it: the shortest digits that read back to the same `f64`,
/// without a trailing `.0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug goes over to an exponent for very large and small numbers, Display never does.
        let digits = alloc::format!("{:?}", self.0);
        f.write_str(digits.strip_suffix(".0").unwrap_or(&digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_read_back() {
        for x in [0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
            let text = Number(x).to_string();
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(x.to_bits()), "{text}");
            assert!(text.len() < 26, "{text}");
        }
        assert_eq!(Number(2.0).to_string(), "2");
        assert_eq!(Number(-0.02).to_string(), "-0.02");
    }

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["xavier_uniform", "xavier_normal", "zeros", "ones"];
        assert_eq!(nearest("xavier_unifrom", &words), Some("xavier_uniform"));
        assert_eq!(nearest("Xavier-Normal", &words), Some("xavier_normal"));
        assert_eq!(nearest("zero", &words), Some("zeros"));
        assert_eq!(nearest("xav", &words), Some("xavier_uniform"));
        assert_eq!(nearest_few("xav", &words), ["xavier_uniform", "xavier_normal"]);
        assert_eq!(nearest_few("onos", &["zeros", "ones", "ons", "onus"]), ["ones", "ons", "onus"]);
        assert_eq!(nearest("softmax", &words), None);
        assert_eq!(nearest("", &words), None);
        assert_eq!(nearest("x", &words), None);
    }

    #[test]
    fn quoting_cuts_and_escapes() {
        assert_eq!(quoted("relu"), "`relu`");
        assert_eq!(quoted("a\u{1b}[31m\n"), "`a\\u{1b}[31m\\n`");
        assert_eq!(quoted(&"é".repeat(100)).chars().count(), QUOTED + 3);
    }
}
