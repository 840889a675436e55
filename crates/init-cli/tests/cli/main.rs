//! Tests of the `fanin` program, which run it as a user does.

mod bad_input;
mod bench;
mod bits;
mod blocks;
mod compare;
mod diff;
mod failure;
mod formats;
mod indexed;
mod init;
mod inspect;
mod layouts;
mod list;
mod mistakes;
mod plan;
mod presets;
mod pretrain;
mod ranks;
mod resolve;
mod rules;
mod schemes;
mod shards;
mod shell;
mod story;
mod structured;
mod trace;
mod verify;
mod width;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use init_kernels::Level;

/// The program under test, which cargo builds before this test.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_fanin"))
}

/// An example of the repository.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// The result of a run.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self { code: output.status.code(), out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

/// `fanin` in a folder, independent of the settings of the person who runs the tests.
fn fanin(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder);
    for setting in ["FANIN_LEVEL", "RAYON_NUM_THREADS", "COLUMNS", "CLICOLOR_FORCE"] {
        command.env_remove(setting);
    }
    command
}

/// Asserts that a run succeeds and prints nothing to standard error, which is not a terminal here.
#[track_caller]
fn works(folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
    let run = Run::of(fanin(folder).args(arguments));
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    run
}

/// Asserts that `fanin init` writes the same file at every level that the machine supports and on
/// any number of threads.
#[track_caller]
fn same_at_every_level_and_thread_count(folder: &Path, arguments: &[&str]) {
    let write = |threads: &str, level: Level| {
        let mut command = fanin(folder);
        command.args(["init", "-q", "--force", "-o", "out.safetensors", "--threads", threads]).args(arguments);
        let run = Run::of(command.env("FANIN_LEVEL", level.to_string()));
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
        assert!(run.out.is_empty(), "--quiet is quiet");
        fs::read(folder.join("out.safetensors")).unwrap()
    };
    let first = write("1", Level::Portable);
    for level in Level::available() {
        for threads in ["1", "2", "3", "8"] {
            assert!(write(threads, level) == first, "{arguments:?} {level} {threads}");
        }
    }
}

/// Asserts that a run is refused: the exit code, one or two lines that contain all the words, and
/// an unchanged folder.
#[track_caller]
fn refused(command: &mut Command, folder: &Path, code: i32, words: &[&str]) {
    let before = contents(folder);
    let run = Run::of(command);
    assert_eq!(run.code, Some(code), "{}", run.err);
    assert!(run.err.starts_with("error: "), "{}", run.err);
    assert!((1..=2).contains(&run.err.lines().count()), "{}", run.err);
    for word in words {
        assert!(run.err.contains(word), "`{word}` is missing in: {}", run.err);
    }
    assert!(run.out.is_empty());
    assert_eq!(contents(folder), before, "files changed");
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The bytes of each tensor of a file, as the reference implementation reads it.
fn tensors(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let parsed = safetensors::SafeTensors::deserialize(file).unwrap();
    parsed.iter().map(|(name, tensor)| (name.to_owned(), tensor.data().to_vec())).collect()
}
