//! `fanin pretrain`: restricted Boltzmann machines as initial weights.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use init_model::load;
use serde_json::Value;
use tempfile::tempdir;

use crate::{Run, contents, example, fanin, refused};

/// `fanin pretrain` on the digits.
fn pretrain(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = fanin(folder);
    command.arg("pretrain").arg("--data").arg(example("digits.csv.gz")).args(arguments);
    command
}

/// Asserts that a run succeeds. Standard error may only say that three pixels of the digits are
/// constant, or that a machine has not learnt yet.
#[track_caller]
fn learns(folder: &Path, arguments: &[&str]) -> Run {
    let run = Run::of(pretrain(folder, arguments).arg("--force"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    let warning = "warning: columns 1, 33, 40 are constant and carry no information\n";
    let rest = run.err.strip_prefix(warning).expect("the constant columns");
    assert!(rest.lines().all(|line| line.starts_with("warning: layer ")), "{rest}");
    run
}

#[test]
fn digits_become_the_initial_weights_of_a_network() {
    let folder = tempdir().unwrap();
    let run =
        learns(folder.path(), &["--layers", "64,256,128,64", "--epochs", "10", "-o", "out.safetensors", "--json"]);
    let page: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!((page["examples"].as_u64(), page["labels"].as_str()), (Some(1797), Some("last")));
    for (layer, bound) in [0.016, 0.004, 0.005].into_iter().enumerate() {
        let errors = page["layers"][layer]["reconstruction_error"].as_array().unwrap();
        let [first, last] = [0, 9].map(|epoch| errors[epoch].as_f64().unwrap());
        assert!(last < 0.5 * first && last < bound, "{layer}: {first} {last}");
        assert!(page["layers"][layer]["pseudo_likelihood"].as_f64().unwrap() < 0.0);
    }
    let (tensors, metadata) = load(folder.path().join("out.safetensors")).unwrap();
    let shapes: Vec<_> = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.clone())).collect();
    let mut expected = Vec::new();
    let names = [0, 1, 2].map(|layer| ["weight", "bias", "visible_bias"].map(|part| format!("layers.{layer}.{part}")));
    for (names, (inputs, outputs)) in names.iter().zip([(64, 256), (256, 128), (128, 64)]) {
        let shapes = [vec![outputs, inputs], vec![outputs], vec![inputs]];
        expected.extend(names.iter().map(String::as_str).zip(shapes));
    }
    assert_eq!(shapes, expected);
    assert!(tensors.iter().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()));
    assert_eq!(metadata["fanin.pretrain.scaling"], "(x - 0) / 16");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_summary_describes_the_data_and_the_result() {
    let folder = tempdir().unwrap();
    let arguments = ["--layers", "64,16", "--epochs", "2", "-o", "o.safetensors", "--held-out", "0.1"];
    let run = learns(folder.path(), &[&arguments[..], &["--log-likelihood"]].concat());
    for words in [
        "1797 examples of 64 features, 179 held out; the last column is taken as the label",
        "64 → 16",
        "free-energy gap",
        "examples drawn as 0 or 1",
        "exact",
        "written to o.safetensors, seed 0",
    ] {
        assert!(run.text().contains(words), "no `{words}` in {}", run.text());
    }
    assert!(learns(folder.path(), &[&arguments[..], &["-q"]].concat()).text().is_empty());
}

#[test]
fn bytes_depend_on_the_seed_and_not_on_threads() {
    let folder = tempdir().unwrap();
    let bytes = |more: &[&str]| {
        let arguments = ["--layers", "64,40,20", "--epochs", "2", "-o", "out.safetensors", "-q"];
        learns(folder.path(), &[&arguments[..], more].concat());
        fs::read(folder.path().join("out.safetensors")).unwrap()
    };
    let first = bytes(&["--threads", "1"]);
    assert!(first == bytes(&["--threads", "3"]));
    assert!(first != bytes(&["--seed", "1"]));
    assert!(first != bytes(&["--sparsity", "0.1"]));
    assert!(first != bytes(&["--pcd", "2", "--draw-visible"]));
}

