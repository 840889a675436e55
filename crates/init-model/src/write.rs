use std::{
    fs::File,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use init_kernels::FillError;

use crate::{
    buffers::Generated,
    chunk::chunks,
    header::{MAX_HEADER_BYTES, encode_plan},
    plan::Plan,
    position::write_all_at,
    replacement::{Replacement, ReplacementError},
    shown::shown,
};

/// What [`write()`] reports to.
type Progress<'a> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'a;

/// Writes a plan's values as a safetensors file and returns the file's size in bytes.
///
/// The threads of rayon's current pool each fill and write one MiB at a time, so memory is one MiB a thread whatever the
/// model; only a tensor whose elements depend on each other (orthogonal, sparse) is made at once, in memory for it and as much
/// again. The bytes depend on the plan alone. `progress` is told, from any thread, how many bytes were just written, and
/// says whether to go on; it is asked a last time, with 0, when only the renaming is left.
///
/// Whatever happens, `path` names the earlier file or the whole new one, as a [`Replacement`] does.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use init_model::{Header, Recipe, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let plan = Recipe::parse(text, "bias.toml")?.plan()?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &plan, &|_| ControlFlow::Continue(()))?;
/// assert_eq!(Header::read(&path)?.tensors()[0].shape, [256]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`WriteError`] if the folder cannot be written, the disk is full, `path` is a folder or a device, the names take more than
/// the 100 MB that a file of this format may give them, or `progress` breaks it off.
pub fn write(path: impl AsRef<Path>, plan: &Plan, progress: &Progress<'_>) -> Result<u64, WriteError> {
    let path = path.as_ref();
    let replacement = Replacement::new(path)?;
    let failed = |source| replacement.failed(source);

    let header = encode_plan(plan).map_err(|error| failed(error.into()))?;
    let json = header.len() as u64 - 8;
    if json > MAX_HEADER_BYTES {
        return Err(WriteError::Header { path: path.to_owned(), bytes: json });
    }
    let length = header.len() as u64 + plan.bytes();
    let file = replacement.file();
    file.set_len(length).map_err(failed)?;
    write_all_at(file, &header, 0).map_err(failed)?;
    let interrupted = || WriteError::Interrupted { path: path.to_owned() };
    if progress(header.len() as u64).is_break() {
        return Err(interrupted());
    }
    write_values(file, header.len() as u64, plan, progress).map_err(|error| match error {
        ChunkError::Io(source) => failed(source).into(),
        ChunkError::Fill { name, source } => WriteError::Fill { name, source },
        ChunkError::Interrupted => interrupted(),
    })?;

    replacement.sync()?;
    if progress(0).is_break() {
        return Err(interrupted());
    }
    replacement.commit()?;
    Ok(length)
}

enum ChunkError {
    Io(io::Error),
    Fill { name: String, source: FillError },
    Interrupted,
}

fn write_values(file: &File, data_start: u64, plan: &Plan, progress: &Progress<'_>) -> Result<(), ChunkError> {
    let sizes = plan.entries().iter().map(|entry| (entry.shape.numel(), entry.step()));
    let positions: Vec<u64> = (plan.entries().iter())
        .scan(data_start, |next, entry| Some(std::mem::replace(next, *next + entry.bytes())))
        .collect();

    // One queue in file order: the disk sees a nearly sequential write from any number of threads. An error ends it.
    let queue = Mutex::new(Ok(chunks(sizes)));
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || locked().as_mut().ok().and_then(Iterator::next);
    rayon::broadcast(|_| {
        let mut generated = Generated::default();
        while let Some(chunk) = next() {
            let filled = generated.bytes(plan, &chunk).map_err(|source| {
                let name = plan.entries()[chunk.tensor].name.clone();
                ChunkError::Fill { name, source }
            });
            let result = filled.and_then(|bytes| {
                let size = plan.entries()[chunk.tensor].dtype.size() as u64;
                let position = positions[chunk.tensor] + chunk.elements.start * size;
                write_all_at(file, bytes, position).map_err(ChunkError::Io)?;
                match progress(bytes.len() as u64) {
                    ControlFlow::Continue(()) => Ok(()),
                    ControlFlow::Break(()) => Err(ChunkError::Interrupted),
                }
            });
            if let Err(error) = result {
                *locked() = Err(error);
            }
        }
    });
    queue.into_inner().unwrap_or_else(PoisonError::into_inner).map(drop)
}

/// Why a model was not written. An earlier file of the same name is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The target is no file, its folder cannot be written, or the disk is full.
    #[error(transparent)]
    Replacement(#[from] ReplacementError),
    /// More names than a safetensors file may have.
    #[error(
        "`{}` cannot be written: its header would take {bytes} bytes, and a safetensors file has at most \
         {MAX_HEADER_BYTES}; give fewer parameters, or shorter names", path.display()
    )]
    Header {
        /// The target.
        path: PathBuf,
        /// The size of the header.
        bytes: u64,
    },
    /// `progress` said to stop.
    #[error("`{}` was not written: the run was interrupted", path.display())]
    Interrupted {
        /// The target.
        path: PathBuf,
    },
    /// A level was asked for that this machine does not have.
    #[error("parameter `{shown}`: {source}", shown = shown(.name))]
    Fill {
        /// The parameter.
        name: String,
        /// What is wrong.
        source: FillError,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipe;
    use std::fs;

    const RULE: &str = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"";

    /// Neither this crate nor the reference implementation would read the file back.
    #[test]
    fn a_header_that_no_reader_takes_is_refused() {
        let name = "n".repeat(100_000_000);
        let plan = Recipe::parse(&format!("[parameters]\n{name} = [1]\n{RULE}"), "long").unwrap().plan().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.safetensors");
        let error = write(&path, &plan, &|_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, WriteError::Header { bytes, .. } if bytes > MAX_HEADER_BYTES));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn progress_breaks_it_off_at_any_moment() {
        let text = format!("[parameters]\na = [1000000]\n{RULE}");
        let plan = Recipe::parse(&text, "plan").unwrap().plan().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.safetensors");
        for stop in [1, 2, 4, 6] {
            let asked = Mutex::new(0);
            let result = write(&path, &plan, &|_| {
                let mut asked = asked.lock().unwrap();
                *asked += 1;
                if *asked >= stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            // The header, four chunks of at most one MiB, and the last question.
            assert!(matches!(result, Err(WriteError::Interrupted { .. })), "{stop}: {result:?}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
