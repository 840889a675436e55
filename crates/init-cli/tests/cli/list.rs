//! `fanin list` and `fanin gain`.

use std::process::Command;

use init_core::{Initializer, Parameter, Spec, scheme::Scheme};
use serde_json::Value;
use tempfile::tempdir;

use crate::{Run, fanin, program, refused, works};

#[test]
fn every_initializer_is_listed_with_its_defaults() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["list", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&run.out).unwrap();
    assert_eq!(rows.len(), Spec::all().len());
    let mut plain = 0;
    for row in &rows {
        let name = row["name"].as_str().unwrap();
        let parameters = row["parameters"].as_array().unwrap();
        if parameters.iter().any(|parameter| parameter["required"] == true) {
            continue;
        }
        // Writing out every default changes nothing.
        let written = parameters.iter().filter(|parameter| !parameter["default"].is_null()).map(|parameter| {
            let default = &parameter["default"];
            let default = default.as_str().map_or_else(|| default.to_string(), str::to_string);
            format!("{}={default}", parameter["name"].as_str().unwrap())
        });
        let text = format!("{name}({})", written.collect::<Vec<_>>().join(", "));
        assert_eq!(text.parse::<Initializer>().unwrap(), name.parse::<Initializer>().unwrap());
        plain += 1;
    }
    assert_eq!(plain, 21);

    let run = works(folder.path(), ["list"]);
    for spec in Spec::all() {
        assert!(run.text().contains(&format!(" {} ", spec.name)) && run.text().contains(spec.summary), "{spec}");
    }
}

#[test]
fn every_scheme_is_listed_with_its_defaults() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["list", "--schemes", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&run.out).unwrap();
    let run = works(folder.path(), ["list", "--schemes"]);
    assert_eq!(rows.len(), Scheme::all().len());
    for (row, spec) in rows.iter().zip(Scheme::all()) {
        assert_eq!((row["name"].as_str(), row["source"].as_str()), (Some(spec.name), Some(spec.source)));
        assert_eq!(row["parameters"].as_array().unwrap().len(), spec.parameters.len());
        assert!(run.text().contains(&format!(" {} ", spec.name)) && run.text().contains(spec.summary), "{spec}");
    }
    let siren = rows.iter().find(|row| row["name"] == "siren").unwrap();
    assert_eq!(siren["parameters"][0]["takes"], "one of first, hidden");
    assert_eq!((&siren["parameters"][0]["required"], &siren["parameters"][1]["default"]), (&true.into(), &30.0.into()));
}

#[test]
fn each_initializer_and_scheme_is_described() {
    let folder = tempdir().unwrap();
    for spec in Spec::all() {
        for name in [&[spec.name], spec.aliases].concat() {
            let run = works(folder.path(), ["list", name]);
            let text = run.text();
            assert!(text.starts_with(&spec.to_string()), "{text}");
            assert!(text.contains(spec.summary) && text.contains(spec.source), "{text}");
            assert!(spec.aliases.iter().all(|alias| text.contains(alias)), "{text}");
            let takes = |parameter: &Parameter| text.contains(&format!(" {} ", parameter.name));
            assert!(spec.parameters.iter().all(takes), "{text}");
            // The example runs as it is printed, and gives the result that stands under it.
            let mut lines = text.lines().skip_while(|line| !line.starts_with("Example: "));
            let example = lines.next().unwrap().replace("Example: fanin ", "\"$0\" ");
            let result = lines.next().unwrap().trim_start();
            let run = Run::of(Command::new("sh").args(["-c", &example]).arg(program()).current_dir(folder.path()));
            assert_eq!(run.code, Some(0), "{example}: {}", run.err);
            assert!(run.text().contains(result.split('(').next().unwrap()), "{example}: {result}");
            let json = works(folder.path(), [&["list", "--json"], &[name][..]].concat());
            let row: Value = serde_json::from_slice(&json.out).unwrap();
            assert_eq!(row["name"], spec.name);
        }
    }
    for spec in Scheme::all() {
        let run = works(folder.path(), ["list", spec.name]);
        let text = run.text();
        assert!(text.starts_with(&spec.to_string()), "{text}");
        assert!(text.contains(spec.source) && text.contains("[[rule]]"), "{text}");
    }
    let mut command = fanin(folder.path());
    refused(
        command.args(["list", "xavier_norml"]),
        folder.path(),
        2,
        &["`xavier_norml`", "did you mean `xavier_normal`"],
    );
}

#[test]
fn both_families_of_gains_are_printed() {
    let folder = tempdir().unwrap();
    let gains = |arguments: &[&str]| -> Value {
        let run = works(folder.path(), [&["gain", "--json"], arguments].concat());
        serde_json::from_slice(&run.out).unwrap()
    };
    let tanh = gains(&["tanh"]);
    assert_eq!(tanh["torch"], 5.0 / 3.0);
    assert!((tanh["exact"].as_f64().unwrap() - 1.592_537_419_722_831_4).abs() < 1e-14);
    assert!((tanh["backward"].as_f64().unwrap() - 1.467_413_591_630_795_2).abs() < 1e-14);
    let gelu = gains(&["gelu"]);
    assert!(gelu["torch"].is_null());
    assert!((gelu["centred"].as_f64().unwrap() - 1.700_926_243_363_333).abs() < 1e-14);
    let leaky = gains(&["leaky_relu", "-a", "0.2"]);
    assert_eq!(leaky["torch"], (2.0_f64 / (1.0 + 0.2 * 0.2)).sqrt());
    assert_eq!(gains(&["conv2d"])["name"], "linear");

    let run = works(folder.path(), ["gain", "tanh"]);
    let lines: Vec<_> = run.text().lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("tanh ") && lines[0].contains("1.6666666666666667"));
    assert!(lines[1].starts_with("exact(tanh) ") && lines[1].contains("1.59253741972283"));

    let mut command = fanin(folder.path());
    refused(command.args(["gain", "tanhh"]), folder.path(), 2, &["`tanhh`", "`tanh`", "gelu"]);
    let mut command = fanin(folder.path());
    refused(command.args(["gain", "relu", "-a", "nan"]), folder.path(), 2, &["NaN", "finite"]);
}