#[test]
fn the_autoencoder_is_written_with_its_decoder() {
    let folder = tempdir().unwrap();
    for visible in ["bernoulli", "gaussian"] {
        let arguments = ["--layers", "64,20,10", "--epochs", "2", "--unroll", "-o", "out.safetensors"];
        learns(folder.path(), &[&arguments[..], &["--visible", visible]].concat());
        let (tensors, metadata) = load(folder.path().join("out.safetensors")).unwrap();
        let shapes: Vec<_> = tensors.iter().map(|tensor| &tensor.shape[..]).collect();
        let expected: [&[usize]; 8] = [&[20, 64], &[20], &[10, 20], &[10], &[20, 10], &[20], &[64, 20], &[64]];
        assert_eq!(shapes, expected);
        let transposed = (0..20 * 10).all(|i| tensors[2].values[i] == tensors[4].values[i % 20 * 10 + i / 20]);
        assert!(transposed);
        assert_eq!(metadata["fanin.pretrain.activation"].contains("linear"), visible == "gaussian");
    }
}

/// After Ctrl-C the state is kept next to the output, and a resumed run writes the same bytes.
#[cfg(unix)]
#[test]
fn an_interrupted_run_is_resumed_to_the_same_bytes() {
    use std::os::unix::process::ExitStatusExt;

    let folder = tempdir().unwrap();
    let (whole, part) = (folder.path().join("whole.safetensors"), folder.path().join("part.safetensors.partial"));
    for method in [&["--cd", "1"][..], &["--pcd", "1", "--draw-visible", "--sparsity", "0.2"]] {
        let common = [&["--layers", "64,60,30", "--epochs", "150"], method].concat();
        let mut interrupted = 0;
        learns(folder.path(), &[&common[..], &["-o", "whole.safetensors"]].concat());
        // In the first machine, then in the second, or in none.
        for wait in [50, 400] {
            let resume = if part.exists() { &["--resume"][..] } else { &[] };
            let mut child = pretrain(folder.path(), &[&common[..], resume, &["-o", "part.safetensors"]].concat())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // The message about constant columns comes after the signal handlers are set.
            let mut errors = BufReader::new(child.stderr.take().unwrap());
            let mut message = String::new();
            errors.read_line(&mut message).unwrap();
            sleep(Duration::from_millis(wait));
            let is_running = child.try_wait().unwrap().is_none();
            if is_running {
                assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
            }
            errors.read_to_string(&mut message).unwrap();
            let status = child.wait().unwrap();
            if status.signal() == Some(2) {
                interrupted += 1;
                assert!(message.contains("add --resume to continue from `part.safetensors.partial`"), "{message}");
                assert!(part.exists() && !folder.path().join("part.safetensors").exists());
                let mut again = pretrain(folder.path(), &[&common[..], &["-o", "part.safetensors"]].concat());
                refused(&mut again, folder.path(), 2, &["part.safetensors.partial", "--resume"]);
                let other = [&common[..], &["-o", "part.safetensors", "--resume", "--batch", "30", "--seed", "3"]];
                let mut other = pretrain(folder.path(), &other.concat());
                refused(&mut other, folder.path(), 2, &["--seed 0, not 3", "--batch 20, not 30"]);
            }
        }
        assert!(interrupted > 0, "the signal came too early or too late");
        if part.exists() {
            learns(folder.path(), &[&common[..], &["-o", "part.safetensors", "--resume"]].concat());
        }
        let resumed = fs::read(folder.path().join("part.safetensors")).unwrap();
        assert!(resumed == fs::read(&whole).unwrap());
        assert!(!part.exists());
        fs::remove_file(folder.path().join("part.safetensors")).unwrap();
    }
}

#[test]
fn resume_without_a_state_or_with_another() {
    let folder = tempdir().unwrap();
    let arguments = ["--layers", "64,20", "-o", "out.safetensors", "--resume"];
    let mut command = pretrain(folder.path(), &arguments);
    refused(&mut command, folder.path(), 2, &["there is no `out.safetensors.partial`"]);
    let partial = folder.path().join("out.safetensors.partial");
    fs::write(&partial, "no safetensors").unwrap();
    refused(&mut pretrain(folder.path(), &arguments), folder.path(), 2, &["out.safetensors.partial"]);
    fs::remove_file(&partial).unwrap();
    learns(folder.path(), &["--layers", "64,20", "--epochs", "1", "-o", "out.safetensors"]);
    fs::rename(folder.path().join("out.safetensors"), &partial).unwrap();
    refused(
        &mut pretrain(folder.path(), &arguments),
        folder.path(),
        2,
        &["not from an interrupted run", "remove the file"],
    );
}

