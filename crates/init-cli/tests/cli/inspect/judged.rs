//! Verdicts, the order of the tensors, and JSON.

use std::fs;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::{change, linear, row, spoil};
use crate::{example, fanin, refused, works};

fn recipe() -> String {
    example("linear-784x256.toml").to_str().unwrap().to_owned()
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let run = works(folder.path(), [&["inspect", "model.safetensors", "--json"], arguments].concat());
    serde_json::from_slice(&run.out).unwrap()
}

#[test]
fn json_has_the_statistics_of_the_file() {
    let folder = linear();
    let all = json(&folder, &["--recipe", &recipe()]);
    assert_eq!(all["metadata"]["fanin.seed"], "42");
    assert_eq!((all["seed"].as_u64(), all["scores"].as_u64()), (Some(42), Some(2)));
    assert_eq!((all["summary"]["tensors"].as_u64(), all["summary"]["elements"].as_u64()), (Some(2), Some(200_960)));
    let weight = &all["tensors"][0];
    assert_eq!(
        (&weight["name"], &weight["dtype"], &weight["verdict"]),
        (&"fc.weight".into(), &"f32".into(), &"expected".into())
    );
    assert_eq!(weight["shape"], serde_json::json!([256, 784]));

    let file = fs::read(folder.path().join("model.safetensors")).unwrap();
    let bytes = &crate::tensors(&file)["fc.weight"];
    let values: Vec<f64> =
        bytes.chunks_exact(4).map(|bytes| f64::from(f32::from_le_bytes(bytes.try_into().unwrap()))).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let number = |name: &str| weight[name].as_f64().unwrap();
    // Sums of 200,704 terms of 0.08, in another order.
    assert!((number("mean") - mean).abs() < 1e-15 && (number("std") - std).abs() < 1e-15);
    assert_eq!(number("min"), values.iter().copied().fold(f64::INFINITY, f64::min));
    assert_eq!(number("max"), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));

    let expected = (6.0f64 / 1040.0).sqrt() / 3f64.sqrt();
    assert!((weight["expected"]["std"].as_f64().unwrap() - expected).abs() < 1e-15);
    assert!((number("mean_z") - mean / (expected / n.sqrt())).abs() < 1e-9);
    // (s − σ) / (σ·√(0.8 / 4n)), up to the error of the cube-root approximation.
    assert!((number("std_z") - (std - expected) / (expected * (0.2 / n).sqrt())).abs() < 0.01);

    let histogram = &weight["histogram"];
    let counts: Vec<u64> =
        histogram["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect();
    let (low, high) = (number("min"), number("max"));
    let bin = |x: f64| (((x - low) / (high - low) * 48.0) as usize).min(47);
    let mut expected = vec![0; 48];
    values.iter().for_each(|&x| expected[bin(x)] += 1);
    assert_eq!(counts, expected);
    let by_bin = histogram["expected"].as_array().unwrap().iter().map(|count| count.as_f64().unwrap());
    // All but the two gaps between the extreme values and the bounds; there are 200,704 gaps.
    assert!((by_bin.sum::<f64>() - n).abs() < 10.0);
}

