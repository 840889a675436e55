//! `fanin bits`: raw random streams.

use std::{io::Read, process::Stdio};

use init_kernels::Stream;
use rand::Rng;
use tempfile::tempdir;

use crate::{fanin, works};

#[test]
fn the_bytes_are_the_stream() {
    let folder = tempdir().unwrap();
    for (name, stream) in [(None, Stream::new(7)), (Some("fc.weight"), Stream::new(7).child("fc.weight"))] {
        let mut arguments = vec!["bits", "--seed", "7", "--limit", "3MiB"];
        arguments.extend(name.map(|name| ["--name", name]).into_iter().flatten());
        let run = works(folder.path(), &arguments);
        let mut expected = vec![0; 3 << 20];
        stream.rng().fill_bytes(&mut expected);
        assert!(run.out == expected);
    }
}

#[test]
fn a_shorter_limit_gives_a_prefix() {
    let folder = tempdir().unwrap();
    let long = works(folder.path(), ["bits", "--seed", "1", "--limit", "2MiB"]).out;
    for limit in [0, 1, 7, 1000, 1 << 20, (1 << 20) + 3] {
        let short = works(folder.path(), ["bits", "--seed", "1", "--limit", &limit.to_string()]).out;
        assert!(short == long[..limit]);
    }
    let other = works(folder.path(), ["bits", "--seed", "2", "--limit", "64"]).out;
    assert_ne!(other, long[..64]);
}

#[test]
fn a_closed_pipe_ends_the_run_without_an_error() {
    let folder = tempdir().unwrap();
    let mut child = fanin(folder.path())
        .args(["bits", "--seed", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
