//! The layout options, and every initializer, on the command line.

use std::{collections::BTreeSet, fs, path::Path};

use init_core::{Distribution, Initializer, Layout, Shape};
use init_kernels::{Stream, fill};
use serde_json::Value;
use tempfile::tempdir;

use crate::{fanin, refused, tensors, works};

fn recipe(folder: &Path, shape: &str, init: &str) {
    let text = format!("[parameters]\nw = [{shape}]\n[[rule]]\nmatch = \"w\"\ninit = \"{init}\"\n");
    fs::write(folder.join("r.toml"), text).unwrap();
}

/// `resolve` and `init` give what the library gives for the layout, bit for bit.
#[track_caller]
fn same_as_the_library(folder: &Path, init: &str, shape: &str, options: &[&str], layout: &str) -> Vec<u8> {
    let sizes: Vec<usize> = shape.split(',').map(|size| size.parse().unwrap()).collect();
    let sizes = Shape::new(sizes).unwrap();
    let layout: Layout = layout.parse().unwrap();
    let expected = init.parse::<Initializer>().unwrap().resolve(&sizes, &layout).unwrap();

    let run = works(folder, [&["resolve", "--json", init, "--shape", shape], options].concat());
    let found: Value = serde_json::from_slice(&run.out).unwrap();
    match expected.distribution() {
        Some(distribution) => assert_eq!(found["distribution"], distribution.name(), "{init}"),
        None => assert_eq!(found["structure"], expected.to_string(), "{init}"),
    }
    match expected.distribution() {
        Some(Distribution::Uniform { high, .. }) => assert_eq!(found["high"], *high, "{init} {options:?}"),
        Some(Distribution::Normal { std, .. }) => assert_eq!(found["std"], *std, "{init} {options:?}"),
        _ => {}
    }
    let fans = layout.fans(&sizes).ok();
    assert_eq!(found["fan_in"].as_f64(), fans.map(|fans| fans.fan_in), "{init} {options:?}");
    assert_eq!(found["fan_out"].as_f64(), fans.map(|fans| fans.fan_out), "{init} {options:?}");

    recipe(folder, shape, init);
    works(folder, [&["init", "-q", "--force", "r.toml", "-o", "m.safetensors", "--seed", "6"], options].concat());
    let mut found = tensors(&fs::read(folder.join("m.safetensors")).unwrap());
    let mut values = vec![0_f32; sizes.numel() as usize];
    fill(&mut values, &expected, Stream::new(6).child("w")).unwrap();
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let found = found.remove("w").unwrap();
    assert!(found == bytes, "{init} of {shape} with {options:?}");
    found
}

#[test]
fn each_option_changes_the_bound_and_the_bytes() {
    let folder = tempdir().unwrap();
    // Shapes that every layout reads differently, and initializers that use either fan, both, or
    // the positions of the axes.
    for init in ["kaiming_uniform", "lecun_normal", "he_normal(truncated, mode=fan_out)", "xavier_normal", "orthogonal"]
    {
        let mut seen = BTreeSet::new();
        let mut all = 0;
        for (shape, options, layout) in [
            ("8,6,24", &[][..], "torch"),
            ("8,6,24", &["--layout", "torch"], "torch"),
            ("8,6,24", &["--layout", "jax"], "jax"),
            ("8,6,24", &["--layout", "keras"], "keras"),
            ("8,6,24", &["--groups", "4"], "conv(torch, groups=4)"),
            ("8,6,24", &["--groups", "4", "--layout", "jax"], "conv(jax, groups=4)"),
            ("8,6,24", &["--layout", "conv(jax, groups=4)"], "conv(jax, groups=4)"),
            ("8,6,24", &["--groups", "2", "--layout", "conv(torch, stride=2)"], "conv(torch, stride=2, groups=2)"),
            ("8,6,24", &["--in-axis", "0", "--out-axis", "1,2"], "axes(in=[0], out=[1, 2])"),
            ("8,6,24", &["--in-axis", "1", "--out-axis=-1", "--batch-axis", "0"], "axes(in=[1], out=[2], batch=[0])"),
            ("8,6,24", &["--batch-axis", "0", "--layout", "jax"], "axes(in=[-2], out=[-1], batch=[0])"),
            ("8,6,24", &["--batch-axis", "0"], "axes(in=[2], out=[1], batch=[0])"),
        ] {
            seen.insert(same_as_the_library(folder.path(), init, shape, options, layout));
            all += 1;
        }
        // Keras equals JAX here, an option equals its full spelling, and three layouts are a batch
        // of (6, 24).
        assert!((3..=all - 4).contains(&seen.len()), "{init}: {} of {all}", seen.len());
        // fan_in + fan_out is 336, 240, 192 (twice), 96, 152 or 30.
        assert!(!init.starts_with("xavier") || seen.len() == 6, "{}", seen.len());
    }
    // The bounds, counted by hand: 6 · 24 inputs; 8 · 6; one of 8 experts 24 → 6.
    let bound = |options: &[&str]| {
        let arguments = [&["resolve", "--json", "kaiming_uniform", "--shape", "8,6,24"], options].concat();
        let found: Value = serde_json::from_slice(&works(folder.path(), arguments).out).unwrap();
        6.0 / found["high"].as_f64().unwrap().powi(2)
    };
    for (options, fan_in) in [
        (&[][..], 144.0),
        (&["--layout", "jax"], 48.0),
        (&["--layout", "keras"], 48.0),
        (&["--in-axis", "0", "--out-axis", "1,2"], 8.0),
        (&["--batch-axis", "0"], 24.0),
        (&["--batch-axis", "0", "--layout", "jax"], 6.0),
    ] {
        assert!((bound(options) - fan_in).abs() < 1e-9, "{options:?}: {}", bound(options));
    }
    // Groups count in fan_out.
    let run = works(
        folder.path(),
        ["resolve", "--json", "kaiming_uniform(mode=fan_out)", "--shape", "8,6,24", "--groups", "4"],
    );
    let found: Value = serde_json::from_slice(&run.out).unwrap();
    assert!((6.0 / found["high"].as_f64().unwrap().powi(2) - 48.0).abs() < 1e-9);
}

