//! From a plan to a file, or to several.

mod shards;
mod sums;
mod values;

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use init_kernels::FillError;

use self::{
    shards::{Piece, index, pieces},
    sums::Sums,
    values::{ChunkError, write_values},
};
use crate::{
    format::{Format, FormatError, Outline, Target},
    partial::{Partial, PartialError},
    plan::Plan,
    position::write_all_at,
    replacement::{Replacement, ReplacementError},
    shown::shown,
};

/// What [`write()`] reports to.
pub(crate) type Progress<'a> = dyn Fn(u64) -> ControlFlow<()> + Sync + 'a;

/// Bytes from one mark of what is done to the next. A mark's sync sets the disk to work while later values are made: with one a GiB, half a GB takes
/// a fifth longer.
const INTERVAL: u64 = 256 << 20;

/// Writes a plan's values as a model file and returns the file's size in bytes: a [`Writer`] without options.
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
/// Those of [`Writer::write`].
pub fn write(path: impl AsRef<Path>, plan: &Plan, progress: &Progress<'_>) -> Result<u64, WriteError> {
    Ok(Writer::new().write(path, plan, progress)?.bytes)
}

/// How a model is written.
///
/// The ending of the file's name says the format:
///
/// | ending | format | what it cannot hold |
/// |---|---|---|
/// | `.npy` | the array that `numpy.save` writes | more than one parameter, bf16, remarks; it is neither divided nor resumed |
/// | `.npz` | the arrays of `numpy.load`, uncompressed, and the remarks as the archive's comment in JSON | bf16; names with control characters, backslashes, or an empty, `.` or `..` part between slashes; it is not divided |
/// | `.gguf` | version 3, for llama.cpp and ggml, whose dimensions are in the reverse order | names of more than 63 bytes, more than 4 dimensions, scalars of bf16 |
/// | any other | safetensors | headers of more than 100 MB |
///
/// Names stay those of the plan, which key the values: llama.cpp's own conversion, which gives its models other names, is not done. The values
/// are the same bits in every format.
///
/// The threads of rayon's current pool each fill and write one MiB at a time, so memory is one MiB a thread whatever the
/// model; only a tensor whose elements depend on each other (orthogonal, sparse) is made at once, in memory for it and as much
/// again. The bytes depend on the plan and the size of the shards alone.
///
/// The values go to a file `.NAME.fanin.part` beside the target, with ordinary permissions, which is synced and renamed at the end: whatever
/// happens, the path names the earlier file or the whole new one. Where the path is a symbolic link, the file it points to is replaced; a
/// link that leads nowhere is replaced itself. Two runs do not write to one target at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    shard_bytes: Option<u64>,
    resume: bool,
    sync: bool,
    interval: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The files: the model, or its shards and their index.
    pub files: Vec<PathBuf>,
    /// Their size together.
    pub bytes: u64,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// One file; a run that is broken off leaves nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { shard_bytes: None, resume: false, sync: true, interval: INTERVAL }
    }

    /// Several files of at most so many bytes of values, as transformers writes them: `NAME-00001-of-00003.safetensors` and so on, and
    /// `NAME.safetensors.index.json`, which says where each parameter is. Those of GGUF have llama.cpp's remarks instead. A parameter is never divided: one that is larger has a
    /// file of its own. Where one file is enough, it has the plain name and no index.
    #[must_use]
    pub const fn shard_bytes(self, bytes: u64) -> Self {
        Self { shard_bytes: Some(bytes), ..self }
    }

    /// Goes on with what an earlier run of the same plan has left, and leaves what there is when it is broken off itself. The file is the
    /// same, bit for bit, as if it had been written at once.
    #[must_use]
    pub const fn resume(self, resume: bool) -> Self {
        Self { resume, ..self }
    }

    /// Whether the files are on the disk when the run ends, as they are unless this says no. Without, it ends as soon as the system has the bytes, and a
    /// machine that loses its power soon afterwards may leave a file that looks whole and is not, or one to resume from; a program that is killed cannot.
    #[must_use]
    pub const fn sync(self, sync: bool) -> Self {
        Self { sync, ..self }
    }

    /// Writes a plan. `progress` is told, from any thread, how many bytes were just written or found, and says whether to go on; it
    /// is asked a last time, with 0, when only the renaming is left.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the folder cannot be written, the disk is full, `path` is a folder or a device, another run is writing it, what is
    /// left of an earlier run is of another plan, the format that the ending asks for cannot hold the plan, or `progress` breaks it off.
    pub fn write(&self, path: impl AsRef<Path>, plan: &Plan, progress: &Progress<'_>) -> Result<Written, WriteError> {
        let path = path.as_ref();
        let format = Format::of(path);
        let has_index = if self.shard_bytes.is_some() { format.shards(path)? } else { false };
        if self.resume && format == Format::Npy {
            return Err(FormatError::Resume { path: path.to_owned() }.into());
        }
        let pieces = pieces(path, plan, self.shard_bytes);
        // A folder or a device is told by its own name, not by that of a shard.
        if pieces.len() > 1 && fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(ReplacementError::NoFile { path: path.to_owned() }.into());
        }
        // What the format cannot hold is said before anything is touched.
        let (digest, files, tensors) = (plan.digest(), pieces.len(), plan.entries().len());
        let outlines = pieces.iter().enumerate().map(|(number, piece)| {
            format.outline(&Target { path: &piece.path, digest: &digest, number, files, tensors }, &piece.plan)
        });
        let outlines: Vec<Outline> = outlines.collect::<Result<_, _>>()?;

        let mut written = Written { files: Vec::new(), bytes: 0 };
        let mut partials = Vec::new();
        for (piece, outline) in pieces.iter().zip(&outlines) {
            if let Some(partial) = self.piece(piece, outline, progress)? {
                // One file alone gets its name at once, which waits for the disk itself.
                if pieces.len() > 1 {
                    partial.finish()?;
                }
                partials.push(partial);
            }
            written.bytes += outline.length;
            written.files.push(piece.path.clone());
        }
        if progress(0).is_break() {
            return Err(WriteError::Interrupted { path: path.to_owned(), kept: self.resume });
        }
        for partial in partials {
            partial.commit()?;
        }
        if pieces.len() > 1 && has_index {
            let (path, json) = index(path, plan, &pieces);
            Replacement::write(&path, &json)?;
            written.bytes += json.len() as u64;
            written.files.push(path);
        }
        Ok(written)
    }

    /// Writes one file up to its renaming, which is not needed where it is there already.
    fn piece(&self, piece: &Piece, outline: &Outline, progress: &Progress<'_>) -> Result<Option<Partial>, WriteError> {
        let Piece { path, plan } = piece;
        let interrupted = || WriteError::Interrupted { path: path.clone(), kept: self.resume };
        if self.resume && Partial::is_finished(path, outline) {
            return if progress(outline.length).is_break() { Err(interrupted()) } else { Ok(None) };
        }
        let (partial, done) = Partial::open(path, outline, self.resume, self.sync).map_err(|error| match error {
            PartialError::Replacement(error) => error.into(),
            PartialError::Busy => WriteError::Busy { path: path.clone() },
            PartialError::Other { partial } => WriteError::Other { path: path.clone(), partial },
        })?;
        if progress(outline.length - outline.values + done).is_break() {
            return Err(interrupted());
        }
        let sums = outline.archive.as_ref().map(|_| Sums::new(plan));
        write_values(&partial, outline, done, self.interval, plan, sums.as_ref(), progress).map_err(
            |error| match error {
                ChunkError::Io(source) => partial.failed(source).into(),
                ChunkError::Fill { name, source } => WriteError::Fill { name, source },
                ChunkError::Interrupted => interrupted(),
            },
        )?;
        if let Some((archive, sums)) = outline.archive.as_ref().zip(sums) {
            for (at, record) in archive.records(&sums.of(archive.heads())) {
                write_all_at(partial.file(), &record, at).map_err(|source| partial.failed(source))?;
            }
        }
        Ok(Some(partial))
    }
}

