//! The report as a page for a browser.

use std::path::{Path, PathBuf};

use init_model::Replacement;

use crate::failure::Outcome;

const PAGE: &str = include_str!("../../report/page.html");
const STYLE: &str = include_str!("../../report/page.css");
const SCRIPT: &str = include_str!("../../report/page.js");

/// Parses the name of a page, for clap.
pub(super) fn parse_page(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => Ok(path),
        _ => Err("must end in .html".to_owned()),
    }
}

/// Writes the page of a listing in JSON, atomically.
pub(super) fn write(path: &Path, title: &str, listing: &str) -> Outcome {
    Ok(Replacement::write(path, filled(title, listing).as_bytes())?)
}

/// Returns the page with its parts. Each marker is replaced once, so that no part is taken for a
/// marker.
fn filled(title: &str, listing: &str) -> String {
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + listing.len() + listing.len() / 16);
    let mut rest = PAGE;
    let parts = [
        ("{{title}}", escaped(title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{data}}", inert(listing)),
        ("{{script}}", SCRIPT.to_owned()),
    ];
    for (marker, part) in parts {
        let (before, after) = rest.split_once(marker).unwrap_or((rest, ""));
        page += before;
        page += &part;
        rest = after;
    }
    page + rest
}

/// Escapes text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes JSON so that it cannot end its element: `<` occurs only in strings, where it can be
/// escaped.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_the_data_or_the_title() {
        let page = filled("</title><b>&", r#"{"name":"</script><script>{{script}}<!--"}"#);
        assert!(page.contains("<title>&lt;/title&gt;&lt;b&gt;&amp;"));
        assert!(page.contains(r#"{"name":"\u003c/script>\u003cscript>{{script}}\u003c!--"}"#));
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(page.trim_end().ends_with("</html>") && !page.contains("{{data}}"));
    }

    #[test]
    fn a_page_makes_no_network_requests() {
        for part in [PAGE, STYLE, SCRIPT] {
            for word in ["src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "eval("] {
                assert!(!part.contains(word), "{word}");
            }
            // The namespace of SVG, which is never requested.
            assert!(part.replace("http://www.w3.org/2000/svg", "").matches("//www").count() == 0);
        }
    }
}