#[test]
fn init_refuses_the_options_that_resolve_refuses() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), "32, 1, 3, 3", "lecun_normal");
    for (options, words) in [
        (&["--groups", "3"][..], &["3 groups", "32"][..]),
        (&["--groups", "2", "--in-axis", "1"], &["--groups", "axes"]),
        (&["--layout", "jax", "--out-axis", "1"], &["--in-axis", "jax"]),
        (&["--in-axis", "4", "--out-axis", "0"], &["axis 4", "[32, 1, 3, 3]"]),
        (&["--batch-axis", "2"], &["--batch-axis", "--in-axis"]),
        (&["--layout", "caffe"], &["caffe", "torch"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["init", "--force", "r.toml", "-o", "m.safetensors"]).args(options);
        refused(&mut command, folder.path(), 2, words);
    }
}

/// The required arguments of an initializer, and a shape that fits; most take any matrix.
fn example(name: &str) -> (&'static str, &'static str) {
    match name {
        "constant" => ("(0.5)", "6,4"),
        "sparse" => ("(0.25)", "8,5"),
        "icnr" => ("(2)", "12,3,3,3"),
        "embedding" => ("(1)", "9,4"),
        "chrono" => ("(50)", "32"),
        "gate_bias" => ("", "32"),
        "dirac" | "bilinear" => ("", "6,4,3,3"),
        "delta_orthogonal" => ("", "6,4,3"),
        "stft" => ("", "16,1,9"),
        _ => ("", "6,4"),
    }
}

/// `resolve` and `init` accept each initializer that `list` prints, under each of its names.
#[test]
fn every_listed_initializer_is_resolved_and_written() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["list", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&run.out).unwrap();
    for row in &rows {
        let name = row["name"].as_str().unwrap();
        let (arguments, shape) = example(name);
        let aliases = row["aliases"].as_array().unwrap().iter().map(|alias| alias.as_str().unwrap());
        let written: BTreeSet<_> = std::iter::once(name)
            .chain(aliases)
            .map(|word| {
                same_as_the_library(
                    folder.path(),
                    &format!("{word}{arguments}"),
                    shape,
                    &["--layout", "torch"],
                    "torch",
                )
            })
            .collect();
        assert_eq!(written.len(), 1, "{name}");
        // Writing out every default, as the list prints it, changes nothing.
        let with_defaults =
            row["parameters"].as_array().unwrap().iter().filter(|parameter| !parameter["default"].is_null());
        let with_defaults: Vec<_> = with_defaults
            .map(|parameter| {
                let default = &parameter["default"];
                let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
                format!("{}={default}", parameter["name"].as_str().unwrap())
            })
            .collect();
        let given = arguments.trim_matches(['(', ')']);
        let inside = [&[given.to_owned()], &with_defaults[..]].concat().join(", ");
        let text = format!("{name}({})", inside.trim_start_matches(", "));
        let full = same_as_the_library(folder.path(), &text, shape, &[], "torch");
        assert!(written.contains(&full), "{text}");
    }
    assert_eq!(rows.len(), init_core::Spec::all().len());
}
