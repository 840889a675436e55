//! Failures of the system: exit code 1, and no partial file under the name of the output.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::tempdir;

use crate::{Run, example, fanin, program, refused, tensors};

#[test]
fn paths_that_lead_nowhere() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    fs::write(&out, "earlier").unwrap();
    let linear = example("linear-784x256.toml");
    for (target, words) in [
        ("missing/out.safetensors", &["missing/out.safetensors", "create the folder"][..]),
        ("out.safetensors/more.safetensors", &["out.safetensors/more.safetensors", "folder"]),
    ] {
        let mut command = fanin(folder.path());
        command.args(["init", "--force"]).arg(&linear).args(["-o", target]);
        refused(&mut command, folder.path(), 1, words);
    }
    // A missing input file is bad input, and not a failure of the system.
    for arguments in [
        &["init", "--force", "missing.toml", "-o", "out.safetensors"][..],
        &["init", "--force", "--like", "missing.safetensors", "--rules", "rules.toml", "-o", "out.safetensors"],
        &["inspect", "missing.safetensors"],
    ] {
        fs::write(folder.path().join("rules.toml"), "").unwrap();
        refused(fanin(folder.path()).args(arguments), folder.path(), 2, &["missing."]);
    }
}

/// `fanin init` of about 800 kB, in a shell that sets a limit first.
#[cfg(unix)]
fn limited(folder: &Path, limit: &str) -> Command {
    let script = format!("{limit}; exec \"$0\" init --force \"$1\" -o disk/out.safetensors");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).args([program(), &example("linear-784x256.toml")]);
    command.current_dir(folder);
    command
}

#[cfg(unix)]
#[test]
fn a_limit_on_the_file_size() {
    let folder = tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    fs::write(disk.join("out.safetensors"), "earlier").unwrap();
    let mut command = limited(folder.path(), "trap '' XFSZ; ulimit -f 100");
    refused(&mut command, &disk, 1, &["disk/out.safetensors", "another disk"]);
}

/// A disk of 500 kB in a separate mount namespace. Without permission to create one, nothing is
/// tested.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("disk")).unwrap();
    let mount = "mount -t tmpfs -o size=500k none disk && echo earlier > disk/out.safetensors";
    let allowed = Command::new("unshare")
        .args(["-rm", "sh", "-c", mount])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("no mount namespaces here: a full disk was not tested");
        return;
    }
    let script =
        format!("{mount}; \"$0\" init --force \"$1\" -o disk/out.safetensors; echo $?; cat disk/*; ls -A disk");
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]);
    command.args([program(), &example("linear-784x256.toml")]).current_dir(folder.path());
    let run = Run::of(&mut command);
    assert!(run.err.starts_with("error: `disk/out.safetensors`"), "{}", run.err);
    assert!(run.err.contains("free some space") && run.err.lines().count() == 1, "{}", run.err);
    assert_eq!(run.text(), "1\nearlier\nout.safetensors\n");
}

/// After Ctrl-C or SIGTERM neither a partial nor a temporary file is left, and the shell sees the
/// signal.
#[cfg(unix)]
#[test]
fn an_interrupted_run_cleans_up() {
    use std::os::unix::process::ExitStatusExt;

    // Far larger than what can be written before the signal arrives; the file is sparse.
    let recipe = "[parameters]\na = [50000000000]\n[[rule]]\nmatch = \"a\"\ninit = \"normal(0, 1)\"\n";
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("out.safetensors"), "earlier").unwrap();
        fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
        let mut child = fanin(folder.path())
            .args(["init", "--force", "recipe.toml", "--threads", "1", "-o", "out.safetensors"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while fs::read_dir(folder.path()).unwrap().count() < 3 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.signal(), Some(number), "{message}");
        assert!(message.starts_with("error: `out.safetensors`") && message.contains("cancelled"), "{message}");
        assert_eq!(message.lines().count(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(fs::read(folder.path().join("out.safetensors")).unwrap(), b"earlier");
    }
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_the_existing_file() {
    let folder = tempdir().unwrap();
    let out = folder.path().join("out.safetensors");
    fs::write(&out, "earlier").unwrap();
    let mut child = fanin(folder.path())
        .args(["init", "--force", "--preset", "gpt2", "--threads", "1", "-o", "out.safetensors"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let is_temporary = |name: &str| name.starts_with(".out.safetensors.fanin-") && name.ends_with(".tmp");
    let begun = || {
        fs::read_dir(folder.path()).unwrap().any(|entry| is_temporary(&entry.unwrap().file_name().to_string_lossy()))
    };
    while !begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL: no handler runs.
    child.kill().unwrap();
    child.wait().unwrap();

    let found = fs::read(&out).unwrap();
    assert!(found == b"earlier" || tensors(&found).len() == 148, "a partial file");
}

/// A link under the name of the unfinished file is not followed, and a deleted working folder is an
/// error.
#[cfg(unix)]
#[test]
fn a_link_under_the_name_of_the_unfinished_file_and_a_deleted_folder() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("victim"), "earlier").unwrap();
    std::os::unix::fs::symlink("victim", folder.path().join(".out.safetensors.fanin.part")).unwrap();
    let linear = example("linear-784x256.toml");
    let mut command = fanin(folder.path());
    command.args(["init", "--force"]).arg(&linear).args(["-o", "out.safetensors"]);
    refused(&mut command, folder.path(), 1, &["`out.safetensors` cannot be written"]);

    let script = "mkdir gone; cd gone; rmdir ../gone; exec \"$0\" init \"$1\" -o out.safetensors";
    let mut command = Command::new("sh");
    command.args(["-c", script]).args([program(), &linear]).current_dir(folder.path());
    let run = Run::of(&mut command);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("`out.safetensors` cannot be written"), "{}", run.err);
}
