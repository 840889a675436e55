//! Groups of tensors of one kind, such as a weight of each layer, by depth.

use std::collections::HashMap;

/// Tensors whose names differ only in their numbers: `h.*.attn.c_attn.weight`.
#[derive(Debug, PartialEq)]
pub(crate) struct Group {
    /// The name with a `*` for each component that is a number.
    pub(crate) name: String,
    /// The depth of each tensor, which is the first such number, and its index in the names.
    pub(crate) members: Vec<(u64, usize)>,
}

/// Returns the groups that span at least two depths, in the order of their first names, each sorted
/// by depth.
pub(crate) fn groups<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut indices: HashMap<String, usize> = HashMap::new();
    for (index, name) in names.into_iter().enumerate() {
        let Some((name, depth)) = kind(name) else { continue };
        let position = *indices.entry(name).or_insert_with_key(|name| {
            groups.push(Group { name: name.clone(), members: Vec::new() });
            groups.len() - 1
        });
        groups[position].members.push((depth, index));
    }
    for group in &mut groups {
        group.members.sort_unstable();
    }
    groups.retain(|group| group.members[0].0 != group.members[group.members.len() - 1].0);
    groups
}

/// Returns the name with `*` for its numbers, and the first of them; `None` if there is none, or it
/// is too large for a depth.
fn kind(name: &str) -> Option<(String, u64)> {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let depth: u32 = name.split('.').find(|word| is_number(word))?.parse().ok()?;
    let words: Vec<_> = name.split('.').map(|word| if is_number(word) { "*" } else { word }).collect();
    Some((words.join("."), u64::from(depth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_of_one_kind_are_grouped_and_sorted_by_depth() {
        let names = ["wte", "h.10.w", "h.10.b", "h.2.w", "h.2.b", "head.3.w", "h.2.e.1.w", "h.3.e.0.w", "h.2.e.0.w"];
        let group = |name: &str, members: &[(u64, usize)]| Group { name: name.to_owned(), members: members.to_vec() };
        let expected = [
            group("h.*.w", &[(2, 3), (10, 1)]),
            group("h.*.b", &[(2, 4), (10, 2)]),
            group("h.*.e.*.w", &[(2, 6), (2, 8), (3, 7)]),
        ];
        assert_eq!(groups(names), expected);
        assert_eq!(groups(["a", "1.w", "99999999999999999999.w", "5000000000.w", "a.1x.b", "a.2x.b"]), []);
    }
}
