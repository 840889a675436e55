//! The division of a model into several files.

use std::path::{Path, PathBuf};

use crate::plan::{entry::Entry, plan::Plan};

/// One file of a model.
pub(super) struct Piece {
    pub(super) path: PathBuf,
    /// The plan of the parameters in it.
    pub(super) plan: Plan,
}

/// Divides a plan into files: parameters in their order, as many per file as `shard_bytes` allows,
/// and at least one.
pub(super) fn pieces(path: &Path, plan: &Plan, shard_bytes: Option<u64>) -> Vec<Piece> {
    let mut groups: Vec<Vec<Entry>> = vec![Vec::new()];
    let mut bytes = 0;
    for entry in plan.entries() {
        let last = groups.last_mut().expect("there is one");
        if !last.is_empty() && shard_bytes.is_some_and(|maximum| bytes + entry.bytes() > maximum) {
            groups.push(vec![entry.clone()]);
            bytes = entry.bytes();
        } else {
            last.push(entry.clone());
            bytes += entry.bytes();
        }
    }
    let count = groups.len();
    let pieces = groups.into_iter().enumerate().map(|(number, entries)| Piece {
        path: if count == 1 { path.to_owned() } else { named(path, &format!("-{:05}-of-{count:05}", number + 1)) },
        plan: plan.with_entries(entries),
    });
    pieces.collect()
}

/// Returns the path of a numbered file: `folder/model.safetensors` →
/// `folder/model-00001-of-00003.safetensors`.
fn named(path: &Path, number: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(number);
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::recipe::Recipe;

    #[test]
    fn parameters_fill_files_in_their_order() {
        let text = "[parameters]\na = [10]\nb = [10]\nc = [100]\nd = [5]\ne = [5]\nf = [20]\n\
                    [[rule]]\nmatch = \"*\"\ninit = \"ones\"";
        let plan = Recipe::parse(text, "plan").unwrap().plan().unwrap();
        let names = |bytes| {
            let pieces = pieces(Path::new("m/model.safetensors"), &plan, bytes);
            let each = pieces.iter().map(|piece| {
                let names = piece.plan.entries().iter().map(|entry| entry.name.as_str()).collect::<String>();
                (piece.path.display().to_string(), names)
            });
            each.collect::<Vec<_>>()
        };
        assert_eq!(names(None), [("m/model.safetensors".to_owned(), "abcdef".to_owned())]);
        assert_eq!(names(Some(1000)), names(None));
        let [first, second, third, fourth] =
            [1, 2, 3, 4].map(|number| format!("m/model-0000{number}-of-00004.safetensors"));
        let expected = [(first, "ab"), (second, "c"), (third, "de"), (fourth, "f")];
        assert_eq!(names(Some(80)), expected.map(|(path, names)| (path, names.to_owned())));
        assert_eq!(names(Some(1)).len(), 6);
    }
}