#[test]
fn an_existing_file_is_overwritten_only_with_force() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    fs::write(&path, "mine").unwrap();
    let arguments = ["--layers", "64,20", "--epochs", "1", "-o", "out.safetensors"];
    refused(&mut pretrain(folder.path(), &arguments), folder.path(), 2, &["`out.safetensors` exists", "--force"]);
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    learns(folder.path(), &arguments);
    assert_ne!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn a_learning_rate_that_diverges_is_an_error_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    for (arguments, layer) in [
        (&["--learning-rate", "1e4"][..], "layer 1"),
        (&["--learning-rate", "0.05,50000"], "layer 2"),
        (&["--visible", "gaussian", "--learning-rate", "5"], "layer 1"),
    ] {
        let common = ["--layers", "64,30,20", "--epochs", "3", "-o", "out.safetensors"];
        let run = Run::of(&mut pretrain(folder.path(), &[&common[..], arguments].concat()));
        assert_eq!(run.code, Some(2), "{}", run.err);
        let error = run.err.lines().last().unwrap();
        for words in ["error: ", layer, "diverged in epoch", "ten times smaller"] {
            assert!(error.contains(words), "no `{words}` in {error}");
        }
        assert!(contents(folder.path()).is_empty());
    }
}

#[test]
fn a_machine_that_learnt_nothing_is_reported() {
    let folder = tempdir().unwrap();
    let arguments = ["--layers", "64,30", "--epochs", "1", "-o", "out.safetensors", "--learning-rate"];
    let run = learns(folder.path(), &[&arguments[..], &["1e-6"]].concat());
    assert!(run.err.contains("warning: layer 1 learnt almost nothing"), "{}", run.err);
    fs::write(folder.path().join("same.csv"), "1,2\n1,2\n".repeat(9)).unwrap();
    let arguments = ["pretrain", "--data", "same.csv", "--layers", "2,3", "-o", "same.safetensors"];
    let run = Run::of(fanin(folder.path()).args(arguments));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("columns 1, 2 are constant") && run.err.contains("layer 1 had nothing to learn"));
}

