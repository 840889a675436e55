//! Packed weights in recipes and on the command line.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{fanin, refused, same_at_every_level_and_thread_count, tensors, works};

/// The tensors that `fanin init` writes for a recipe.
fn written(folder: &Path, recipe: &str, options: &[&str]) -> BTreeMap<String, Vec<u8>> {
    fs::write(folder.join("r.toml"), recipe).unwrap();
    works(folder, [&["init", "-q", "--force", "r.toml", "-o", "m.safetensors"], options].concat());
    tensors(&fs::read(folder.join("m.safetensors")).unwrap())
}

fn rule(glob: &str, init: &str, more: &str) -> String {
    format!("[[rule]]\nmatch = \"{glob}\"\ninit = \"{init}\"\n{more}\n")
}

/// The bytes of a tensor that is packed from blocks: `before` times, a run of each block in turn.
fn packed(blocks: &[&[u8]], before: usize) -> Vec<u8> {
    let run = blocks[0].len() / before;
    (0..before).flat_map(|i| blocks.iter().flat_map(move |block| block[i * run..][..run].iter().copied())).collect()
}

const QKV: &str = "blocks = { in_proj = [\"q_proj\", \"k_proj\", \"v_proj\"] }";

/// Along the first and the last axis, with more elements than one task, for distributions and for
/// structured fills.
#[test]
fn named_blocks_are_the_separate_parameters() {
    let folder = tempdir().unwrap();
    for init in [
        "xavier_uniform",
        "glorot_normal(truncated)",
        "kaiming_normal(mode=fan_out)",
        "orthogonal",
        "embedding(-1, uniform)",
    ] {
        for (layout, shape, block, before) in [
            ("torch", "[960, 500]", "[320, 500]", 1),
            ("jax", "[500, 960]", "[500, 320]", 500),
            ("axes(in=[1], out=[0])", "[960, 500]", "[320, 500]", 1),
        ] {
            for dtype in ["f32", "bf16"] {
                let options = ["--dtype", dtype, "--seed", "3", "--layout", layout];
                let parameters =
                    format!("[parameters]\n\"h.0.in_proj.weight\" = {shape}\n\"h.1.in_proj.weight\" = {shape}\n");
                let found = written(folder.path(), &(parameters + &rule("*", init, QKV)), &options);
                let names = ["h.0", "h.1"].map(|h| ["q", "k", "v"].map(|part| format!("{h}.{part}_proj.weight")));
                let parameters: String = names.iter().flatten().map(|name| format!("\"{name}\" = {block}\n")).collect();
                let separate =
                    written(folder.path(), &format!("[parameters]\n{parameters}{}", rule("*", init, "")), &options);
                for (whole, names) in found.values().zip(&names) {
                    let blocks = names.each_ref().map(|name| &separate[name][..]);
                    assert!(*whole == packed(&blocks, before), "{init} {layout} {dtype}");
                    assert!(blocks[0] != blocks[1] && blocks[1] != blocks[2], "{init}");
                }
            }
        }
    }
}

/// A count without names gives the distribution of the separate weight, and the values of one
/// stream.
#[test]
fn counted_blocks_have_the_fans_of_one() {
    let folder = tempdir().unwrap();
    let recipe = |shape: &str, more: &str| format!("[parameters]\nw = {shape}\n{}", rule("w", "xavier_uniform", more));
    let plan = |recipe: &str, options: &[&str]| {
        fs::write(folder.path().join("r.toml"), recipe).unwrap();
        let run = works(folder.path(), [&["init", "--force", "r.toml", "--dry-run"], options].concat());
        let row = run.text().lines().find(|line| line.contains("xavier_uniform")).unwrap();
        let bound = row.split_once("bound ").unwrap().1.split_whitespace().next().unwrap().parse::<f64>().unwrap();
        (row.to_owned(), (6.0 / bound / bound).round())
    };
    assert_eq!(plan(&recipe("[192, 64]", ""), &[]).1, 256.0);
    for (shape, more, options) in [
        ("[192, 64]", "blocks = 3", &[][..]),
        ("[192, 64]", "blocks = 3\naxis = -2", &[]),
        ("[192, 64]", "layout = \"packed(torch, blocks=3, axis=0)\"", &[]),
        ("[192, 64]", "", &["--blocks", "3"]),
        ("[192, 64]", "", &["--blocks", "3", "--block-axis", "0"]),
        ("[64, 192]", "blocks = 3", &["--layout", "keras"]),
        ("[64, 192]", "layout = \"jax\"\nblocks = 3", &[]),
        ("[64, 192]", "", &["--layout", "jax", "--blocks", "3", "--block-axis=-1"]),
        ("[64, 192]", "", &["--in-axis", "0", "--out-axis", "1", "--blocks", "3"]),
    ] {
        let (row, fans) = plan(&recipe(shape, more), options);
        assert_eq!(fans, 128.0, "{shape} {more} {options:?}: {row}");
    }
    // One stream for the whole tensor, whichever way the layout is given.
    let by_key = written(folder.path(), &recipe("[192, 64]", "blocks = 3"), &[]);
    let by_option = written(folder.path(), &recipe("[192, 64]", ""), &["--blocks", "3"]);
    let by_layout = written(folder.path(), &recipe("[192, 64]", ""), &["--layout", "packed(torch, blocks=3, axis=0)"]);
    assert!(by_key == by_option && by_key == by_layout);
    assert!(by_key != written(folder.path(), &recipe("[192, 64]", ""), &[]));
    let (row, fans) = plan(&recipe("[192, 64]", &QKV.replace("in_proj", "w")), &[]);
    assert!(fans == 128.0 && row.contains("each of q_proj, k_proj, v_proj"), "{row}");
}

