//! Excerpts of a user's text for error messages.

use init_core::text::shorten;

/// The longest excerpt of a recipe or a file in a message, in characters; names are rarely longer.
const MAX_CHARS: usize = 200;

/// Returns a name as a message prints it: control characters are escaped so that it stays on its
/// line, and a long text is cut.
pub(crate) fn excerpt(text: &str) -> String {
    shorten(text, MAX_CHARS)
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
}