#[test]
fn every_mistake_is_refused_before_training() {
    let folder = tempdir().unwrap();
    for (name, text) in [
        ("nan.csv", "1,2\nNaN,3\n"),
        ("empty.csv", ""),
        ("ragged.csv", "1,2\n1,2,3\n"),
        ("words.csv", "a,b\nc,d\n"),
        ("blank.csv", "1,2\r\n\r\n\r\n3,4\r\nx,6"),
        ("two.csv", "1,2\n3,4\n5,6\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let out = ["-o", "out.safetensors"];
    for (data, arguments, words) in [
        ("nan.csv", &["--layers", "2,3"][..], &["line 2, column 1", "NaN"][..]),
        ("empty.csv", &["--layers", "2,3"], &["no examples"]),
        ("ragged.csv", &["--layers", "2,3"], &["line 2: 3 values"]),
        ("blank.csv", &["--layers", "2,3"], &["line 5, column 1", "`x`"]),
        ("words.csv", &["--layers", "2,3"], &["line 2, column 1", "`c`"]),
        ("two.csv", &["--layers", "4,3"], &["2 features", "starts with 4", "start it with 2"]),
        ("two.csv", &["--layers", "2,3", "--labels", "last"], &["1 features"]),
        ("two.csv", &["--layers", "2"], &["--layers must have the number of features"]),
        ("two.csv", &["--layers", "2,0"], &["must be a whole number of at least 1"]),
        ("two.csv", &["--layers", "2,-3"], &["must be a whole number of at least 1"]),
        ("two.csv", &["--layers", "2,18446744073709551615"], &["2 visible and 18446744073709551615 hidden"]),
        ("two.csv", &["--layers", "2,3", "--epochs", "0"], &["--epochs", "from 1 to 1000000"]),
        ("two.csv", &["--layers", "2,3", "--batch", "0"], &["--batch"]),
        ("two.csv", &["--layers", "2,3", "--learning-rate", "-1"], &["must be a finite number above 0, got -1"]),
        ("two.csv", &["--layers", "2,3", "--learning-rate", "nan"], &["must be a finite number above 0, got NaN"]),
        ("two.csv", &["--layers", "2,3", "--learning-rate", "0.1,0.1"], &["one for each of the 1 machines, got 2"]),
        ("two.csv", &["--layers", "2,3", "--momentum", "1"], &["the momentum must be", "got 1"]),
        ("two.csv", &["--layers", "2,3", "--momentum", "0.1,0.2,0.3"], &["the momentum"]),
        ("two.csv", &["--layers", "2,3", "--weight-decay", "x"], &["--weight-decay", "a number"]),
        (
            "two.csv",
            &["--layers", "2,3", "--sparsity", "1.5"],
            &["the sparsity target must be above 0 and below 1, got 1.5"],
        ),
        ("two.csv", &["--layers", "2,3", "--cd", "0"], &["--cd"]),
        ("two.csv", &["--layers", "2,3", "--cd", "1", "--pcd", "1"], &["--cd", "--pcd"]),
        ("two.csv", &["--layers", "2,3", "--held-out", "1"], &["--held-out must be at least 0 and below 1, got 1"]),
        ("two.csv", &["--layers", "2,3", "--held-out", "0.01"], &["leaves none"]),
        ("two.csv", &["--layers", "2,3", "--filters", "f.gif"], &[".svg or .png"]),
        ("two.csv", &["--layers", "2,3", "--filters", "f.png"], &["square image", "--image WxH"]),
        ("two.csv", &["--layers", "2,3", "--image", "3x1", "--filters", "f.png"], &["3 pixels", "2 features"]),
        ("two.csv", &["--layers", "2,3", "--image", "0x1"], &["such as 28x28"]),
        ("two.csv", &["--layers", "2,3", "--visible", "binary"], &["bernoulli", "gaussian"]),
        (
            "two.csv",
            &["--layers", "2,3", "--image", "2x1", "--filters", "f.png", "--reconstructions", "f.png"],
            &["named twice"],
        ),
    ] {
        let mut command = fanin(folder.path());
        command.args(["pretrain", "--data", data]).args(arguments).args(out);
        refused(&mut command, folder.path(), 2, words);
    }
    let mut command = fanin(folder.path());
    command.args(["pretrain", "--data", "two.csv", "--layers", "2,3", "-o", "two.csv"]);
    refused(&mut command, folder.path(), 2, &["must end in .safetensors", "two.csv"]);
    let mut command = fanin(folder.path());
    command.args(["pretrain", "--data", "two.csv", "--layers", "2,3", "-o", "out.npz"]);
    refused(&mut command, folder.path(), 2, &["out.npz", "must end in .safetensors"]);
    for (data, output, code) in [("missing.csv", "out.safetensors", 2), ("two.csv", "missing/out.safetensors", 1)] {
        let mut command = fanin(folder.path());
        command.args(["pretrain", "--data", data, "--layers", "2,3", "-o", output]);
        refused(&mut command, folder.path(), code, &["missing"]);
    }
}

#[test]
fn pictures_are_drawn_in_both_formats() {
    let folder = tempdir().unwrap();
    for visible in ["bernoulli", "gaussian"] {
        for (filters, reconstructions) in [("f.svg", "r.png"), ("f.png", "r.svg")] {
            let pictures = ["--filters", filters, "--reconstructions", reconstructions, "--visible", visible];
            let arguments = ["--layers", "64,200,20", "--epochs", "1", "-o", "out.safetensors", "-q"];
            learns(folder.path(), &[&arguments[..], &pictures].concat());
        }
    }
    for name in ["f", "r"] {
        let png = fs::read(folder.path().join(format!("{name}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        let svg = fs::read_to_string(folder.path().join(format!("{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
        // Several shades of grey, and no image of a single shade.
        assert!(svg.matches("<rect").count() > 1000, "{name}");
    }
}
