//! Natural order of names: `h.2` before `h.10`.

use std::cmp::Ordering;

/// Compares two texts character by character, runs of digits by their value.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (a, b);
            (a, left) = digits(left);
            (b, right) = digits(right);
            number(a).cmp(&number(b))
        } else {
            (left, right) = (&left[x.len_utf8()..], &right[y.len_utf8()..]);
            x.cmp(&y)
        };
        if order.is_ne() {
            return order;
        }
    }
    // One is a prefix of the other, or they differ in leading zeros.
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Splits the digits at the start of a text from the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Returns a key that orders digits by their value, however many there are.
fn number(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_by_value() {
        let sorted =
            ["", "a", "a.02", "a.2", "a.2.b", "a.10", "a.10.b", "a10", "b", "é.9", "é.99999999999999999999999"];
        for (index, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(natural(a, b).is_eq(), index == other, "{a} {b}");
            }
        }
        let mut names = sorted.to_vec();
        names.reverse();
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names[2..],
            ["a.02", "a.2", "a.2.b", "a.10", "a.10.b", "a10", "b", "é.9", "é.99999999999999999999999"]
        );
    }
}
