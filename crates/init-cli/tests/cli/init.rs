//! `fanin init`: models as safetensors files.

use std::{
    fs,
    time::{Duration, Instant},
};

use half::bf16;
use init_core::DType;
use init_model::{
    Header, PRESETS, Progress,
    check::{Bound, compare, pair},
    inspect, preset,
};
use tempfile::tempdir;

use crate::{example, program, same_at_every_level_and_thread_count, tensors, works};

#[test]
fn gpt2_has_the_published_shapes_and_the_specified_statistics() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["init", "--force", "--preset", "gpt2", "--seed", "42", "-o", "gpt2.safetensors"]);
    assert!(run.text().starts_with("124,439,808 parameters in 148 tensors, 497,759,232 bytes of f32, seed 42\n"));

    let path = folder.path().join("gpt2.safetensors");
    let file = fs::read(&path).unwrap();
    let parsed = safetensors::SafeTensors::deserialize(&file).unwrap();
    assert_eq!(parsed.len(), 148);
    let elements: usize = parsed.iter().map(|(_, tensor)| tensor.shape().iter().product::<usize>()).sum();
    assert_eq!(elements, 124_439_808);
    for (name, shape) in [
        ("wte.weight", &[50257, 768][..]),
        ("wpe.weight", &[1024, 768]),
        ("h.0.attn.c_attn.weight", &[768, 2304]),
        ("h.5.attn.c_proj.bias", &[768]),
        ("h.11.mlp.c_fc.weight", &[768, 3072]),
        ("h.11.mlp.c_proj.weight", &[3072, 768]),
        ("h.3.ln_2.weight", &[768]),
        ("ln_f.bias", &[768]),
    ] {
        assert_eq!(parsed.tensor(name).unwrap().shape(), shape, "{name}");
    }
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&file).unwrap();
    let metadata = metadata.metadata().as_ref().unwrap();
    assert_eq!(metadata["format"], "pt");
    assert_eq!(metadata["fanin.seed"], "42");
    assert_eq!(metadata["fanin.value_format"], "1");

    let plan = preset("gpt2").unwrap().plan().unwrap();
    let header = Header::read(&path).unwrap();
    let found = inspect(&header, 8, |_| true, Progress::none()).unwrap();
    let entries = pair(&plan, &header).unwrap();
    for measured in &found.measured {
        let entry = entries[measured.tensor];
        let of = compare(entry.distribution().unwrap(), DType::F32, &measured.moments.unwrap());
        assert_ne!(of.bound, Bound::Broken, "{}", entry.name);
        for z in [of.mean_z, of.std_z].into_iter().flatten() {
            assert!(z.abs() < 5.0, "{}: {of:?}", entry.name);
        }
    }
}

#[test]
fn json_names_the_files_that_were_written() {
    let folder = tempdir().unwrap();
    let recipe = example("mlp.toml");
    let source = ["init", "--force", recipe.to_str().unwrap(), "--seed", "7", "--json"];
    let plan = init_model::Recipe::read(&recipe).unwrap().plan().unwrap();
    // In one file or in shards, quiet or not: one object on one line, and the files exist.
    for more in [&["-o", "m.safetensors"][..], &["-o", "m.safetensors", "-q", "--shard-size", "1MB"]] {
        let run = works(folder.path(), [&source[..], more].concat());
        assert_eq!(run.text().lines().count(), 1);
        let found: serde_json::Value = serde_json::from_slice(&run.out).unwrap();
        let files = found["files"].as_array().unwrap().iter().map(|file| folder.path().join(file.as_str().unwrap()));
        let sizes: Vec<_> = files.map(|file| fs::metadata(file).unwrap().len()).collect();
        assert_eq!(sizes.len(), if more.contains(&"-q") { 3 } else { 1 });
        assert_eq!(found["bytes"], sizes.iter().sum::<u64>());
        assert_eq!((&found["parameters"], &found["tensors"]), (&plan.elements().into(), &plan.entries().len().into()));
        assert_eq!((&found["seed"], &found["digest"]), (&7.into(), &plan.digest().into()));
        assert!(found["seconds"].as_f64().unwrap() > 0.0);
    }
    let dry = works(folder.path(), [&source[..], &["--dry-run"]].concat());
    let json = works(folder.path(), ["plan", recipe.to_str().unwrap(), "--seed", "7", "--format", "json"]);
    assert_eq!(dry.out, json.out);
}

