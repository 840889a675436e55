//! The order of names as people count: `h.2` before `h.10`.

use std::cmp::Ordering;

/// Compares texts piece by piece, runs of digits by their number.
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
    // One is the other's beginning, or they differ in leading zeros.
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// What orders digits by their number, however many there are.
fn number(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_counted() {
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
