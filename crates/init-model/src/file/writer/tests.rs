//! Tests of the writer: resumed, cancelled and simultaneous runs.

use std::{ops::ControlFlow, sync::Mutex};

use super::*;
use crate::recipe::recipe::Recipe;

const RULE: &str = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"";

/// Neither this crate nor the reference implementation would read the file.
#[test]
fn a_header_that_no_reader_accepts_is_refused() {
    let name = "n".repeat(100_000_000);
    let plan = Recipe::parse(&format!("[parameters]\n{name} = [1]\n{RULE}"), "long").unwrap().plan().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    let error = write(&path, &plan, Progress::none()).unwrap_err();
    assert!(matches!(error, WriteError::Format(FormatError::Header { bytes, .. }) if bytes > 100_000_000));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn progress_can_cancel_at_any_moment() {
    let text = format!("[parameters]\na = [1000000]\n{RULE}");
    let plan = Recipe::parse(&text, "plan").unwrap().plan().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    for stop in [1, 2, 4, 6] {
        let asked = Mutex::new(0);
        let result = write(
            &path,
            &plan,
            Progress::new(&|_| {
                let mut asked = asked.lock().unwrap();
                *asked += 1;
                if *asked >= stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }),
        );
        // The header, four chunks of at most one MiB, and the last question.
        assert!(matches!(result, Err(WriteError::Cancelled { .. })), "{stop}: {result:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

fn plan(dtype: &str) -> Plan {
    let text = format!(
        "dtype = \"{dtype}\"\n[parameters]\na = [700001]\nb = [601, 701]\nc = [64, 64]\n\
         [[rule]]\nmatch = \"c\"\ninit = \"orthogonal\"\n[[rule]]\nmatch = \"*\"\ninit = \"normal(0, 1)\""
    );
    Recipe::parse(&text, "plan").unwrap().plan().unwrap()
}

/// The run is cancelled after each chunk in turn, as by a signal, and resumed.
#[test]
fn a_resumed_file_equals_one_written_by_a_single_run() {
    let (plan, folders) = (plan("f32"), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let cases = [(1 << 20, None), (3 << 20, None), (INTERVAL, None), (1 << 20, Some(2_000_000))];
    let cases = ["safetensors", "npz", "gguf"].into_iter().flat_map(|extension| cases.map(|case| (extension, case)));
    for (extension, (interval, shards)) in
        cases.filter(|(extension, (_, shards))| *extension != "npz" || shards.is_none())
    {
        let [whole, path] = folders.each_ref().map(|folder| folder.path().join(format!("out.{extension}")));
        let at_once = Writer { shard_bytes: shards, interval, sync: interval == INTERVAL, ..Writer::new() };
        let expected = at_once.write(&whole, &plan, Progress::none()).unwrap();
        let writer = Writer { resume: true, ..at_once };
        let mut runs = 0;
        let written = loop {
            let steps = Mutex::new(0);
            let result = writer.write(
                &path,
                &plan,
                Progress::new(&|_| {
                    let mut steps = steps.lock().unwrap();
                    *steps += 1;
                    // One step more each time: values that an archive reads again for its checksums
                    // count too.
                    if *steps > 2 + runs { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }),
            );
            runs += 1;
            match result {
                Ok(written) => break written,
                Err(error) => assert!(matches!(error, WriteError::Cancelled { kept: true, .. }), "{error}"),
            }
            assert!(runs < 20, "no progress after {runs} runs");
        };
        assert!(runs > 2);
        assert_eq!((written.files.len(), written.bytes), (expected.files.len(), expected.bytes));
        for (file, whole) in written.files.iter().zip(&expected.files) {
            assert!(fs::read(file).unwrap() == fs::read(whole).unwrap(), "{extension} {interval}");
        }
        for file in written.files.iter().chain(&expected.files) {
            fs::remove_file(file).unwrap();
        }
        assert_eq!(fs::read_dir(folders[1].path()).unwrap().count(), 0, "nothing else is left");
    }
}

#[test]
fn a_partial_file_of_another_plan_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    let writer = Writer::new().resume(true);
    let once = Mutex::new(0);
    let broken = writer.write(
        &path,
        &plan("f32"),
        Progress::new(&|_| {
            *once.lock().unwrap() += 1;
            if *once.lock().unwrap() > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }),
    );
    assert!(broken.is_err());
    let left = folder.path().join(".out.safetensors.fanin.part");
    let before = fs::read(&left).unwrap();
    let error = writer.write(&path, &plan("bf16"), Progress::none()).unwrap_err();
    assert!(matches!(error, WriteError::OtherPlan { .. }), "{error}");
    assert!(fs::read(&left).unwrap() == before && !path.exists());
    // Without resuming, it starts over.
    write(&path, &plan("bf16"), Progress::none()).unwrap();
    assert!(path.exists() && !left.exists());
}

#[test]
fn two_runs_do_not_write_to_one_target() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    let inner = Mutex::new(None);
    write(
        &path,
        &plan("f32"),
        Progress::new(&|_| {
            let mut inner = inner.lock().unwrap();
            if inner.is_none() {
                *inner = Some(write(&path, &plan("f32"), Progress::none()));
            }
            ControlFlow::Continue(())
        }),
    )
    .unwrap();
    assert!(matches!(inner.into_inner().unwrap(), Some(Err(WriteError::Busy { .. }))));
}

#[test]
fn a_partial_file_of_an_earlier_version_is_named_as_such() {
    for extension in ["safetensors", "npz", "gguf"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("out.{extension}"));
        let writer = Writer::new().resume(true);
        let steps = Mutex::new(0);
        let cancelled = writer.write(
            &path,
            &plan("f32"),
            Progress::new(&|_| {
                *steps.lock().unwrap() += 1;
                if *steps.lock().unwrap() > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }),
        );
        assert!(cancelled.is_err());
        let left = folder.path().join(format!(".out.{extension}.fanin.part"));
        let mut bytes = fs::read(&left).unwrap();
        let digest = plan("f32").digest();
        let at = bytes.windows(digest.len()).position(|window| window == digest.as_bytes()).unwrap();
        // The same length, but without the version.
        bytes[at..at + 3].copy_from_slice(b"abc");
        fs::write(&left, bytes).unwrap();
        let error = writer.write(&path, &plan("f32"), Progress::none()).unwrap_err();
        assert!(matches!(error, WriteError::EarlierVersion { .. }), "{extension}: {error}");
    }
}

#[test]
fn an_existing_file_is_replaced_only_if_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    let keep = Writer::new().replace(false);
    keep.write(&path, &plan("f32"), Progress::none()).unwrap();
    let before = fs::read(&path).unwrap();
    let exists = |result| matches!(result, Err(WriteError::Exists { .. }));
    assert!(exists(keep.write(&path, &plan("f32"), Progress::none())));
    assert!(exists(keep.resume(true).write(&path, &plan("bf16"), Progress::none())));
    keep.resume(true).write(&path, &plan("f32"), Progress::none()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    keep.replace(true).write(&path, &plan("bf16"), Progress::none()).unwrap();
    assert_ne!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