#[test]
fn every_preset_has_a_plan() {
    for name in PRESETS {
        let folder = tempdir().unwrap();
        let run = works(folder.path(), ["init", "--force", "--preset", name, "--dry-run"]);
        assert!(run.text().lines().last().unwrap().contains("parameters in"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn bytes_do_not_depend_on_threads_or_level() {
    let folder = tempdir().unwrap();
    for (recipe, dtype) in
        [("linear-784x256.toml", "f32"), ("mlp.toml", "f32"), ("mlp.toml", "f64"), ("mlp.toml", "bf16")]
    {
        let recipe = example(recipe);
        same_at_every_level_and_thread_count(folder.path(), &[recipe.to_str().unwrap(), "--dtype", dtype]);
    }
}

#[test]
fn bf16_is_f32_rounded() {
    let folder = tempdir().unwrap();
    let write = |dtype: &str| {
        let recipe = example("mlp.toml");
        let recipe = recipe.to_str().unwrap();
        works(folder.path(), ["init", "--force", recipe, "--dtype", dtype, "-o", "out.safetensors"]);
        tensors(&fs::read(folder.path().join("out.safetensors")).unwrap())
    };
    let (narrow, wide) = (write("bf16"), write("f32"));
    let bound = (6.0f64 / 266.0).sqrt();
    for (name, wide) in &wide {
        let wide = wide.as_chunks::<4>().0.iter().map(|&word| f32::from_le_bytes(word));
        let narrow = narrow[name].as_chunks::<2>().0.iter().map(|&word| bf16::from_le_bytes(word));
        assert_eq!(wide.len(), narrow.len());
        for (wide, narrow) in wide.zip(narrow) {
            let rounded = bf16::from_f32(wide);
            // Only the last layer has bounds, so only its values may be clamped.
            if name == "out.weight" && rounded.to_f64().abs() > bound {
                assert!(narrow.to_f64().abs() <= bound);
            } else {
                assert_eq!(narrow.to_bits(), rounded.to_bits(), "{name}");
            }
        }
    }
}

#[test]
fn a_parameter_does_not_depend_on_the_others() {
    let folder = tempdir().unwrap();
    let write = |parameters: &str| {
        let recipe =
            format!("seed = 5\n[parameters]\n{parameters}\n[[rule]]\nmatch = \"*\"\ninit = \"normal(std=0.1)\"\n");
        fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
        works(folder.path(), ["init", "--force", "recipe.toml", "-o", "out.safetensors"]);
        tensors(&fs::read(folder.path().join("out.safetensors")).unwrap())
    };
    let two = write("a = [100, 7]\nb = [5000]");
    let swapped = write("b = [5000]\na = [100, 7]");
    let more = write("z = [3]\na = [100, 7]\nc = [70000]\nb = [5000]");
    assert_eq!(two, swapped);
    assert_eq!((&more["a"], &more["b"]), (&two["a"], &two["b"]));
    assert_ne!(two["a"][..400], two["b"][..400]);
}

/// With a cost quadratic in the number of parameters this would take minutes.
#[test]
fn a_hundred_thousand_parameters_are_written_in_seconds() {
    let folder = tempdir().unwrap();
    let names: String = (0..100_000).map(|i| format!("\"layer.{i}.weight\" = [3, 2]\n")).collect();
    let recipe = format!("[parameters]\n{names}[[rule]]\nmatch = \"*.weight\"\ninit = \"xavier_normal\"\n");
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    let start = Instant::now();
    let run = works(folder.path(), ["init", "--force", "recipe.toml", "-o", "out.safetensors"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(run.text().starts_with("600,000 parameters in 100000 tensors"), "{}", run.text());
    assert_eq!(tensors(&fs::read(folder.path().join("out.safetensors")).unwrap()).len(), 100_000);
}

#[test]
fn brackets_in_a_name_are_escaped_in_the_pattern() {
    let folder = tempdir().unwrap();
    let recipe = "[parameters]\n\"layers[0].weight\" = [4]\n[[rule]]\nmatch = 'layers\\[?\\].*'\ninit = \"ones\"\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "out.safetensors"]);
}

#[test]
fn the_file_has_the_order_of_the_recipe() {
    let folder = tempdir().unwrap();
    let recipe = "[parameters]\nz = [2]\na = [3]\nm = [1]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n";
    fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
    works(folder.path(), ["init", "--force", "recipe.toml", "-o", "out.safetensors"]);
    let header = Header::read(folder.path().join("out.safetensors")).unwrap();
    let names: Vec<_> = header.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names, ["z", "a", "m"]);
}

#[test]
fn options_override_the_recipe() {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    let recipe = recipe.to_str().unwrap();
    let run =
        works(folder.path(), ["init", "--force", recipe, "--seed", "7", "--dtype", "f16", "-o", "out.safetensors"]);
    assert!(run.text().contains("401,920 bytes of f16, seed 7"), "{}", run.text());

    let seedless = "[parameters]\na = [2]\n[[rule]]\nmatch = \"a\"\ninit = \"ones\"\n";
    fs::write(folder.path().join("seedless.toml"), seedless).unwrap();
    let run = works(folder.path(), ["init", "--force", "seedless.toml", "-o", "out.safetensors"]);
    assert!(run.text().contains("2 parameters in 1 tensor, 8 bytes of f32, seed 0 (default)"), "{}", run.text());
}

#[test]
fn like_takes_names_and_shapes_from_a_file() {
    let folder = tempdir().unwrap();
    let recipe = fs::read_to_string(example("mlp.toml")).unwrap();
    let (head, rest) = recipe.split_once("[parameters]").unwrap();
    let rules = head.replace("dtype = \"f32\"\n", "") + &rest[rest.find("[[rule]]").unwrap()..];
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    for dtype in ["f32", "bf16"] {
        let example = example("mlp.toml");
        works(
            folder.path(),
            ["init", "--force", example.to_str().unwrap(), "--dtype", dtype, "-o", "first.safetensors"],
        );
        works(
            folder.path(),
            ["init", "--force", "--like", "first.safetensors", "--rules", "rules.toml", "-o", "second.safetensors"],
        );
        let read = |name| fs::read(folder.path().join(name)).unwrap();
        assert!(read("first.safetensors") == read("second.safetensors"), "{dtype}");
    }
    // The file itself as the output: its header is read before it is replaced.
    works(
        folder.path(),
        [
            "init",
            "--force",
            "--like",
            "first.safetensors",
            "--rules",
            "rules.toml",
            "--seed",
            "1",
            "-o",
            "first.safetensors",
        ],
    );
}

#[test]
fn the_plan_shows_what_each_parameter_gets() {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    let run = works(folder.path(), ["init", "--force", recipe.to_str().unwrap(), "--dry-run"]);
    let row = run.text().lines().find(|line| line.contains("fc.weight")).unwrap();
    for word in ["[256, 784]", "784", "256", "xavier_uniform", "bound 0.0759555"] {
        assert!(row.contains(word), "{row}");
    }
    let row = run.text().lines().find(|line| line.contains("fc.bias")).unwrap();
    assert!(row.contains("zeros") && row.contains("= 0"), "{row}");
}

#[cfg(unix)]
#[test]
fn the_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempdir().unwrap();
    let script = "umask 027; exec \"$0\" init \"$1\" -o out.safetensors";
    let status = std::process::Command::new("sh")
        .args(["-c", script])
        .args([program(), &example("linear-784x256.toml")])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let mode = fs::metadata(folder.path().join("out.safetensors")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_link_stays_a_link() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("real.safetensors"), "earlier").unwrap();
    std::os::unix::fs::symlink("real.safetensors", folder.path().join("link.safetensors")).unwrap();
    let recipe = example("linear-784x256.toml");
    works(folder.path(), ["init", "--force", recipe.to_str().unwrap(), "-o", "link.safetensors"]);
    assert!(fs::symlink_metadata(folder.path().join("link.safetensors")).unwrap().is_symlink());
    assert_eq!(tensors(&fs::read(folder.path().join("real.safetensors")).unwrap()).len(), 2);
}

#[test]
fn no_sync_writes_the_same_file() {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    let recipe = recipe.to_str().unwrap();
    works(folder.path(), ["init", "-q", "--force", recipe, "-o", "waited.safetensors"]);
    // Over an existing, longer file, of which nothing may remain.
    fs::write(folder.path().join("not.safetensors"), vec![1; 2_000_000]).unwrap();
    works(folder.path(), ["init", "-q", "--force", recipe, "--no-sync", "-o", "not.safetensors"]);
    let [waited, not] = ["waited", "not"].map(|name| fs::read(folder.path().join(name.to_owned() + ".safetensors")));
    assert!(waited.unwrap() == not.unwrap());
}

#[test]
fn an_existing_file_is_overwritten_only_with_force() {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    let recipe = recipe.to_str().unwrap();
    fs::write(folder.path().join("out.safetensors"), "earlier").unwrap();
    for more in [&[][..], &["-q"], &["--resume"], &["--seed", "3"]] {
        let mut command = crate::fanin(folder.path());
        command.args(["init", recipe, "-o", "out.safetensors"]).args(more);
        crate::refused(&mut command, folder.path(), 2, &["`out.safetensors` exists", "--force"]);
    }
    works(folder.path(), ["init", recipe, "-o", "out.safetensors", "--force"]);
    assert_eq!(tensors(&fs::read(folder.path().join("out.safetensors")).unwrap()).len(), 2);
    // A complete file of the same plan is what a resumed run would write.
    works(folder.path(), ["init", recipe, "-o", "out.safetensors", "--resume"]);
}

#[test]
fn an_unknown_extension_is_refused_with_the_known_ones() {
    let folder = tempdir().unwrap();
    let recipe = example("linear-784x256.toml");
    for out in ["out.pt", "out.bin", "out", "-", "out.h5", "out.safetensor"] {
        let mut command = crate::fanin(folder.path());
        command.arg("init").arg(&recipe).args(["-o", out]);
        let words = [out, "extension", ".safetensors, .npy, .npz and .gguf"];
        crate::refused(&mut command, folder.path(), 2, &words);
    }
}
