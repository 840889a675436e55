use init_kernels::{Level, VALUE_FORMAT};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{Run, fanin, refused, works};

fn resolve(arguments: &[&str]) -> Value {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), [&["resolve", "--json"], arguments].concat());
    serde_json::from_slice(&run.out).unwrap()
}

#[test]
fn the_seeds_layer() {
    // In the order of PyTorch: √3 · std.
    let bound = 3f64.sqrt() * (2.0f64 / 1040.0).sqrt();
    let expected = json!({
        "fan_in": 784.0, "fan_out": 256.0, "distribution": "uniform", "low": -bound, "high": bound,
    });
    assert_eq!(resolve(&["xavier_uniform", "--shape", "256,784"]), expected);
    assert_eq!(resolve(&["glorot_uniform", "--shape", "784,256", "--layout", "jax"]), expected);
}

#[test]
fn every_distribution_has_its_own_keys() {
    assert_eq!(
        resolve(&["constant(0.1)", "--shape", "3"]),
        json!({ "fan_in": null, "fan_out": null, "distribution": "constant", "value": 0.1 })
    );
    assert_eq!(
        resolve(&["kaiming_normal(nonlinearity=relu)", "--shape", "8,2,5,5"]),
        json!({
            "fan_in": 50.0, "fan_out": 200.0, "distribution": "normal", "mean": 0.0, "std": 0.2,
        })
    );
    assert_eq!(
        resolve(&["truncated_normal(std=0.02, low=-0.04, high=0.04)", "--shape", "4,4"]),
        json!({
            "fan_in": 4.0, "fan_out": 4.0, "distribution": "truncated_normal",
            "low": -0.04, "high": 0.04, "mean": 0.0, "std": 0.02,
        })
    );
}

#[test]
fn the_page_for_people_gives_every_digit() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["resolve", "xavier_uniform", "--shape", "256,784"]);
    let words: Vec<_> = run.text().split_whitespace().collect();
    let expected = [
        "distribution",
        "uniform",
        "fan_in",
        "784",
        "fan_out",
        "256",
        "low",
        "-0.07595545253127499",
        "high",
        "0.07595545253127499",
    ];
    assert_eq!(words, expected);

    let run = works(folder.path(), ["resolve", "truncated_normal(std=1)", "--shape", "4,4"]);
    let actual = run.text().lines().find(|line| line.starts_with("actual std")).unwrap();
    let actual: f64 = actual.split_whitespace().last().unwrap().parse().unwrap();
    assert!((actual - 0.879_625_661_034_239_8).abs() < 1e-12);
}