#[test]
fn changed_tensors_have_their_verdicts() {
    let faults = |folder: &TempDir, more: &[&str]| {
        let all = json(folder, &[&["--recipe", &recipe()], more].concat());
        let summary = &all["summary"];
        assert_eq!(summary["faulty"].as_u64(), Some(1));
        assert_eq!(summary["expected"].as_u64(), Some(1));
        let faults = all["tensors"][0]["faults"].as_array().unwrap();
        faults.iter().map(|fault| fault.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The standard error of the mean is 0.0001, that of the standard deviation 0.1 %.
    let folder = linear();
    change(&folder, |_, x| (x + 0.001).min(0.0759));
    assert_eq!(faults(&folder, &[]), ["mean"]);
    let table = works(folder.path(), ["inspect", "model.safetensors", "--recipe", &recipe()]);
    assert!(row(table.text(), "fc.weight").contains("mean off"));
    assert!(table.text().contains("\nfc.weight: mean off\n1 of 2 tensors as expected; "), "{}", table.text());

    let folder = linear();
    change(&folder, |_, x| x * 0.99);
    assert_eq!(faults(&folder, &[]), ["std"]);
    let folder = linear();
    spoil(&folder, 0.076);
    assert_eq!(faults(&folder, &[]), ["out_of_bounds"]);
    let folder = linear();
    spoil(&folder, f32::NAN);
    assert_eq!(faults(&folder, &[]), ["not_finite"]);

    let folder = linear();
    let all = json(&folder, &["--recipe", &recipe(), "--dtype", "bf16"]);
    assert_eq!(all["tensors"][1]["faults"], serde_json::json!(["dtype"]));
    let arguments = ["inspect", "model.safetensors", "--recipe", &recipe(), "--dtype", "bf16"];
    assert!(works(folder.path(), arguments).text().contains("give the --dtype that was given to `init`"));
}

/// The limit for the smallest number of scores is the lowest.
#[test]
fn correct_files_raise_no_alarm() {
    let folder = tempdir().unwrap();
    let text = "[parameters]\na = [64]\nb = [3]\nc = [1]\nd = [30, 50]\n\
                [[rule]]\nmatch = \"a\"\ninit = \"normal(std=0.3)\"\n\
                [[rule]]\nmatch = \"*\"\ninit = \"truncated_normal(std=0.3)\"\n";
    fs::write(folder.path().join("recipe.toml"), text).unwrap();
    for seed in 0..25 {
        let seed = seed.to_string();
        works(folder.path(), ["init", "--force", "recipe.toml", "--seed", &seed, "-q", "-o", "model.safetensors"]);
        let run = works(folder.path(), ["inspect", "model.safetensors", "--recipe", "recipe.toml", "--seed", &seed]);
        assert!(run.text().contains("\n4 of 4 tensors as expected; "), "seed {seed}: {}", run.text());
    }
    let run = works(folder.path(), ["inspect", "model.safetensors", "--recipe", "recipe.toml", "--seed", "7"]);
    assert!(run.text().contains("the seed 24, but 7 was given"), "{}", run.text());
}

#[test]
fn tensors_without_a_distribution_are_left_to_verify() {
    let folder = tempdir().unwrap();
    let text = "[parameters]\na = [8, 8]\nb = [4, 4]\n[[rule]]\nmatch = \"a\"\ninit = \"orthogonal\"\n\
                [[rule]]\nmatch = \"b\"\ninit = \"eye\"\n";
    fs::write(folder.path().join("recipe.toml"), text).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "model.safetensors"]);
    let run = works(folder.path(), ["inspect", "model.safetensors", "--recipe", "recipe.toml"]);
    for word in ["2 tensors are structured (eye, orthogonal)", "not judged", "`fanin verify`"] {
        assert!(run.text().contains(word), "{}", run.text());
    }
    let all = json(&folder, &["--recipe", "recipe.toml"]);
    assert_eq!((&all["tensors"][0]["reason"], &all["limit"]), (&"no_distribution".into(), &Value::Null));
    assert_eq!(json(&folder, &[])["tensors"][0]["reason"], "no_plan");
}

#[test]
fn statistics_that_are_not_finite_are_null() {
    let folder = linear();
    change(&folder, |_, _| f32::INFINITY);
    let all = json(&folder, &["--tensor", "fc.weight"]);
    let [only] = &all["tensors"].as_array().unwrap()[..] else { unreachable!() };
    for name in ["mean", "std", "min", "max", "kurtosis", "histogram", "mean_z", "expected", "bound"] {
        assert!(only[name].is_null(), "{name}: {only}");
    }
    assert_eq!((only["infinite"].as_u64(), only["nan"].as_u64()), (Some(200_704), Some(0)));
    assert_eq!(all["model"], Value::Null);
}

