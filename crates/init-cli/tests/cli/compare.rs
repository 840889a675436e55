//! `fanin compare`: training runs from different initial weights.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::tempdir;

use crate::{Run, example, fanin, refused, works};

/// Arguments for networks on the digits that train in a second or two; an option given again
/// replaces the default.
fn small(arguments: &[&str]) -> Vec<String> {
    let data = example("digits.csv.gz").display().to_string();
    let fixed = ["--data", &data, "--depth", "2", "--width", "24", "--epochs", "4", "--seeds", "3"];
    let fixed = fixed.chunks(2).filter(|pair| !arguments.contains(&pair[0])).flatten();
    ["compare"].iter().chain(fixed).chain(arguments).map(|&text| text.to_owned()).collect()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let run = works(folder, small(&[&["--json"], arguments].concat()));
    serde_json::from_slice(&run.out).unwrap()
}

const ALL: &str = "standard,kaiming_normal(mode=fan_out, nonlinearity=relu),lsuv,weight_norm,pca,kmeans,rbm";

#[test]
fn the_table_has_a_row_per_scheme_with_its_spread_and_a_verdict() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), small(&["--init", ALL, "--pretraining", "2"]));
    let text = run.text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("1,438 training examples, 359 test examples"), "{text}");
    assert!(lines[0].ends_with("3 columns are constant and carry no information"), "{text}");
    assert!(lines[1].starts_with("64 → 2 × 24 → 10 relu; 4 epochs, batch 32") && lines[1].ends_with("seeds 0 to 2"));
    for name in
        ["standard", "kaiming_normal(mode=fan_out, nonlinearity=relu)", "lsuv", "weight_norm", "pca", "kmeans", "rbm"]
    {
        let line = lines.iter().find(|line| line.trim_start().starts_with(&format!("{name} "))).expect(name);
        assert!(line.contains(" ± "), "{line}");
        assert!(["best", "ties with best", "worse"].iter().any(|verdict| line.contains(verdict)), "{line}");
    }
    assert_eq!(lines.iter().filter(|line| line.contains(" best ") && !line.contains("ties")).count(), 2, "{text}");
    for note in [
        "chance: ",
        "±: standard deviation over the seeds",
        "rbm: a stack of restricted Boltzmann machines",
        "standard: uniform on ±1/√fan_in",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(note)), "{note}: {text}");
    }
}