#[test]
fn the_wrong_word_is_pointed_at() {
    let folder = tempdir().unwrap();
    for (arguments, words) in [
        (["kaiming_normal(mode=fan_aut)", "256,784"], &["fan_aut", "fan_out", "mode=>>fan_aut<<)"][..]),
        (["xavier_unifrom", "256,784"], &["`xavier_unifrom`", "did you mean `xavier_uniform`", "`fanin list`"]),
        (["normal(0, ", "256,784"], &["`normal`"]),
        (["xavier_normal", "256"], &["fan_in", "[256]"]),
        (["xavier_normal", "[]"], &["fan_in", "[]"]),
        (["xavier_normal", "-3,4"], &["-3"]),
        (["xavier_normal", "4294967296,4294967296"], &["4294967296"]),
        (["xavier_normal", "0,4"], &["[0, 4]"]),
        (["normal(std=-1)", "4"], &["std", "-1"]),
        (["normal(std=nan)", "4"], &["std", "NaN"]),
        (["normal(std=inf)", "4"], &["std", "inf"]),
        (["uniform(low=1, high=0)", "4"], &["low", "high"]),
    ] {
        let [initializer, shape] = arguments;
        let mut command = fanin(folder.path());
        refused(command.args(["resolve", initializer, "--shape", shape]), folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    command.args(["resolve", "zeros", "--shape", "4", "--layout", "tensorflow"]);
    refused(&mut command, folder.path(), 2, &["tensorflow", "torch", "jax"]);
}

#[test]
fn info_names_level_and_threads() {
    let folder = tempdir().unwrap();
    for level in Level::available() {
        let mut command = fanin(folder.path());
        command.args(["info", "--threads", "3"]).env("FANIN_LEVEL", level.to_string());
        let run = Run::of(&mut command);
        assert_eq!(run.code, Some(0));
        let value = |key: &str| {
            let line = run.text().lines().find_map(|line| line.strip_prefix(key));
            line.unwrap().trim().to_owned()
        };
        assert_eq!(value("value format"), VALUE_FORMAT.to_string());
        assert_eq!(value("level in use"), level.to_string());
        assert_eq!(value("threads"), "3");
        assert!(value("levels").starts_with("portable"));
        assert_eq!(value("version"), env!("CARGO_PKG_VERSION"));
    }
}

#[test]
fn a_layout_is_named_or_put_together() {
    let fans = |arguments: &[&str]| {
        let found = resolve(&[&["lecun_normal"], arguments].concat());
        (found["fan_in"].as_f64().unwrap(), found["fan_out"].as_f64().unwrap())
    };
    assert_eq!(fans(&["--shape", "32,1,3,3"]), (9.0, 288.0));
    assert_eq!(fans(&["--shape", "32,1,3,3", "--groups", "32"]), (9.0, 9.0));
    assert_eq!(fans(&["--shape", "3,3,1,32", "--groups", "32", "--layout", "jax"]), (9.0, 9.0));
    assert_eq!(fans(&["--shape", "3,3,8,2", "--layout", "conv(keras, depthwise)"]), (9.0, 18.0));
    assert_eq!(fans(&["--shape", "192,64", "--layout", "packed(torch, blocks=3, axis=0)"]), (64.0, 64.0));
    assert_eq!(fans(&["--shape", "7", "--layout", "keras"]), (7.0, 7.0));
    assert_eq!(fans(&["--shape", "96,12,8", "--in-axis", "0", "--out-axis", "1,2"]), (96.0, 96.0));
    assert_eq!(
        fans(&["--shape", "8,256,784", "--in-axis=-1", "--out-axis", "-2", "--batch-axis", "0"]),
        (784.0, 256.0)
    );
    assert_eq!(fans(&["--shape", "8,256,784", "--batch-axis", "0"]), (784.0, 256.0));
    assert_eq!(fans(&["--shape", "8,784,256", "--batch-axis", "0", "--layout", "jax"]), (784.0, 256.0));

    let folder = tempdir().unwrap();
    for (arguments, words) in [
        (&["--groups", "3"][..], &["3 groups", "32"][..]),
        (&["--groups", "0"], &["0 groups"]),
        (&["--groups", "2", "--in-axis", "1"], &["--groups", "axes"]),
        (&["--layout", "jax", "--in-axis", "1"], &["--in-axis", "jax"]),
        (&["--in-axis", "4", "--out-axis", "0"], &["axis 4", "[32, 1, 3, 3]"]),
        (&["--in-axis", "x"], &["x"]),
        (&["--layout", "conv(torch, group=2)"], &["group=2", "groups"]),
        (&["--layout", "packed(torch, blocks=3, axis=0)", "--groups", "2"], &["--groups", "packed"]),
        (&["--batch-axis", "1"], &["--batch-axis", "--in-axis"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["resolve", "lecun_normal", "--shape", "32,1,3,3"]).args(arguments);
        refused(&mut command, folder.path(), 2, words);
    }
}

#[test]
fn structures_are_told() {
    assert_eq!(
        resolve(&["orthogonal(gain=relu)", "--shape", "16,8"]),
        json!({
            "fan_in": 8.0, "fan_out": 16.0, "structure": format!("orthogonal(rows=16, cols=8, gain={})", 2_f64.sqrt()),
        })
    );
    let dirac = resolve(&["dirac", "--shape", "8,2,3", "--groups", "4"]);
    assert_eq!(dirac["structure"], "dirac(out=8, inputs=2, groups=4, centre=1)");
    let folder = tempdir().unwrap();
    let mut command = fanin(folder.path());
    refused(command.args(["resolve", "dirac", "--shape", "8,2"]), folder.path(), 2, &["dirac", "3 to 5", "[8, 2]"]);
}
