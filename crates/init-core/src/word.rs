//! Words in messages: showing what was given, naming what is accepted, guessing what was meant.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

/// The maximum length of the caller's text that a message repeats, in characters.
const QUOTED: usize = 40;

/// The error for a word that is in none of the tables: a mode, a nonlinearity, a layout, a dtype.
///
/// The message names the word, the words that are accepted, and the nearest of them if one is near.
///
/// ```
/// let error = "fan_inn".parse::<init_core::Mode>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown mode `fan_inn`: did you mean `fan_in`? \
///      expected one of fan_in, fan_out, fan_avg, fan_geo_avg",
/// );
/// assert_eq!(error.suggestion(), Some("fan_in"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    what: &'static str,
    // Boxes, not a string and a list: errors that contain one stay small.
    word: Box<str>,
    possible: Box<[&'static str]>,
    suggestion: Option<&'static str>,
    remedy: Box<str>,
}

impl UnknownWord {
    fn new(what: &'static str, word: &str, possible: Vec<&'static str>, suggestion: Option<&'static str>) -> Self {
        Self { what, word: word.into(), possible: possible.into(), suggestion, remedy: Box::default() }
    }

    /// Adds what would work in addition to the words of the table.
    pub(crate) fn with_remedy(self, remedy: String) -> Self {
        Self { remedy: remedy.into(), ..self }
    }

    /// Returns the kind of word that was expected: `mode`, `nonlinearity`, `layout`, …
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Returns the word as it was given.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Returns the words that would have been accepted, without aliases, in the order of the table.
    #[must_use]
    pub fn possible(&self) -> &[&'static str] {
        &self.possible
    }

    /// Returns the accepted word nearest to the one given, if one is near.
    #[must_use]
    pub fn suggestion(&self) -> Option<&'static str> {
        self.suggestion
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {}: ", self.what, quoted(&self.word))?;
        if let Some(near) = self.suggestion {
            write!(f, "did you mean `{near}`? ")?;
        }
        write!(f, "expected one of {}", self.possible.join(", "))?;
        match &*self.remedy {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
    }
}

impl core::error::Error for UnknownWord {}

/// Finds `word` in a table of names, and in one of aliases, which errors do not list.
///
/// Case does not matter, and in a word with capitals neither do underscores; a module before the
/// name is dropped: PyTorch writes `ReLU`, `nn.LeakyReLU` and `torch.float32`.
pub(crate) fn look_up<T: Copy>(
    what: &'static str,
    names: &[(&'static str, T)],
    aliases: &[(&'static str, T)],
    word: &str,
) -> Result<T, UnknownWord> {
    let table = || names.iter().chain(aliases);
    let bare = ["torch.nn.", "torch.", "nn."].iter().find_map(|module| word.strip_prefix(module)).unwrap_or(word);
    let capitals = bare.contains(|c: char| c.is_ascii_uppercase());
    let found = table()
        .find(|(name, _)| *name == bare)
        .or_else(|| table().find(|(name, _)| capitals && same_letters(name, bare)));
    found.map(|&(_, value)| value).ok_or_else(|| {
        let list = |table: &[(&'static str, T)]| table.iter().map(|&(name, _)| name).collect::<Vec<_>>();
        let possible = list(names);
        let suggestion = nearest(word, &possible).or_else(|| nearest(word, &list(aliases)));
        UnknownWord::new(what, word, possible, suggestion)
    })
}

/// Returns whether two words differ in case, underscores and hyphens at most.
fn same_letters(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(a) == letters(b)
}

/// Returns at most `max` characters of the caller's text for a message: what does not print is
/// escaped, so that it stays on its line, and `…` replaces the rest, so that no input floods a
/// terminal.
///
/// ```
/// use init_core::text::shorten;
///
/// assert_eq!(shorten("fc.weight", 40), "fc.weight");
/// assert_eq!(shorten("a\n\u{1b}[31m", 40), "a\\n\\u{1b}[31m");
/// assert_eq!(shorten("transformer.h.0", 8), "transfor…");
/// ```
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(max) {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(max).is_some() {
        out.push('…');
    }
    out
}

/// Returns the caller's text in backticks, shortened.
pub(crate) fn quoted(text: &str) -> String {
    alloc::format!("`{}`", shorten(text, QUOTED))
}

/// Returns the candidate that was most likely meant: at most a third of the letters differ, or the
/// word is the beginning of the candidate.
///
/// ```
/// use init_core::text::nearest;
///
/// assert_eq!(nearest("GPT2", &["gpt2", "bert-base"]), Some("gpt2"));
/// assert_eq!(nearest("resnet", &["gpt2", "bert-base"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    nearest_few(word, candidates).first().copied()
}

/// Returns the nearest candidate and the next two that are near, nearest first; equally near ones
/// keep their order.
///
/// ```
/// use init_core::text::nearest_few;
///
/// assert_eq!(nearest_few("xavier_nor", &["xavier_uniform", "xavier_normal"]), ["xavier_normal"]);
/// ```
#[must_use]
pub fn nearest_few<'a>(word: &str, candidates: &[&'a str]) -> Vec<&'a str> {
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

/// Returns the edit distance in which swapping two neighbours counts once (optimal string
/// alignment).
fn distance(word: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
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

/// Defines an enum of words: its list, its names, and how they are printed and parsed.
///
/// Aliases follow the variants: `"swish" = Silu`.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $name:ident, $what:literal, {
            $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?
        } $($alias:literal = $target:ident),* $(,)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every one, in the order in which they are listed.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Returns the name.
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

        /// Parses a name or an alias.
        impl core::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::word::UnknownWord> {
                $crate::word::look_up($what, &[$(($word, Self::$variant)),+], &[$(($alias, Self::$target)),*], word)
            }
        }
    };
}
pub(crate) use words;

/// A number as the text form prints it: the shortest digits that parse to the same `f64`, without a
/// trailing `.0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug switches to an exponent for very large and small numbers, Display never does.
        let digits = alloc::format!("{:?}", self.0);
        f.write_str(digits.strip_suffix(".0").unwrap_or(&digits))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn numbers_parse_back_to_the_bit() {
        for x in [0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
            let text = Number(x).to_string();
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(x.to_bits()), "{text}");
            assert!(text.len() < 26, "{text}");
        }
        assert_eq!(Number(2.0).to_string(), "2");
        assert_eq!(Number(-0.02).to_string(), "-0.02");
    }

    #[test]
    fn the_nearest_word_is_suggested() {
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
    fn quoting_shortens_and_escapes() {
        assert_eq!(quoted("relu"), "`relu`");
        assert_eq!(quoted("a\u{1b}[31m\n"), "`a\\u{1b}[31m\\n`");
        assert_eq!(quoted(&"é".repeat(100)).chars().count(), QUOTED + 3);
    }
}