#[test]
fn resolving_counts_one_block() {
    let folder = tempdir().unwrap();
    let resolve = |arguments: &[&str]| -> Value {
        let run = works(folder.path(), [&["resolve", "--json"], arguments].concat());
        serde_json::from_slice(&run.out).unwrap()
    };
    let bound = 3_f64.sqrt() * (2.0_f64 / 128.0).sqrt();
    let expected = json!({ "fan_in": 64, "fan_out": 64, "distribution": "uniform", "low": -bound, "high": bound });
    assert_eq!(resolve(&["xavier_uniform", "--shape", "192,64", "--blocks", "3"]), expected);
    assert_eq!(resolve(&["xavier_uniform", "--shape", "64,192", "--blocks", "3", "--layout", "jax"]), expected);
    assert_eq!(resolve(&["xavier_uniform", "--shape", "64,192", "--blocks", "3", "--block-axis", "1"])["fan_in"], 64.0);
    let gates = resolve(&["orthogonal", "--shape", "128,32", "--blocks", "4"]);
    assert_eq!(gates["structure"], "orthogonal(copies=4, rows=32, cols=32, gain=1)");
    // Groups and blocks together: two grouped convolutions next to each other.
    let grouped = resolve(&["lecun_normal", "--shape", "64,4,3,3", "--groups", "8", "--blocks", "2"]);
    assert_eq!((&grouped["fan_in"], &grouped["fan_out"]), (&json!(36), &json!(36)));

    for (arguments, words) in [
        (&["--blocks", "5"][..], &["5 blocks", "192"][..]),
        (&["--blocks", "0"], &["`--blocks` must be", "at least 1"]),
        (&["--blocks", "3", "--block-axis", "2"], &["axis 2", "[192, 64]"]),
        (&["--block-axis", "0"], &["--blocks"]),
        (&["--blocks", "2", "--layout", "conv(keras, depthwise)"], &["--block-axis"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["resolve", "xavier_uniform", "--shape", "192,64"]).args(arguments);
        refused(&mut command, folder.path(), 2, words);
    }
}

#[test]
fn invalid_blocks_are_refused() {
    let folder = tempdir().unwrap();
    let two = "[parameters]\n\"a.in_proj\" = [6, 4]\n\"a.q_proj\" = [2, 4]\n";
    let one = "[parameters]\n\"a.in_proj\" = [6, 4]\n";
    for (parameters, more, words) in [
        (one, "blocks = 0", &[":6:", "`blocks`", "0"][..]),
        (one, "blocks = \"3\"", &[":6:", "`blocks`", "\"3\""]),
        (one, "blocks = {}", &[":6:", "`blocks`"]),
        (one, "blocks = { in_proj = [] }", &[":6:", "`blocks`"]),
        (one, "blocks = { in_proj = [\"q\", \"q\"] }", &[":6:", "`blocks`", "different names"]),
        (one, "blocks = { in_proj = [\"q\", 3] }", &[":6:", "`blocks`"]),
        (one, "blocks = { in_proj = [\"q\"], a = [\"b\"] }", &[":6:", "`blocks`"]),
        (one, "axis = 0", &[":6:", "`axis`", "`blocks`"]),
        (one, "blocks = 3\naxis = \"0\"", &[":7:", "`axis`", "\"0\""]),
        (one, "block = 3", &[":6:", "`block`", "blocks"]),
        (one, "blocks = 4", &["`a.in_proj`", "4 blocks", "[6, 4]"]),
        (one, "blocks = 3\naxis = 2", &["`a.in_proj`", "axis 2"]),
        (one, "blocks = { qkv = [\"q\", \"k\", \"v\"] }", &["`a.in_proj`", "`qkv`", "0 times"]),
        (one, "blocks = { \"r\" = [\"q\", \"k\"] }\naxis = 5", &["`a.in_proj`", "axis 5"]),
        (one, "layout = \"conv(keras, depthwise)\"\nblocks = 2", &["`a.in_proj`", "`axis`"]),
        (two, QKV, &[":2:", "`a.in_proj`", "`a.q_proj`", "another name"]),
    ] {
        let rules = if parameters == two {
            rule("*in_proj", "lecun_normal", more) + &rule("*", "ones", "")
        } else {
            rule("*", "lecun_normal", more)
        };
        fs::write(folder.path().join("r.toml"), format!("{parameters}{rules}")).unwrap();
        let mut command = fanin(folder.path());
        command.args(["init", "--force", "r.toml", "-o", "m.safetensors"]);
        refused(&mut command, folder.path(), 2, &[&["r.toml:"], words].concat());
    }
}

/// Each task takes a chunk, wherever in a block it begins.
#[test]
fn the_bytes_do_not_depend_on_threads_or_level() {
    let folder = tempdir().unwrap();
    let recipe = format!(
        "layout = \"keras\"\n[parameters]\n\"a.in_proj\" = [1001, 2304]\n\"b.in_proj\" = [600, 1200]\n{}{}",
        rule("a.*", "he_normal", QKV),
        rule("b.*", "orthogonal", QKV)
    );
    fs::write(folder.path().join("r.toml"), recipe).unwrap();
    same_at_every_level_and_thread_count(folder.path(), &["r.toml"]);
    works(folder.path(), ["inspect", "out.safetensors", "--recipe", "r.toml"]);
}
