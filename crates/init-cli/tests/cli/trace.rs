//! `fanin trace`: activations and gradients through a stack of layers.

use std::fs;

use serde_json::Value;
use tempfile::tempdir;

use crate::{Run, example, fanin, refused, works};

const SMALL: [&str; 7] = ["trace", "--depth", "4", "--width", "60", "--act", "tanh"];

fn json(arguments: &[&str]) -> Value {
    let folder = tempdir().unwrap();
    serde_json::from_slice(&works(folder.path(), [arguments, &["--json"]].concat()).out).unwrap()
}

fn number(layer: &Value, key: &str) -> f64 {
    layer[key].as_f64().unwrap_or_else(|| panic!("no number `{key}` in {layer}"))
}

#[test]
fn json_has_every_scheme_and_layer() {
    let compare = "standard,kaiming_normal(mode=fan_out, nonlinearity=tanh),orthogonal,eye";
    let report = json(&[&SMALL[..], &["--init", "xavier_uniform", "--compare", compare, "--seed", "3"]].concat());
    assert_eq!((&report["activation"], &report["seed"], &report["batch"]), (&"tanh".into(), &3.into(), &256.into()));
    assert_eq!(report["sizes"], serde_json::json!([60, 60, 60, 60, 60]));
    let schemes = report["schemes"].as_array().unwrap();
    let names: Vec<_> = schemes.iter().map(|scheme| scheme["init"].as_str().unwrap()).collect();
    let expected =
        ["xavier_uniform", "standard", "kaiming_normal(mode=fan_out, nonlinearity=tanh)", "orthogonal", "eye"];
    assert_eq!(names, expected);
    // PyTorch's gain for tanh, 5/3, is in the chaotic phase: gradients grow by a few per cent per
    // layer.
    let fates = ["steady", "vanishes", "explodes", "steady", "vanishes"];
    for (scheme, fate) in schemes.iter().zip(fates) {
        let layers = scheme["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 4);
        for (index, layer) in layers.iter().enumerate() {
            assert_eq!(layer["layer"], index + 1);
            for (name, other) in [("forward", "backward"), ("backward", "forward")] {
                let [std, mean] = ["std", "mean"].map(|what| number(layer, &format!("{name}_{what}")));
                assert!(std > 0.0 && mean.abs() < std, "{name} {other}: {layer}");
                let counts = layer[format!("{name}_histogram")]["counts"].as_array().unwrap();
                assert_eq!(counts.iter().map(|count| count.as_u64().unwrap()).sum::<u64>(), 256 * 60);
                let predicted = &layer[format!("predicted_{name}_std")];
                match predicted.as_f64() {
                    // With 60 units, a tenth and more between theory and measurement is normal.
                    Some(predicted) => assert!((std / predicted - 1.0).abs() < 0.3, "{layer}"),
                    None => assert_eq!(scheme["init"], "eye"),
                }
            }
            assert!((0.0..0.2).contains(&number(layer, "saturated")));
        }
        assert_eq!(scheme["backward"]["fate"], fate, "{}", scheme["init"]);
        assert_eq!(scheme["backward"]["by_theory"], scheme["init"] != "eye");
        let warnings = scheme["warnings"].as_array().unwrap();
        assert_eq!(warnings.is_empty(), fate == "steady", "{warnings:?}");
        // Without a theoretical value, the measured one is extrapolated.
        let rate = warnings.iter().any(|warning| warning.as_str().unwrap().contains("at this rate"));
        assert_eq!(rate, scheme["init"] == "eye");
    }
    // The standard initializer loses 0.56 per layer: under 1/1000 after 12 or 13 layers.
    assert!((10..=15).contains(&schemes[1]["backward"]["depth"].as_u64().unwrap()));
}

#[test]
fn json_is_the_same_on_any_number_of_threads() {
    let folder = tempdir().unwrap();
    let on = |threads| {
        let arguments = ["--init", "kaiming_uniform", "--compare", "orthogonal", "--json", "--threads", threads];
        works(folder.path(), [&["trace", "--depth", "3", "--width", "300", "--act", "gelu"], &arguments[..]].concat())
            .out
    };
    let first = on("1");
    assert!(["2", "3", "8"].into_iter().all(|threads| on(threads) == first));
}

#[test]
fn tables_name_what_vanishes_or_explodes_and_at_which_depth() {
    let folder = tempdir().unwrap();
    let stack = ["trace", "--depth", "30", "--width", "128", "--act", "relu"];
    let arguments = ["--init", "xavier_normal", "--compare", "kaiming_normal(nonlinearity=relu),normal(0, 1)"];
    let run = works(folder.path(), [&stack[..], &arguments].concat());
    let pages: Vec<_> = run.text().split("\n\n").collect();
    assert!(pages[0].contains("relu, 30 layers of 128, batch of 256, seed 0"));
    let [xavier, he, normal] = pages[1..] else { panic!("{}", run.text()) };
    let warnings = |page: &str| page.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect();
    let [first, second]: [String; 2] = <Vec<String>>::try_into(warnings(xavier)).unwrap();
    // 1/√2 per layer: 2^-10 after 20 layers, 2^-14 after about 28, 2^-126 after about 252.
    assert!(first.contains("activations vanish, × 0.7") && first.contains("at layer "), "{first}");
    assert!(first.contains("below the range of f32 in a stack of 2"), "{first}");
    assert!(second.contains("gradients vanish, × 0.7") && second.contains("layers from the output"), "{second}");
    assert!(warnings(he).is_empty(), "{he}");
    // √64 per layer: over 1000 after 4 layers.
    assert!(normal.contains("activations explode, × 8") || normal.contains("activations explode, × 7"), "{normal}");
    assert!(normal.contains("above 1000 times the input at layer 4"), "{normal}");
    for page in [xavier, he, normal] {
        let rows = page.lines().filter(|line| line.contains('%'));
        assert_eq!(rows.count(), 30);
    }
    let deep = works(
        folder.path(),
        [&["trace", "--depth", "90", "--width", "8", "--act", "linear"], &arguments[..2]].concat(),
    );
    assert!(deep.text().contains("40 of 90 layers"));
    assert_eq!(deep.text().lines().filter(|line| line.contains('%')).count(), 40);
}

#[test]
fn signals_beyond_the_range_of_f32_are_reported() {
    let stack = ["trace", "--depth", "400", "--width", "16", "--act", "linear", "--init"];
    for (init, fate) in [("normal(0, 1e-3)", "vanishes"), ("normal(0, 1e3)", "explodes")] {
        let report = json(&[&stack[..], &[init]].concat());
        let scheme = &report["schemes"][0];
        let lost = scheme["forward"]["lost"].as_u64().unwrap();
        assert!((80..150).contains(&lost), "{lost} layers of some 10^±2.5 each to 10^±308");
        assert_eq!(scheme["forward"]["fate"], fate);
        let last = &scheme["layers"][399]["forward_std"];
        assert_eq!(*last, if fate == "vanishes" { Value::from(0.0) } else { Value::Null });
    }
    let zeros = json(&[&SMALL[..], &["--init", "zeros"]].concat());
    assert_eq!(zeros["schemes"][0]["layers"][0]["forward_histogram"], Value::Null);
    assert_eq!(zeros["schemes"][0]["forward"]["lost"], 1);
}

#[test]
fn pictures_are_complete() {
    let folder = tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("t.svg"), "earlier").unwrap();
    let schemes = ["--init", "xavier_uniform", "--compare", "standard,zeros,normal(0, 1e9)", "-q"];
    let run = works(folder.path(), [&SMALL[..], &schemes, &["--plot", "t.svg", "--plot", "t.png"]].concat());
    assert!(run.out.is_empty(), "--quiet is quiet");
    let svg = fs::read_to_string(at("t.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for text in
        ["xavier_uniform", "standard", "normal(0, 1e9)", "layer 1", "layer 4", "density", "gradient", "activation"]
    {
        assert!(svg.contains(text), "{text}");
    }
    let png = fs::read(at("t.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xaeB`\x82"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn recipes_are_traced_with_their_layouts_and_biases() {
    let folder = tempdir().unwrap();
    let mlp = example("mlp.toml");
    let run = works(folder.path(), ["trace".as_ref(), mlp.as_os_str(), "--act".as_ref(), "relu".as_ref()]);
    assert!(run.text().starts_with("relu, 3 layers 784 → 512 → 256 → 10, batch of 256, seed 42"), "{}", run.text());

    let recipe = |layout: &str, shapes: [&str; 2], bias: &str| {
        format!(
            "layout = \"{layout}\"\n\
             [parameters]\n\"a.weight\" = {}\n\"a.bias\" = [30]\n\"norm\" = [30]\n\"b.weight\" = {}\n\
             [[rule]]\nmatch = \"*.bias\"\ninit = \"{bias}\"\n[[rule]]\nmatch = \"norm\"\ninit = \"ones\"\n\
             [[rule]]\nmatch = \"*\"\ninit = \"xavier_normal\"\n",
            shapes[0], shapes[1]
        )
    };
    let trace = |text: &str, more: &[&str]| {
        fs::write(folder.path().join("r.toml"), text).unwrap();
        let arguments = [&["trace", "r.toml", "--act", "tanh", "--json"], more].concat();
        serde_json::from_slice::<Value>(&works(folder.path(), arguments).out).unwrap()
    };
    let torch = ["[30, 20]", "[10, 30]"];
    let plain = trace(&recipe("torch", torch, "zeros"), &["--compare", "xavier_normal"]);
    assert_eq!(plain["sizes"], serde_json::json!([20, 30, 10]));
    assert_eq!(
        (&plain["schemes"][0]["init"], &plain["schemes"][1]["init"]),
        (&"r.toml".into(), &"xavier_normal".into())
    );
    // JAX's weights are (inputs, outputs): the same sizes and distributions, from other offsets of
    // the stream.
    let jax = trace(&recipe("jax", ["[20, 30]", "[30, 10]"], "zeros"), &[]);
    assert_eq!(jax["sizes"], plain["sizes"]);
    let layer = |report: &Value| report["schemes"][0]["layers"][0].clone();
    assert_eq!(layer(&jax)["predicted_forward_std"], layer(&plain)["predicted_forward_std"]);
    // Biases of 1 shift the mean to E tanh(1 + z·σ), as predicted.
    let biased = layer(&trace(&recipe("torch", torch, "ones"), &[]));
    let (mean, predicted) = (number(&biased, "forward_mean"), number(&biased, "predicted_forward_mean"));
    assert!(predicted > 0.5 && (mean - predicted).abs() < 0.05, "{mean} {predicted}");
    assert!(number(&layer(&plain), "forward_mean").abs() < 0.05);
    // The seed of the command line overrides the recipe's.
    assert_ne!(layer(&trace(&recipe("torch", torch, "zeros"), &["--seed", "9"])), layer(&plain));

    fs::write(folder.path().join("r.toml"), recipe("torch", ["[30, 20]", "[10, 31]"], "zeros")).unwrap();
    let words = ["r.toml", "`b.weight` of shape [10, 31] takes 31 inputs", "`a.weight`", "30 outputs"];
    refused(fanin(folder.path()).args(["trace", "r.toml", "--act", "tanh"]), folder.path(), 2, &words);
    let flat = "[parameters]\nx = [3]\n[[rule]]\nmatch = \"*\"\ninit = \"zeros\"\n";
    fs::write(folder.path().join("r.toml"), flat).unwrap();
    let words = ["r.toml", "two dimensions"];
    refused(fanin(folder.path()).args(["trace", "r.toml", "--act", "tanh"]), folder.path(), 2, &words);
}

#[test]
fn every_mistake_is_refused() {
    let folder = tempdir().unwrap();
    let stack = |depth, width, init| ["--depth", depth, "--width", width, "--init", init].to_vec();
    let good = || stack("2", "8", "zeros");
    let with = |more: &[&'static str]| [good(), more.to_vec()].concat();
    for (arguments, act, words) in [
        (vec![], "tanh", &["recipe", "--depth", "--init"][..]),
        (vec!["--depth", "3", "--width", "4"], "tanh", &["--init"]),
        (stack("0", "8", "zeros"), "tanh", &["--depth", "1 to 10000"]),
        (stack("-1", "8", "zeros"), "tanh", &["--depth", "1 to 10000"]),
        (stack("10001", "8", "zeros"), "tanh", &["--depth", "1 to 10000"]),
        (stack("2", "0", "zeros"), "tanh", &["--width", "at least 1"]),
        (stack("2", "8", "xavier_unifrom"), "tanh", &["xavier_unifrom", "did you mean `xavier_uniform`"]),
        (stack("2", "8", "standart"), "tanh", &["standart"]),
        (stack("2", "8", "normal(std=-1)"), "tanh", &["std", "-1"]),
        (stack("2", "8", "dirac"), "tanh", &["dirac", "layer 1", "3 to 5"]),
        (with(&["--compare", "orthogonal,,zeros"]), "tanh", &["an initializer is needed"]),
        (with(&["--compare", "normal(0,1"]), "tanh", &["normal"]),
        (with(&["--batch", "0"]), "tanh", &["--batch", "at least 1"]),
        (with(&["--seed", "-3"]), "tanh", &["`--seed` must be", "got -3"]),
        (with(&["-a", "nan"]), "tanh", &["-a", "finite"]),
        (with(&["--plot", "t.pdf"]), "tanh", &["t.pdf", ".svg or .png"]),
        (with(&["r.toml"]), "tanh", &["cannot be used with"]),
        (good(), "tan", &["tan", "did you mean `tanh`"]),
    ] {
        let mut command = fanin(folder.path());
        refused(command.args(["trace", "--act", act]).args(arguments), folder.path(), 2, words);
    }
    let many = ["zeros"; 16].join(",");
    let mut command = fanin(folder.path());
    refused(command.args(["trace", "--act", "tanh", "--compare", &many]).args(good()), folder.path(), 2, &["17", "16"]);
    refused(fanin(folder.path()).args(["trace", "--act", "tanh", "no.toml"]), folder.path(), 2, &["no.toml"]);
    let run = Run::of(fanin(folder.path()).args(["trace", "--act", "tanh", "gpt2"]));
    assert!(run.code == Some(2) && !run.err.contains("--preset"), "{}", run.err);
    refused(fanin(folder.path()).arg("trace").args(good()), folder.path(), 2, &["--act"]);
    // A request beyond any memory is refused immediately.
    for (width, batch) in [("30000000", "1"), ("18446744073709551615", "1"), ("8", "9000000000000000000")] {
        let mut command = fanin(folder.path());
        command.args(["trace", "--act", "tanh", "--batch", batch]).args(stack("3", width, "xavier_normal"));
        refused(&mut command, folder.path(), 1, &["memory", "smaller batch"]);
    }
    // If a picture cannot be written, no table is printed either.
    let mut command = fanin(folder.path());
    command.args(["trace", "--act", "tanh", "--plot", "nowhere/t.svg"]).args(good());
    refused(&mut command, folder.path(), 1, &["nowhere/t.svg"]);
}
