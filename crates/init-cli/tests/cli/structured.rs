//! Structured initializers in whole models.

use std::fs;

use init_core::{Initializer, Layout, Shape};
use init_kernels::{Stream, fill};
use tempfile::tempdir;

use crate::{fanin, same_at_every_level_and_thread_count, tensors, works};

/// Names, shapes and initializers. The orthogonal and the sparse tensor are larger than one task.
const PARAMETERS: [(&str, &[usize], &str); 14] = [
    ("orthogonal", &[700, 520], "orthogonal(gain=1.5)"),
    ("orthogonal.conv", &[12, 5, 3, 3], "orthogonal"),
    ("delta", &[70, 66, 3, 3], "delta_orthogonal"),
    ("sparse", &[600, 500], "sparse(sparsity=0.9)"),
    ("eye", &[300, 1000], "eye"),
    ("dirac", &[16, 8, 3, 3], "dirac(groups=2)"),
    ("padded", &[30, 100], "padded_identity"),
    ("hadamard", &[33, 20, 3], "hadamard"),
    ("bilinear", &[8, 8, 4, 4], "bilinear"),
    ("icnr", &[36, 4, 3, 3], "icnr(r=3)"),
    ("stft", &[64, 1, 33], "stft"),
    ("embedding", &[100, 16], "embedding(padding_idx=3)"),
    ("gates", &[80], "gate_bias"),
    ("chrono", &[80], "chrono(longest=100)"),
];

fn recipe(dtype: &str) -> String {
    let shape = |(name, shape, _): &(&str, &[usize], &str)| format!("\"{name}\" = {shape:?}\n");
    let rule = |(name, _, init): &(&str, &[usize], &str)| format!("[[rule]]\nmatch = \"{name}\"\ninit = \"{init}\"\n");
    let shapes: String = PARAMETERS.iter().map(shape).collect();
    let rules: String = PARAMETERS.iter().map(rule).collect();
    format!("seed = 9\ndtype = \"{dtype}\"\n[parameters]\n{shapes}\n{rules}")
}

#[test]
fn a_model_of_structured_parameters_equals_the_fills_of_the_library() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("r.toml"), recipe("f32")).unwrap();
    works(folder.path(), ["init", "--force", "r.toml", "-o", "m.safetensors"]);
    let found = tensors(&fs::read(folder.path().join("m.safetensors")).unwrap());
    assert_eq!(found.len(), PARAMETERS.len());
    for (name, shape, init) in PARAMETERS {
        let shape = Shape::new(shape.to_vec()).unwrap();
        let resolved = init.parse::<Initializer>().unwrap().resolve(&shape, &Layout::Torch).unwrap();
        let mut values = vec![0_f32; shape.numel() as usize];
        fill(&mut values, &resolved, Stream::new(9).child(name)).unwrap();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(found[name] == bytes, "{name}");
        assert!(values.iter().any(|&value| value != 0.0), "{name}");
    }
}

#[test]
fn its_bytes_do_not_depend_on_threads_or_level() {
    let folder = tempdir().unwrap();
    for dtype in ["f32", "f64", "bf16", "f16"] {
        fs::write(folder.path().join("r.toml"), recipe(dtype)).unwrap();
        same_at_every_level_and_thread_count(folder.path(), &["r.toml"]);
    }
}

#[test]
fn plan_and_inspect_name_the_structure() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("r.toml"), recipe("bf16")).unwrap();
    let plan = works(folder.path(), ["init", "--force", "r.toml", "--dry-run"]);
    assert!(plan.text().contains("orthogonal(rows=700, cols=520, gain=1.5)"), "{}", plan.text());
    works(folder.path(), ["init", "-q", "--force", "r.toml", "-o", "m.safetensors"]);
    let table = works(folder.path(), ["inspect", "m.safetensors", "--recipe", "r.toml"]);
    assert!(table.text().contains("delta"), "{}", table.text());
    let page = works(folder.path(), ["inspect", "m.safetensors", "--recipe", "r.toml", "--tensor", "eye"]);
    assert!(page.text().contains("max"), "{}", page.text());
}

#[test]
fn structures_that_do_not_fit_the_shape_are_refused() {
    let folder = tempdir().unwrap();
    for (shape, init, word) in [
        ("[3, 5, 3]", "delta_orthogonal", "`w`"),
        ("[9, 2, 3]", "dirac(groups=2)", "`w`"),
        ("[9]", "orthogonal", "`w`"),
    ] {
        let recipe = format!("[parameters]\nw = {shape}\n[[rule]]\nmatch = \"w\"\ninit = \"{init}\"\n");
        fs::write(folder.path().join("r.toml"), recipe).unwrap();
        let mut command = fanin(folder.path());
        let code = 2;
        crate::refused(
            command.args(["init", "--force", "r.toml", "-o", "m.safetensors"]),
            folder.path(),
            code,
            &[word],
        );
    }
}