#[test]
fn tensors_are_sorted_by_the_given_key() {
    let folder = tempdir().unwrap();
    let text = "[parameters]\n\"h.10.w\" = [70]\n\"h.2.w\" = [9, 10]\n\"h.2.b\" = [80]\n\"a\" = [1]\n\
                [[rule]]\nmatch = \"h.10.w\"\ninit = \"normal(std=3)\"\n\
                [[rule]]\nmatch = \"h.2.w\"\ninit = \"normal(std=2)\"\n\
                [[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    fs::write(folder.path().join("recipe.toml"), text).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "model.safetensors"]);
    // Against a distribution that the first tensor is far from.
    fs::write(folder.path().join("other.toml"), text.replace("std=3", "std=300")).unwrap();
    let names = |arguments: &[&str]| {
        let all = json(&folder, &[&["--recipe", "other.toml"], arguments].concat());
        let tensors = all["tensors"].as_array().unwrap().iter();
        tensors.map(|tensor| tensor["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let file = names(&[]);
    assert_eq!(names(&["--reverse"]), file.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(names(&["--sort", "name"]), ["a", "h.2.b", "h.2.w", "h.10.w"]);
    assert_eq!(names(&["--sort", "name", "--reverse"]), ["h.10.w", "h.2.w", "h.2.b", "a"]);
    assert_eq!(names(&["--sort", "elements"]), ["a", "h.10.w", "h.2.b", "h.2.w"]);
    let by_std = names(&["--sort", "std"]);
    assert_eq!(by_std[2..], ["h.2.w", "h.10.w"]);
    assert_eq!(names(&["--sort", "std", "--reverse"])[..2], ["h.10.w", "h.2.w"]);
    // Equal values have no kurtosis: they come last in either order.
    for reverse in [&[][..], &["--reverse"]] {
        let by_kurtosis = names(&[&["--sort", "kurtosis"], reverse].concat());
        assert!(["a", "h.2.b"].iter().all(|name| by_kurtosis[2..].contains(&(*name).to_owned())), "{by_kurtosis:?}");
    }
    assert_eq!(names(&["--sort", "z"])[..2], ["h.10.w", "h.2.w"]);
    assert_eq!(names(&["--sort", "z", "--reverse"])[..2], ["h.2.w", "h.10.w"]);
    assert_eq!(names(&["--sort", "verdict"])[0], "h.10.w");

    assert_eq!(names(&["--tensor", "h.2.*", "--sort", "name"]), ["h.2.b", "h.2.w"]);
    let table = works(folder.path(), ["inspect", "model.safetensors", "--sort", "name"]);
    let at = |name: &str| table.text().find(&format!("\n {name} ")).unwrap();
    assert!(at("h.2.b") < at("h.2.w") && at("h.2.w") < at("h.10.w"));
}

/// A text is a name first, and a glob only where no tensor has that name.
#[test]
fn names_that_look_like_globs_are_found() {
    let folder = tempdir().unwrap();
    let text = "[parameters]\n\"a[0]\" = [3]\n\"a0\" = [3]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    fs::write(folder.path().join("recipe.toml"), text).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "model.safetensors"]);
    assert!(
        works(folder.path(), ["inspect", "model.safetensors", "--tensor", "a[0]"]).text().starts_with("a[0] [3] f32\n")
    );
    assert!(
        works(folder.path(), ["inspect", "model.safetensors", "--tensor", "?0"]).text().starts_with("a0 [3] f32\n")
    );
}

#[test]
fn invalid_requests_are_refused() {
    let folder = linear();
    let file = "model.safetensors";
    let cases: [(&[&str], &[&str]); 5] = [
        (&["--sort", "size"], &["'size'", "elements"]),
        (&["--tensor", "x.*"], &["has no tensor `x.*`", "leave out --tensor"]),
        (&["--tensor", "fc.[w"], &["`fc.[w`", "unclosed"]),
        (&["--tensor", ""], &["empty"]),
        (&["--dtype", "f8", "--recipe", "x.toml"], &["f8"]),
    ];
    for (arguments, words) in cases {
        refused(fanin(folder.path()).args(["inspect", file]).args(arguments), folder.path(), 2, words);
    }
}

#[test]
fn files_of_other_formats_are_named() {
    let folder = tempdir().unwrap();
    for (name, bytes, words) in [
        ("old.pt", &b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."[..], "pickle"),
        ("model.toml", b"[parameters]\nw = [1]\n", "TOML"),
        ("notes.txt", b"a note on a model", "a text"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let words = [name, words, ".safetensors, .npy, .npz and .gguf"];
        refused(fanin(folder.path()).args(["inspect", name]), folder.path(), 2, &words);
    }
}

#[test]
fn check_fails_where_a_tensor_has_a_fault() {
    let folder = linear();
    let inspect = |more: &[&str]| {
        let recipe = recipe();
        let arguments = [&["inspect", "model.safetensors", "--recipe", &recipe, "-q"], more].concat();
        crate::Run::of(fanin(folder.path()).args(arguments)).code
    };
    assert_eq!((inspect(&["--check"]), inspect(&[])), (Some(0), Some(0)));
    spoil(&folder, f32::NAN);
    assert_eq!((inspect(&["--check"]), inspect(&[])), (Some(1), Some(0)));
}

#[test]
fn the_seed_is_that_of_the_file() {
    let folder = linear();
    let text = fs::read_to_string(recipe()).unwrap().replace("seed = 42", "seed = 7");
    fs::write(folder.path().join("other.toml"), text).unwrap();
    assert_eq!(json(&folder, &["--recipe", "other.toml"])["seed"], 42);
    assert_eq!(json(&folder, &["--recipe", "other.toml", "--seed", "9"])["seed"], 9);
}
