//! Models in several files, and runs that are killed and resumed.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::tempdir;

use crate::{contents, fanin, refused, tensors, works};

fn recipe(folder: &Path, layers: usize) {
    let mut text = "seed = 9\n[parameters]\n".to_owned();
    for layer in 0..layers {
        text += &format!("\"h.{layer}.weight\" = [1000, 1000]\n\"h.{layer}.bias\" = [1000]\n");
    }
    text += "[[rule]]\nmatch = \"*.weight\"\ninit = \"normal(0, 0.02)\"\n[[rule]]\nmatch = \"*\"\ninit = \"zeros\"\n";
    fs::write(folder.join("model.toml"), text).unwrap();
}

/// The tensors of all files that an index names.
fn of_index(folder: &Path, index: &str) -> BTreeMap<String, Vec<u8>> {
    let index: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(index)).unwrap()).unwrap();
    let map = index["weight_map"].as_object().unwrap();
    let mut files = BTreeMap::new();
    for (name, file) in map {
        let file = file.as_str().unwrap();
        let found = files.entry(file).or_insert_with(|| tensors(&fs::read(folder.join(file)).unwrap()));
        assert!(found.contains_key(name), "{file} has no {name}");
    }
    let all: BTreeMap<_, _> = files.into_values().flatten().collect();
    assert_eq!(all.len(), map.len());
    assert_eq!(index["metadata"]["total_size"], all.values().map(Vec::len).sum::<usize>());
    all
}

#[test]
fn shards_have_the_tensors_of_the_whole_model() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), 5);
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "whole.safetensors"]);
    let whole = tensors(&fs::read(folder.path().join("whole.safetensors")).unwrap());
    let run = works(folder.path(), ["init", "--force", "model.toml", "--shard-size", "9MB", "-o", "model.safetensors"]);
    assert!(run.text().contains("model.safetensors.index.json and 3 more files"), "{}", run.text());
    assert!(of_index(folder.path(), "model.safetensors.index.json") == whole);
    let names: Vec<_> = contents(folder.path()).into_keys().collect();
    let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let expected = [
        "model-00001-of-00003.safetensors",
        "model-00002-of-00003.safetensors",
        "model-00003-of-00003.safetensors",
        "model.safetensors.index.json",
        "model.toml",
        "whole.safetensors",
    ];
    assert_eq!(names, expected);

    // If one file is enough, it has the plain name.
    works(folder.path(), ["init", "-q", "--force", "model.toml", "--shard-size", "1GiB", "-o", "one.safetensors"]);
    assert!(
        fs::read(folder.path().join("one.safetensors")).unwrap()
            == fs::read(folder.path().join("whole.safetensors")).unwrap()
    );
    for size in ["0", "5XB", "-1", ""] {
        let mut command = fanin(folder.path());
        command.args(["init", "--force", "model.toml", "-o", "x.safetensors", &format!("--shard-size={size}")]);
        refused(&mut command, folder.path(), 2, &["--shard-size"]);
    }
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills runs at moments spread over their whole time: the file with the model's name is always the
/// complete model, and a resumed run ends with the bytes of an uninterrupted one. `FANIN_KILLS=100`
/// kills more often.
#[cfg(unix)]
#[test]
fn killed_runs_leave_no_partial_model_and_are_resumed() {
    let kills: u32 = env::var("FANIN_KILLS").map_or(12, |text| text.parse().unwrap());
    let folder = tempdir().unwrap();
    recipe(folder.path(), 16);
    let start = Instant::now();
    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "whole.safetensors"]);
    let whole_run = start.elapsed();
    let whole = fs::read(folder.path().join("whole.safetensors")).unwrap();
    let expected = tensors(&whole);

    for shards in [&[][..], &["--shard-size", "20MB"]] {
        let begin = || {
            let mut command = fanin(folder.path());
            command.args(["init", "-q", "--force", "model.toml", "--resume", "-o", "model.safetensors"]).args(shards);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        };
        for number in 0..kills {
            let mut child = begin();
            // From the start to a little after the end, in a scattered order.
            let part = f64::from(number * 7 % kills) / f64::from(kills);
            sleep(whole_run.mul_f64(part * 1.1) + Duration::from_millis(1));
            kill(&mut child);
            for (path, bytes) in contents(folder.path()) {
                let name = path.file_name().unwrap().to_str().unwrap();
                if name.starts_with("model") && name.ends_with(".safetensors") {
                    let found = tensors(&bytes);
                    assert!(found.iter().all(|(name, bytes)| expected[name] == *bytes), "{name} looks whole");
                    if shards.is_empty() {
                        assert!(bytes == whole, "{name} looks whole");
                    }
                }
                if name.ends_with(".index.json") {
                    assert!(of_index(folder.path(), name) == expected);
                }
            }
        }
        assert!(begin().wait().unwrap().success());
        if shards.is_empty() {
            assert!(fs::read(folder.path().join("model.safetensors")).unwrap() == whole);
        } else {
            assert!(of_index(folder.path(), "model.safetensors.index.json") == expected);
        }
        for path in contents(folder.path()).into_keys() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(!name.ends_with(".part"), "{name} is left");
            if name.starts_with("model") && name != "model.toml" {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn two_runs_at_once_and_the_leftovers_of_another_model() {
    let folder = tempdir().unwrap();
    recipe(folder.path(), 2);
    // Far larger than what can be written before the run is killed.
    let huge = "[parameters]\na = [50000000000]\n[[rule]]\nmatch = \"a\"\ninit = \"normal(0, 1)\"\n";
    fs::write(folder.path().join("huge.toml"), huge).unwrap();
    let part = folder.path().join(".model.safetensors.fanin.part");
    let mut child = fanin(folder.path())
        .args(["init", "-q", "--force", "huge.toml", "--threads", "1", "-o", "model.safetensors"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !part.exists() {
        sleep(Duration::from_millis(1));
    }
    let run = crate::Run::of(fanin(folder.path()).args(["init", "--force", "model.toml", "-o", "model.safetensors"]));
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("being written by another run"), "{}", run.err);
    kill(&mut child);

    let run = crate::Run::of(fanin(folder.path()).args([
        "init",
        "--force",
        "model.toml",
        "--resume",
        "-o",
        "model.safetensors",
    ]));
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("cannot be resumed") && run.err.contains(".model.safetensors.fanin.part"), "{}", run.err);
    assert!(part.exists() && !folder.path().join("model.safetensors").exists());

    works(folder.path(), ["init", "-q", "--force", "model.toml", "-o", "model.safetensors"]);
    assert!(!part.exists());
}
