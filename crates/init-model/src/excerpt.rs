//! Excerpts of a user's text for error messages.

/// The longest excerpt of a recipe or a file in a message, in characters; names are rarely longer.
const MAX_CHARS: usize = 200;

/// Returns a name as a message prints it: control characters are escaped so that it stays on its
/// line, and a long text is cut.
pub(crate) fn excerpt(text: &str) -> String {
    excerpt_of(text, MAX_CHARS)
}

/// Returns the same of at most `maximum` characters.
pub(crate) fn excerpt_of(text: &str, maximum: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(maximum) {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(maximum).is_some() {
        out.push('…');
    }
    out
}

/// Returns the candidate that was most likely meant: at most a third of the letters differ.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(MAX_CHARS).map(|c| c.to_ascii_lowercase()).collect();
    let allowed = 1.max(word.len() / 3);
    let near = candidates.into_iter().map(|candidate| (distance(&word, candidate), candidate));
    near.filter(|&(distance, _)| distance <= allowed && distance < word.len())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the Levenshtein distance: insertions, deletions and replacements.
fn distance(word: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut previous: Vec<usize> = (0..=candidate.len()).collect();
    for (i, a) in word.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in candidate.iter().enumerate() {
            let replaced = previous[j] + usize::from(a != b);
            row.push(replaced.min(previous[j + 1] + 1).min(row[j] + 1));
        }
        previous = row;
    }
    previous[candidate.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_one_line() {
        for plain in ["fc.weight", "\"x.y\"", "layers\\[0\\]", "слой"] {
            assert_eq!(excerpt(plain), plain);
        }
        assert_eq!(excerpt("a\n\u{1b}[31m"), "a\\n\\u{1b}[31m");
        assert_eq!(excerpt(&"é".repeat(1000)), "é".repeat(MAX_CHARS) + "…");
    }

    #[test]
    fn the_nearest_candidate_is_suggested() {
        let keys = ["seed", "dtype", "layout", "skip"];
        assert_eq!(nearest("sede", keys), None);
        assert_eq!(nearest("sead", keys), Some("seed"));
        assert_eq!(nearest("Dtypes", keys), Some("dtype"));
        assert_eq!(nearest("x", keys), None);
    }
}
