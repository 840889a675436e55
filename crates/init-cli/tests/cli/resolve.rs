//! `fanin resolve` and `fanin info`.

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
fn a_matrix_has_the_bound_of_its_fans_in_each_layout() {
    // In PyTorch's order of operations: √3 · std.
    let bound = 3f64.sqrt() * (2.0f64 / 1040.0).sqrt();
    let expected = json!({
        "fan_in": 784, "fan_out": 256, "distribution": "uniform", "low": -bound, "high": bound,
    });
    assert_eq!(resolve(&["xavier_uniform", "--shape", "256,784"]), expected);
    assert_eq!(resolve(&["glorot_uniform", "--shape", "784,256", "--layout", "jax"]), expected);
}

#[test]
fn a_shape_is_written_in_several_ways() {
    let expected = resolve(&["kaiming_uniform", "--shape", "256,784"]);
    for shape in [&["256", "784"][..], &["256,784"], &["256x784"], &["256,", "784"], &["--shape", "256x784"]] {
        assert_eq!(resolve(&[&["kaiming_uniform"], shape].concat()), expected, "{shape:?}");
    }
    for shape in [&["(256, 784)"][..], &["[256, 784]"], &["--shape", "(256, 784)"]] {
        assert_eq!(resolve(&[&["kaiming_uniform"], shape].concat()), expected, "{shape:?}");
    }
    let folder = tempdir().unwrap();
    let mut command = fanin(folder.path());
    refused(command.args(["resolve", "kaiming_uniform"]), folder.path(), 2, &["no shape", "256 784"]);
    let mut command = fanin(folder.path());
    refused(command.args(["resolve", "--shape", "4,4"]), folder.path(), 2, &["INITIALIZER", "`fanin resolve --help`"]);
}

#[test]
fn the_defaults_of_layers_are_those_of_the_framework() {
    use init_core::layer::{self, ConvSizes, Framework, GateOpening};

    for (name, framework) in [("torch", Framework::Torch), ("keras", Framework::Keras), ("flax", Framework::Flax)] {
        let conv = ConvSizes { inputs: 8, outputs: 16, kernel: vec![3, 3], groups: 2 };
        for (arguments, expected) in [
            (&["linear", "784", "256"][..], layer::linear(framework, 784, 256)),
            (&["conv", "8,16,3,3", "--groups", "2"], layer::conv(framework, &conv)),
            (&["embedding", "1000", "64"], layer::embedding(framework, 1000, 64, None)),
            (&["norm", "64"], layer::norm(framework, 64)),
            (&["lstm", "32", "64"], layer::lstm(framework, 32, 64, GateOpening::Default)),
            (&["gru", "32", "64"], layer::gru(framework, 32, 64)),
            (&["attention", "512", "8"], layer::multihead_attention(framework, 512, 8, 64)),
        ] {
            let rows = resolve(&[&["--framework", name, "--layer"], arguments].concat());
            let expected = expected.unwrap();
            assert_eq!(rows.as_array().unwrap().len(), expected.len());
            for (row, parameter) in rows.as_array().unwrap().iter().zip(&expected) {
                assert_eq!((&row["name"], &row["shape"]), (&json!(parameter.name), &json!(parameter.shape.dims())));
                assert_eq!(row["initializer"], parameter.initializer.to_string());
                let values = parameter.initializer.resolve(&parameter.shape, &parameter.layout).unwrap();
                assert_eq!(row["values"], values.to_string());
            }
        }
    }
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["resolve", "--layer", "linear", "784", "256"]);
    for word in ["weight", "[256, 784]", "bias", "uniform(low=-0.03571428571428571"] {
        assert!(run.text().contains(word), "{}", run.text());
    }
    for (arguments, words) in [
        (&["linear", "784"][..], &["two sizes", "IN OUT", "[784]"][..]),
        (&["linear", "784", "x"], &["whole number", "`x`"]),
        (&["attention", "512", "7"], &["HEADS divides SIZE"]),
        (&["conv", "8", "16", "3", "--groups", "3"], &["`--groups`", "got 3"]),
        (&["linear", "784", "256", "--groups", "2"], &["--groups", "conv"]),
        (&["linear", "784", "256", "--layout", "jax"], &["--layer", "--framework"]),
        (&["linear", "784", "256", "--framework", "caffe"], &["caffe", "keras"]),
        (&["dense", "784", "256"], &["dense", "linear"]),
    ] {
        let mut command = fanin(folder.path());
        refused(command.args(["resolve", "--layer"]).args(arguments), folder.path(), 2, words);
    }
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
            "fan_in": 50, "fan_out": 200, "distribution": "normal", "mean": 0.0, "std": 0.2,
        })
    );
    assert_eq!(
        resolve(&["truncated_normal(std=0.02, low=-0.04, high=0.04)", "--shape", "4,4"]),
        json!({
            "fan_in": 4, "fan_out": 4, "distribution": "truncated_normal",
            "low": -0.04, "high": 0.04, "mean": 0.0, "std": 0.02,
        })
    );
}

#[test]
fn the_text_output_has_every_digit() {
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
    let actual = run.text().lines().find(|line| line.starts_with("actual mean")).unwrap();
    assert_eq!(actual.split_whitespace().last(), Some("0"), "without the rounding of its computation");
}

#[test]
fn the_invalid_word_is_marked() {
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
fn info_prints_the_level_and_the_number_of_threads() {
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
fn a_layout_is_given_by_name_or_by_its_axes() {
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
fn structured_initializers_print_their_structure() {
    assert_eq!(
        resolve(&["orthogonal(gain=relu)", "--shape", "16,8"]),
        json!({
            "fan_in": 8, "fan_out": 16, "structure": format!("orthogonal(rows=16, cols=8, gain={})", 2_f64.sqrt()),
        })
    );
    let dirac = resolve(&["dirac", "--shape", "8,2,3", "--groups", "4"]);
    assert_eq!(dirac["structure"], "dirac(out=8, inputs=2, groups=4, centre=1)");
    let folder = tempdir().unwrap();
    let mut command = fanin(folder.path());
    refused(command.args(["resolve", "dirac", "--shape", "8,2"]), folder.path(), 2, &["dirac", "3 to 5", "[8, 2]"]);
}
