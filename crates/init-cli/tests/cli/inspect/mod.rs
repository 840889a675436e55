//! `fanin inspect`: statistics of the tensors in a file.

mod drawn;
mod judged;

use std::fs;

use tempfile::{TempDir, tempdir};

use crate::{example, works};

fn linear() -> TempDir {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    works(folder.path(), ["init", "--force", recipe.to_str().unwrap(), "-o", "model.safetensors"]);
    folder
}

/// Changes one value of the weight.
fn spoil(folder: &TempDir, value: f32) {
    change(folder, |index, old| if index == 777 { value } else { old });
}

/// Changes the values of the weight, each by its index.
fn change(folder: &TempDir, new: impl Fn(usize, f32) -> f32) {
    let path = folder.path().join("model.safetensors");
    let header = init_model::Header::read(&path).unwrap();
    let weight = header.tensors().iter().find(|tensor| tensor.name == "fc.weight").unwrap();
    let mut file = fs::read(&path).unwrap();
    let range = weight.offset as usize..(weight.offset + weight.bytes) as usize;
    for (index, bytes) in file[range].chunks_exact_mut(4).enumerate() {
        let old = f32::from_le_bytes(bytes.try_into().unwrap());
        bytes.copy_from_slice(&new(index, old).to_le_bytes());
    }
    fs::write(&path, file).unwrap();
}

fn row(table: &str, name: &str) -> String {
    table.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned()
}

#[test]
fn statistics_of_a_file() {
    let folder = linear();
    let run = works(folder.path(), ["inspect", "model.safetensors"]);
    let row = row(run.text(), "fc.weight");
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells[..4], ["fc.weight", "[256,", "784]", "f32"]);
    let statistics: Vec<f64> = cells[4..9].iter().map(|cell| cell.parse().unwrap()).collect();
    let [mean, std, min, max, kurtosis] = statistics[..] else { unreachable!() };
    let bound = (6.0f64 / 1040.0).sqrt();
    assert!(mean.abs() < 5.0 * bound / 3f64.sqrt() / (200_704f64).sqrt());
    assert!((std / (bound / 3f64.sqrt()) - 1.0).abs() < 0.01);
    assert!((kurtosis - 1.8).abs() < 0.02);
    assert!((-0.075956..-0.0758).contains(&min) && (0.0758..=0.075956).contains(&max));
    // The histogram of a uniform distribution is flat.
    assert!(cells[9].chars().all(|bar| "▆▇█".contains(bar)), "{row}");
}

#[test]
fn expected_statistics_stand_under_the_measured() {
    let folder = linear();
    let recipe = example("linear-784x256.toml");
    let recipe = recipe.to_str().unwrap();
    let run = works(folder.path(), ["inspect", "model.safetensors", "--recipe", recipe]);
    assert!(row(run.text(), "fc.weight").contains("kept"));
    assert!(row(run.text(), "fc.bias").contains("kept"));
    let expected = row(run.text(), "expected");
    for number in ["-0.0759555", "0.0759555", "0.0438529", "1.80000"] {
        assert!(expected.contains(number), "{expected}");
    }

    let one = ["inspect", "model.safetensors", "--recipe", recipe, "--tensor", "fc.weight"];
    let run = works(folder.path(), one);
    assert!(row(run.text(), "bound").contains("kept"));
    assert!(row(run.text(), "std").contains("expected 0.0438529, z "));
    let bars = run.text().lines().filter(|line| line.contains("(expected 8,363)")).count();
    assert!(bars >= 22, "{}", run.text());
}

#[test]
fn a_recipe_of_rules_alone_applies_to_the_shapes_of_the_file() {
    let folder = linear();
    let rules =
        "[[rule]]\nmatch = \"*.weight\"\ninit = \"xavier_uniform\"\n[[rule]]\nmatch = \"*\"\ninit = \"zeros\"\n";
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    let recipe = example("linear-784x256.toml");
    let inspect = |recipe: &str| works(folder.path(), ["inspect", "model.safetensors", "--recipe", recipe]).out;
    assert!(inspect("rules.toml") == inspect(recipe.to_str().unwrap()));
}

#[test]
fn a_value_outside_the_bounds_is_found() {
    let folder = linear();
    spoil(&folder, 0.076);
    let recipe = example("linear-784x256.toml");
    let arguments = ["inspect", "model.safetensors", "--recipe", recipe.to_str().unwrap()];
    let run = works(folder.path(), arguments);
    assert!(row(run.text(), "fc.weight").contains("BROKEN"));
    assert!(row(run.text(), "fc.bias").contains("kept"));
}

/// 0.1 is not an f32, so the stored value differs a little.
#[test]
fn constant_distributions_keep_their_bounds() {
    let folder = tempdir().unwrap();
    for init in ["constant(0.1)", "uniform(0.1, 0.1)", "normal(0.1, 0)", "truncated_normal(0, 1, 0.1, 0.1)"] {
        let recipe = format!("[parameters]\na = [4]\n[[rule]]\nmatch = \"a\"\ninit = \"{init}\"\n");
        fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
        for dtype in ["f32", "bf16", "f16", "f64"] {
            works(folder.path(), ["init", "--force", "recipe.toml", "--dtype", dtype, "-o", "model.safetensors"]);
            let run = works(folder.path(), ["inspect", "model.safetensors", "--recipe", "recipe.toml"]);
            assert!(row(run.text(), "bound").contains("kept"), "{init} {dtype}: {}", run.text());
        }
    }
}

#[test]
fn nan_and_infinity_are_counted() {
    let folder = linear();
    spoil(&folder, f32::NAN);
    let run = works(folder.path(), ["inspect", "model.safetensors"]);
    assert!(run.text().contains("fc.weight: 1 NaN and 0 infinite values"));
    spoil(&folder, f32::NEG_INFINITY);
    let run = works(folder.path(), ["inspect", "model.safetensors"]);
    assert!(run.text().contains("fc.weight: 0 NaN and 1 infinite values"));
}

#[test]
fn integer_tensors_are_named_and_skipped() {
    let folder = tempdir().unwrap();
    let header = r#"{"ids":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},
        "none":{"dtype":"F32","shape":[0],"data_offsets":[16,16]},
        "h":{"dtype":"F16","shape":[],"data_offsets":[16,18]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend([0; 16]);
    file.extend(0x3e00u16.to_le_bytes());
    fs::write(folder.path().join("model.safetensors"), file).unwrap();
    let run = works(folder.path(), ["inspect", "model.safetensors"]);
    assert!(run.text().contains("ids: not measured"));
    assert!(row(run.text(), "h ").contains("1.50000"));
    assert!(row(run.text(), "none").contains("–"));
}

#[test]
fn statistics_do_not_depend_on_threads() {
    let folder = tempdir().unwrap();
    let recipe = "[parameters]\na = [3000001]\n[[rule]]\nmatch = \"a\"\ninit = \"normal(std=0.3)\"\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "model.safetensors"]);
    let measure = |threads| {
        works(folder.path(), ["inspect", "model.safetensors", "--recipe", "recipe.toml", "--threads", threads]).out
    };
    assert_eq!(measure("1"), measure("3"));
}
