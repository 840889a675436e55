/// The longest piece of a recipe or of a file that a message repeats, in characters: names are seldom longer.
const SHOWN: usize = 200;

/// A name as a message shows it: what does not print is escaped, so that it stays on its line, and the end is cut.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(SHOWN) {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_one_line_of_their_own() {
        for plain in ["fc.weight", "\"x.y\"", "layers\\[0\\]", "слой"] {
            assert_eq!(shown(plain), plain);
        }
        assert_eq!(shown("a\n\u{1b}[31m"), "a\\n\\u{1b}[31m");
        assert_eq!(shown(&"é".repeat(1000)), "é".repeat(SHOWN) + "…");
    }
}