#[test]
fn json_has_every_curve_and_the_statistics_that_follow_from_them() {
    let folder = tempdir().unwrap();
    let report = json(folder.path(), &["--init", "lsuv,standard,rbm", "--pretraining", "2", "--seed", "7"]);
    assert_eq!(report["sizes"], serde_json::json!([64, 24, 24, 10]));
    assert_eq!(report["seeds"], serde_json::json!([7, 8, 9]));
    assert_eq!(
        (report["train"].as_u64().unwrap() + report["test"].as_u64().unwrap(), &report["task"]),
        (1797, &"classes".into())
    );
    // Ten classes, about equally common.
    assert!((report["chance"].as_f64().unwrap() - 0.9).abs() < 0.01);
    let schemes = report["schemes"].as_array().unwrap();
    let names: Vec<_> = schemes.iter().map(|scheme| scheme["init"].as_str().unwrap()).collect();
    assert_eq!(names, ["lsuv", "standard", "rbm"]);
    let activations: Vec<_> = schemes.iter().map(|scheme| scheme["activation"].as_str().unwrap()).collect();
    assert_eq!(activations, ["relu", "relu", "sigmoid"]);
    let mut means = Vec::new();
    for scheme in schemes {
        let runs = scheme["runs"].as_array().unwrap();
        let errors: Vec<f64> = runs.iter().map(|run| run["error"].as_f64().unwrap()).collect();
        for (run, error) in runs.iter().zip(&errors) {
            let curve: Vec<f64> = run["errors"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            assert_eq!((curve.len(), run["losses"].as_array().unwrap().len()), (5, 4));
            assert_eq!(curve.last(), Some(error));
            let first = curve.iter().position(|&x| x <= 0.1);
            assert_eq!(run["epochs_to_level"].as_u64().map(|epoch| epoch as usize), first);
        }
        let mean = errors.iter().sum::<f64>() / 3.0;
        let std = (errors.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
        assert!((scheme["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
        assert!((scheme["std"].as_f64().unwrap() - std).abs() < 1e-12);
        means.push((mean, errors));
    }
    let best = (0..3).min_by(|&a, &b| means[a].0.total_cmp(&means[b].0)).unwrap();
    for (index, scheme) in schemes.iter().enumerate() {
        if index == best {
            assert_eq!(scheme["standing"], "best");
            continue;
        }
        let differences: Vec<f64> = means[index].1.iter().zip(&means[best].1).map(|(a, b)| a - b).collect();
        let mean = differences.iter().sum::<f64>() / 3.0;
        let error = (differences.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2.0 / 3.0).sqrt();
        assert!((scheme["difference"].as_f64().unwrap() - mean).abs() < 1e-12);
        assert!((scheme["standard_error"].as_f64().unwrap() - error).abs() < 1e-12);
        assert_eq!(scheme["standing"], if mean <= 2.0 * error { "ties" } else { "worse" });
    }
    // A data-dependent start with scaling learns in four epochs.
    assert!(means[0].0 < 0.2, "{means:?}");
}

#[test]
fn results_and_pictures_are_the_same_on_any_number_of_threads() {
    let folder = tempdir().unwrap();
    let on = |threads: &str| {
        let arguments = ["--init", ALL, "--pretraining", "1", "--json", "--plot", "curves.svg", "--threads", threads];
        let run = works(folder.path(), small(&arguments));
        (run.out, fs::read(folder.path().join("curves.svg")).unwrap())
    };
    let first = on("1");
    assert!(on("3") == first);
}

#[test]
fn pictures_are_svg_or_png_and_name_their_schemes() {
    let folder = tempdir().unwrap();
    let arguments = ["--init", "lsuv,normal(0, 1e-3)", "-q", "--plot", "a.svg", "--plot", "a.png"];
    let run = works(folder.path(), small(&arguments));
    assert!(run.out.is_empty(), "--quiet is quiet");
    let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
    for words in ["lsuv", "normal(0, 1e-3)", "test error", "epoch", "64 → 2 × 24 → 10 relu"] {
        assert!(svg.contains(words), "{words}");
    }
    assert!(svg.matches("<polyline").count() >= 2 && svg.matches("<polygon").count() >= 2);
    assert!(fs::read(folder.path().join("a.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn runs_that_diverge_or_learn_nothing_are_named_and_left_out_of_the_means() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), small(&["--init", "lsuv,zeros", "--act", "linear", "--learning-rate", "1e4"]));
    let text = run.text();
    let line = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(line("lsuv ").contains("never") && line("lsuv ").contains("3 of 3 diverged"), "{text}");
    assert!(text.contains("lsuv: 3 of 3 trainings diverged, in epoch 1 at the earliest"), "{text}");
    assert!(text.contains("a --learning-rate below 10000 may help"), "{text}");

    let report = json(folder.path(), &["--init", "lsuv,zeros,normal(0, 1e30)", "--act", "linear"]);
    let [lsuv, zeros, wild] = &report["schemes"].as_array().unwrap()[..] else { panic!("three schemes") };
    assert_eq!((&lsuv["diverged"], &lsuv["at_chance"]), (&0.into(), &0.into()));
    assert_eq!((&zeros["diverged"], &zeros["at_chance"], &zeros["standing"]), (&0.into(), &3.into(), &"worse".into()));
    assert_eq!((&wild["diverged"], &wild["standing"]), (&3.into(), &"unknown".into()));
    assert!(wild["mean"].is_null() && wild["runs"][0]["error"].is_null());
    assert_eq!(wild["runs"][0]["diverged"], 0);
}

#[test]
fn one_seed_does_not_rank_the_schemes() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), small(&["--init", "lsuv,standard", "--seeds", "1"]));
    assert!(run.text().contains("one seed gives no spread"), "{}", run.text());
    assert!(!run.text().contains("ties") && !run.text().contains("worse"), "{}", run.text());
}

#[test]
fn autoencoders_reconstruct_through_a_narrow_layer() {
    let folder = tempdir().unwrap();
    let report = json(
        folder.path(),
        &[
            "--autoencoder",
            "--depth",
            "3",
            "--code",
            "8",
            "--init",
            "lsuv,rbm",
            "--act",
            "tanh",
            "--learning-rate",
            "0.05",
        ],
    );
    assert_eq!(report["sizes"], serde_json::json!([64, 24, 8, 24, 64]));
    assert_eq!(report["task"], "reconstruction");
    for scheme in report["schemes"].as_array().unwrap() {
        let (mean, chance) = (scheme["mean"].as_f64().unwrap(), report["chance"].as_f64().unwrap());
        assert!(mean < 0.9 * chance, "{scheme}");
    }
}

#[test]
fn invalid_data_is_refused_with_its_location() {
    let folder = tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("nan.csv", "1,2,0\n3,NaN,1\n");
    write("ragged.csv", "1,2,0\n3,1\n");
    write("empty.csv", "");
    write("constant.csv", "5,5,0\n5,5,1\n5,5,0\n5,5,1\n");
    write("class.csv", "1,2,3\n2,1,3\n1,1,3\n");
    write("label.csv", "1,2,0.5\n2,1,3\n");
    write("few.csv", "1,2,0\n2,1,1\n");
    for (name, code, words) in [
        ("nan.csv", 2, &["line 2, column 2", "NaN"][..]),
        ("ragged.csv", 2, &["line 2: 2 values, but line 1 has 3"]),
        ("empty.csv", 2, &["no examples"]),
        ("constant.csv", 2, &["every column", "constant"]),
        ("class.csv", 2, &["every example is of class 3"]),
        ("label.csv", 2, &["line 1", "label", "got `0.5`"]),
        ("few.csv", 2, &["got 0 and 2 of 2", "more data"]),
        ("missing.csv", 2, &["missing.csv"]),
        (".", 2, &["not a regular file"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["compare", "--plot", "out.svg", "--data", name]);
        refused(&mut command, folder.path(), code, words);
    }
    // Points on a line have one principal direction.
    write("line.csv", &(0..20).map(|i| format!("{i},{},{}\n", 2 * i, i % 2)).collect::<String>());
    let mut command = fanin(folder.path());
    command.args(["compare", "--data", "line.csv", "--init", "kmeans"]);
    refused(&mut command, folder.path(), 2, &["kmeans: ", "1 distinct directions, but 64 are required"]);
}

#[test]
fn every_mistake_is_refused_before_training() {
    let folder = tempdir().unwrap();
    let data = example("digits.csv.gz").display().to_string();
    for (arguments, words) in [
        (&["--init", "lsuw"][..], &["lsuw", "lsuv, weight_norm, pca, kmeans, rbm"][..]),
        (&["--init", ""], &["initializer is needed"]),
        (&["--init", "lsuv,,rbm"], &["initializer is needed"]),
        (&["--init", "normal(0, 1"], &["parenthesis"]),
        (&["--init", "lsuv,lsuv"], &["`lsuv` twice"]),
        (&["--init", "dirac"], &["dirac"]),
        (&["--act", "reluu"], &["`reluu`", "`relu`"]),
        (&["-a", "nan"], &["-a must be a finite number, got NaN"]),
        (&["--depth", "0"], &["from 1 to 1000"]),
        (&["--width", "-3"], &["whole number from 1"]),
        (&["--width", "4000000000"], &["weights", "narrower"]),
        (&["--seeds", "0"], &["from 1 to 1000"]),
        (&["--seed", "18446744073709551615"], &["for 5 seeds", "18446744073709551611"]),
        (&["--epochs", "0"], &["whole number from 1"]),
        (&["--batch", "0"], &["whole number from 1"]),
        (&["--learning-rate", "0"], &["learning rate must be above 0", "got 0"]),
        (&["--learning-rate", "nan"], &["learning rate must be above 0", "got NaN"]),
        (&["--momentum", "1"], &["momentum must be", "got 1"]),
        (&["--test", "1"], &["below 1"]),
        (&["--test", "0.0001"], &["got 0 and 1797 of 1797"]),
        (&["--autoencoder"], &["--depth must be odd"]),
        (&["--labels", "none"], &["--autoencoder too"]),
        (&["--labels", "first"], &["last or none"]),
        (&["--plot", "out.jpg"], &[".svg or .png"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["compare", "--data", &data]).args(arguments);
        refused(&mut command, folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    command.args(["compare", "--data", &data, "--plot", "missing/out.svg"]);
    refused(&mut command, folder.path(), 1, &["missing/out.svg", "create the folder"]);
    let run = Run::of(fanin(folder.path()).arg("compare"));
    assert_eq!(run.code, Some(2), "{}", run.err);
}
