//! Reading, checking and saving model files through the public interface.

use std::{
    fs,
    ops::ControlFlow,
    sync::atomic::{AtomicU64, Ordering},
};

use init_model::{
    Format, Header, NamedTensor, Plan, Progress, Recipe,
    check::{CheckError, Fault, Verdict, pair},
    diff,
    file::{FormatError, HeaderError, WriteError, save_as},
    inspect, judge, load, save, verify, write,
};
use tempfile::tempdir;

type Check<'a> = &'a dyn Fn(Progress<'_>) -> Result<(), CheckError>;

fn plan(seed: u64) -> Plan {
    let text = format!(
        "seed = {seed}\n[parameters]\na = [300, 1001]\nb = [7]\n\
         [[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.5, 0.5)\""
    );
    Recipe::parse(&text, "plan").unwrap().plan().unwrap()
}

#[test]
fn every_check_can_be_cancelled_and_counts_its_bytes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &plan(1), Progress::none()).unwrap();
    let header = Header::read(&path).unwrap();
    let plan = plan(1);
    let checks: [(u64, Check<'_>); 3] = [
        (2, &|progress| inspect(&header, 8, |_| true, progress).map(drop)),
        (1, &|progress| verify(&header, &plan, progress).map(drop)),
        (1, &|progress| diff(&header, &header, progress).map(drop)),
    ];
    for (times, check) in checks {
        let done = AtomicU64::new(0);
        let report = |bytes| {
            done.fetch_add(bytes, Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        check(Progress::new(&report)).unwrap();
        assert_eq!(done.into_inner(), times * plan.bytes());
        let cancelled = check(Progress::new(&|_| ControlFlow::Break(())));
        assert!(matches!(cancelled, Err(CheckError::Cancelled(_))), "{cancelled:?}");
    }
}

/// The values are those of the file whose header was read, although another has taken its name.
#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_after_its_header_was_read_is_checked_as_it_was() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &plan(1), Progress::none()).unwrap();
    let header = Header::read(&path).unwrap();
    write(&path, &plan(2), Progress::none()).unwrap();
    assert!(verify(&header, &plan(1), Progress::none()).unwrap().is_exact());
    assert!(!verify(&Header::read(&path).unwrap(), &plan(1), Progress::none()).unwrap().is_exact());
}

#[test]
fn a_nan_does_not_hide_a_value_outside_the_bounds() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut values = vec![0.25; 7];
    (values[2], values[5]) = (f32::NAN, 0.75);
    let tensor = |name: &str, shape: &[usize], values: Vec<f32>| NamedTensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        values,
    };
    let tensors = [tensor("a", &[300, 1001], vec![0.0; 300_300]), tensor("b", &[7], values)];
    save(&path, &tensors, &[], Progress::none()).unwrap();
    let (header, plan) = (Header::read(&path).unwrap(), plan(1));
    let found = inspect(&header, 8, |tensor| tensor.name == "b", Progress::none()).unwrap();
    let judgement = judge(&found, Some(&pair(&plan, &header).unwrap()));
    let Verdict::Faulty(faults) = &judgement.tensors[0].verdict else { panic!("{judgement:?}") };
    assert!(faults.contains(&Fault::NotFinite) && faults.contains(&Fault::OutOfBounds), "{faults:?}");
}

#[test]
fn tensors_are_saved_in_formats_that_support_it() {
    let folder = tempdir().unwrap();
    let tensors = [NamedTensor { name: "b".to_owned(), shape: vec![2], values: vec![1.0, 2.0] }];
    for name in ["w.npz", "w.npy", "w.gguf", "w.pt", "w"] {
        let error = save(folder.path().join(name), &tensors, &[], Progress::none()).unwrap_err();
        assert!(error.to_string().contains(".safetensors"), "{name}: {error}");
        let is_known = Format::of(name).is_ok();
        assert_eq!(is_known, matches!(error, WriteError::Format(FormatError::Save { .. })), "{name}: {error}");
    }
    let path = folder.path().join("w.partial");
    save_as(Format::Safetensors, &path, &tensors, &[], Progress::none()).unwrap();
    assert_eq!(load(&path).unwrap().0, tensors);
    let cancelled =
        save(folder.path().join("w.safetensors"), &tensors, &[], Progress::new(&|_| ControlFlow::Break(())));
    assert!(matches!(cancelled, Err(WriteError::Cancelled { kept: false, .. })), "{cancelled:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_pytorch_checkpoint_is_named_as_such() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.pt");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("archive/data.pkl", stored).unwrap();
    archive.finish().unwrap();
    let error = Header::read(&path).unwrap_err();
    assert!(matches!(error, HeaderError::Foreign { .. }) && error.to_string().contains("PyTorch"), "{error}");
    assert!(error.to_string().contains(".safetensors, .npy, .npz and .gguf"), "{error}");
}
