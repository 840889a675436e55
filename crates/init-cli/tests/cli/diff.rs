//! `fanin diff`: which tensors of two files differ, and by how much.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::{Run, fanin, refused, works};

/// A tensor as in a safetensors file: name, type, shape, bytes.
type Tensor<'a> = (&'a str, &'a str, &'a [usize], Vec<u8>);

fn write(path: &Path, tensors: &[Tensor<'_>]) {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, dtype, shape, bytes) in tensors {
        let begin = data.len();
        data.extend(bytes);
        let row = serde_json::json!({"dtype": dtype, "shape": shape, "data_offsets": [begin, data.len()]});
        header.insert((*name).to_owned(), row);
    }
    let header = Value::Object(header).to_string();
    fs::write(path, [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()).unwrap();
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn pair(before: &[Tensor<'_>], after: &[Tensor<'_>]) -> TempDir {
    let folder = tempdir().unwrap();
    write(&folder.path().join("a.safetensors"), before);
    write(&folder.path().join("b.safetensors"), after);
    folder
}

fn json(folder: &Path, options: &[&str]) -> Value {
    let run = works(folder, [&["diff", "a.safetensors", "b.safetensors", "--json"], options].concat());
    serde_json::from_slice(&run.out).unwrap()
}

fn row<'a>(found: &'a Value, name: &str) -> &'a Value {
    found["tensors"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn changes_agree_with_their_definition() {
    // A tensor of three chunks, with changes in the first and the last.
    let before: Vec<f32> = (0..600_000).map(|i| ((i % 1000 * 7919) % 1000) as f32 * 1e-3 - 0.5).collect();
    let mut after = before.clone();
    for at in [0, 1, 262_144, 599_999] {
        after[at] += 0.25;
    }
    after[300_000] -= 3.0;
    let folder = pair(
        &[("w", "F32", &[600, 1000], f32s(&before)), ("same", "F32", &[2], f32s(&[1.0, 2.0]))],
        &[("same", "F32", &[2], f32s(&[1.0, 2.0])), ("w", "F32", &[600, 1000], f32s(&after))],
    );
    let found = json(folder.path(), &[]);
    for threads in ["1", "2", "7"] {
        assert_eq!(json(folder.path(), &["--threads", threads]), found, "{threads}");
    }
    assert_eq!((&found["same"], &row(&found, "same")["equal"]), (&false.into(), &true.into()));
    let row = row(&found, "w");
    let changes = before.iter().zip(&after).map(|(&a, &b)| f64::from(b) - f64::from(a));
    let squares: f64 = changes.clone().map(|change| change * change).sum();
    let sizes: f64 = before.iter().map(|&a| f64::from(a) * f64::from(a)).sum();
    assert_eq!((&row["equal"], &row["differing"], &row["not_finite"]), (&false.into(), &5.into(), &0.into()));
    assert_eq!(row["max"].as_f64().unwrap(), changes.map(f64::abs).fold(0.0, f64::max));
    let close = |found: &Value, expected: f64| (found.as_f64().unwrap() / expected - 1.0).abs() < 1e-12;
    assert!(close(&row["rms"], (squares / 600_000.0).sqrt()), "{row}");
    assert!(close(&row["rms_a"], (sizes / 600_000.0).sqrt()), "{row}");
    assert!(close(&row["relative"], (squares / sizes).sqrt()), "{row}");

    let run = works(folder.path(), ["diff", "a.safetensors", "b.safetensors"]);
    let line = run.text().lines().find(|line| line.trim_start().starts_with("w ")).unwrap();
    for word in ["[600, 1000]", "f32", "600,000", " 5 ", " 3 "] {
        assert!(line.contains(word), "no `{word}` in {line}");
    }
    assert!(!run.text().lines().any(|line| line.trim_start().starts_with("same ")), "{}", run.text());
    assert_eq!(run.text().lines().last().unwrap(), "1 of 2 common tensors differ, 1 is equal, bit for bit");
}

#[test]
fn tensors_of_one_file_only_and_changed_shapes_and_types() {
    let bf16: Vec<u8> =
        [1.0f32, 2.0, -3.0].iter().flat_map(|value| half::bf16::from_f32(*value).to_le_bytes()).collect();
    let folder = pair(
        &[
            ("old", "F32", &[1], f32s(&[1.0])),
            ("shape", "F32", &[2, 1], f32s(&[1.0, 2.0])),
            ("dtype", "F32", &[3], f32s(&[1.0, 2.5, -3.0])),
            ("steps", "I64", &[2], [7i64, 8].iter().flat_map(|n| n.to_le_bytes()).collect()),
            ("kind", "I64", &[1], vec![0; 8]),
            ("empty", "F32", &[0, 3], vec![]),
            ("nan", "F32", &[3], f32s(&[f32::NAN, 1.0, 1.0])),
            ("zero", "F32", &[2], f32s(&[0.0, 0.0])),
        ],
        &[
            ("shape", "F32", &[1, 2], f32s(&[1.0, 2.0])),
            ("dtype", "BF16", &[3], bf16),
            ("steps", "I64", &[2], [7i64, 9].iter().flat_map(|n| n.to_le_bytes()).collect()),
            ("kind", "F32", &[1], vec![0; 4]),
            ("empty", "F32", &[0, 3], vec![]),
            ("nan", "F32", &[3], f32s(&[f32::NAN, f32::INFINITY, 1.5])),
            ("zero", "F32", &[2], f32s(&[0.0, -0.0])),
            ("new", "F32", &[1], f32s(&[1.0])),
        ],
    );
    let found = json(folder.path(), &[]);
    assert_eq!((&found["only_a"], &found["only_b"]), (&serde_json::json!(["old"]), &serde_json::json!(["new"])));
    let of = |name: &str| row(&found, name);
    assert_eq!(of("shape")["shape"], serde_json::json!([[2, 1], [1, 2]]));
    assert!(of("shape")["differing"].is_null() && of("shape")["max"].is_null());
    assert_eq!(of("dtype")["dtype"], serde_json::json!(["f32", "bf16"]));
    assert_eq!((&of("dtype")["differing"], &of("dtype")["max"]), (&1.into(), &0.5.into()));
    assert_eq!((&of("steps")["differing"], of("steps")["max"].is_null()), (&1.into(), true));
    assert!(of("kind")["differing"].is_null());
    assert_eq!((&of("empty")["equal"], &of("empty")["differing"]), (&true.into(), &0.into()));
    assert_eq!(
        (&of("nan")["differing"], &of("nan")["not_finite"], &of("nan")["max"]),
        (&2.into(), &2.into(), &0.5.into())
    );
    // A zero of another sign: its bits differ, its value does not; 0 / 0 is NaN.
    assert_eq!((&of("zero")["differing"], &of("zero")["max"]), (&1.into(), &0.0.into()));
    assert!(of("zero")["relative"].is_null());

    let run = works(folder.path(), ["diff", "a.safetensors", "b.safetensors"]);
    for line in [
        "old: [1] f32, only in a.safetensors",
        "new: [1] f32, only in b.safetensors",
        "shape: [2, 1] in A and [1, 2] in B",
        "kind: I64 in A and f32 in B, not compared",
        "nan: 2 pairs with NaN or infinity, excluded from the changes",
        "6 of 7 common tensors differ, 1 is equal, bit for bit; 2 are only in one file",
    ] {
        assert!(run.text().lines().any(|found| found == line), "no `{line}` in {}", run.text());
    }
    assert!(run.text().contains("f32 → bf16"), "{}", run.text());
}

#[test]
fn a_file_and_itself() {
    let folder = tempdir().unwrap();
    works(folder.path(), ["init", "--force", "--preset", "lenet-300-100", "-q", "-o", "a.safetensors"]);
    let run = works(folder.path(), ["diff", "a.safetensors", "a.safetensors"]);
    assert_eq!(run.text(), "0 of 6 common tensors differ, 6 are equal, bit for bit\n");
    let run = works(folder.path(), ["diff", "a.safetensors", "a.safetensors", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&run.out).unwrap()["same"], true);
}

#[test]
fn invalid_input_is_refused() {
    let folder = pair(&[("w", "F32", &[1], f32s(&[1.0]))], &[("w", "F32", &[1], f32s(&[1.0]))]);
    fs::write(folder.path().join("no.safetensors"), "none").unwrap();
    for (arguments, code, words) in [
        (&["a.safetensors"][..], 2, &["B.safetensors"][..]),
        (&["a.safetensors", "no.safetensors"], 2, &["no.safetensors", "formats that can be read"]),
        (&["no.safetensors", "a.safetensors"], 2, &["no.safetensors", "formats that can be read"]),
        (&["a.safetensors", "missing.safetensors"], 2, &["missing.safetensors"]),
        (&["a.safetensors", "."], 2, &["not a regular file"]),
        (&["a.safetensors", "b.safetensors", "c.safetensors"], 2, &["c.safetensors"]),
    ] {
        refused(fanin(folder.path()).arg("diff").args(arguments), folder.path(), code, words);
    }
    let run = Run::of(fanin(folder.path()).args(["diff", "a.safetensors", "b.safetensors"]));
    assert_eq!(run.code, Some(0));
}