/// Why a model was not written. An earlier file of the same name is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The target is no file, its folder cannot be written, or the disk is full.
    #[error(transparent)]
    Replacement(#[from] ReplacementError),
    /// The format that the file's ending asks for cannot hold the plan.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// `progress` said to stop.
    #[error("`{}` was not written: the run was interrupted{}", path.display(), go_on(*kept))]
    Interrupted {
        /// The target.
        path: PathBuf,
        /// Whether a later run can go on with what was written.
        kept: bool,
    },
    /// Another run is at it.
    #[error("`{}` is being written by another run; wait for its end, or name another file", path.display())]
    Busy {
        /// The target.
        path: PathBuf,
    },
    /// What an earlier run left is of another plan.
    #[error(
        "`{}` cannot be resumed: `{}` is of another recipe, seed, dtype or version; give what that run was given, or leave \
         out --resume to begin anew", path.display(), partial.display()
    )]
    Other {
        /// The target.
        path: PathBuf,
        /// What the earlier run left.
        partial: PathBuf,
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

fn go_on(kept: bool) -> &'static str {
    if kept { "; give --resume again to go on" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipe;
    use std::sync::Mutex;

    const RULE: &str = "[[rule]]\nmatch = \"*\"\ninit = \"ones\"";

    /// Neither this crate nor the reference implementation would read the file back.
    #[test]
    fn a_header_that_no_reader_takes_is_refused() {
        let name = "n".repeat(100_000_000);
        let plan = Recipe::parse(&format!("[parameters]\n{name} = [1]\n{RULE}"), "long").unwrap().plan().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.safetensors");
        let error = write(&path, &plan, &|_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, WriteError::Format(FormatError::Header { bytes, .. }) if bytes > 100_000_000));
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

    fn plan(dtype: &str) -> Plan {
        let text = format!(
            "dtype = \"{dtype}\"\n[parameters]\na = [700001]\nb = [601, 701]\nc = [64, 64]\n\
             [[rule]]\nmatch = \"c\"\ninit = \"orthogonal\"\n[[rule]]\nmatch = \"*\"\ninit = \"normal(0, 1)\""
        );
        Recipe::parse(&text, "plan").unwrap().plan().unwrap()
    }

    /// Broken off after each chunk in turn, as a signal does, and gone on with.
    #[test]
    fn a_resumed_file_is_the_file_written_at_once() {
        let (plan, folders) = (plan("f32"), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
        let cases = [(1 << 20, None), (3 << 20, None), (INTERVAL, None), (1 << 20, Some(2_000_000))];
        let cases = ["", ".npz", ".gguf"].into_iter().flat_map(|ending| cases.map(|case| (ending, case)));
        for (ending, (interval, shards)) in cases.filter(|(ending, (_, shards))| *ending != ".npz" || shards.is_none())
        {
            let [whole, path] = folders.each_ref().map(|folder| folder.path().join(format!("out{ending}")));
            let at_once = Writer { shard_bytes: shards, resume: false, interval, sync: interval == INTERVAL };
            let expected = at_once.write(&whole, &plan, &|_| ControlFlow::Continue(())).unwrap();
            let writer = Writer { resume: true, ..at_once };
            let mut runs = 0;
            let written = loop {
                let steps = Mutex::new(0);
                let result = writer.write(&path, &plan, &|_| {
                    let mut steps = steps.lock().unwrap();
                    *steps += 1;
                    // One more each time: what an archive reads again for its checksums counts too.
                    if *steps > 2 + runs { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                runs += 1;
                match result {
                    Ok(written) => break written,
                    Err(error) => assert!(matches!(error, WriteError::Interrupted { kept: true, .. }), "{error}"),
                }
                assert!(runs < 20, "it gets no further");
            };
            assert!(runs > 2);
            assert_eq!((written.files.len(), written.bytes), (expected.files.len(), expected.bytes));
            for (file, whole) in written.files.iter().zip(&expected.files) {
                assert!(fs::read(file).unwrap() == fs::read(whole).unwrap(), "{ending} {interval}");
            }
            for file in written.files.iter().chain(&expected.files) {
                fs::remove_file(file).unwrap();
            }
            assert_eq!(fs::read_dir(folders[1].path()).unwrap().count(), 0, "nothing else is left");
        }
    }

    #[test]
    fn what_another_plan_left_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let writer = Writer::new().resume(true);
        let once = Mutex::new(0);
        let broken = writer.write(&path, &plan("f32"), &|_| {
            *once.lock().unwrap() += 1;
            if *once.lock().unwrap() > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(broken.is_err());
        let left = folder.path().join(".out.fanin.part");
        let before = fs::read(&left).unwrap();
        let error = writer.write(&path, &plan("bf16"), &|_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, WriteError::Other { .. }), "{error}");
        assert!(fs::read(&left).unwrap() == before && !path.exists());
        // Without --resume it begins anew.
        write(&path, &plan("bf16"), &|_| ControlFlow::Continue(())).unwrap();
        assert!(path.exists() && !left.exists());
    }

    #[test]
    fn two_runs_do_not_write_to_one_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let inner = Mutex::new(None);
        write(&path, &plan("f32"), &|_| {
            let mut inner = inner.lock().unwrap();
            if inner.is_none() {
                *inner = Some(write(&path, &plan("f32"), &|_| ControlFlow::Continue(())));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(matches!(inner.into_inner().unwrap(), Some(Err(WriteError::Busy { .. }))));
    }
}
