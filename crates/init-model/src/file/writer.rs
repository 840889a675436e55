//! Writing a plan to a file, or to several.

use std::{
    fs,
    path::{Path, PathBuf},
};

use init_kernels::{FillError, Progress};

use super::{
    checksums::Checksums,
    format_error::FormatError,
    formats::Format,
    offset_io::write_all_at,
    outline::{Outline, Target},
    partial::{Partial, PartialError},
    replacement::{Replacement, ReplacementError},
    shards::{Piece, pieces},
    values::{ChunkError, write_values},
};
use crate::{excerpt::excerpt, plan::plan::Plan};

/// Bytes between checkpoints. Each checkpoint syncs, so that the disk works while later values are
/// generated; at one per GiB, writing 0.5 GB took 20 % longer.
const INTERVAL: u64 = 256 << 20;

/// Writes a plan's values as a model file and returns the file's size in bytes: a [`Writer`]
/// without options.
///
/// ```
/// use init_model::{Header, Progress, Recipe, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let plan = Recipe::parse(text, "bias.toml")?.plan()?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &plan, Progress::none())?;
/// assert_eq!(Header::read(&path)?.tensors()[0].shape, [256]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns the errors of [`Writer::write`].
pub fn write(path: impl AsRef<Path>, plan: &Plan, progress: Progress<'_>) -> Result<u64, WriteError> {
    Ok(Writer::new().write(path, plan, progress)?.bytes)
}

/// Writes plans to files, with options.
///
/// The extension of the path selects the [`Format`]:
///
/// | extension | format | limits |
/// |---|---|---|
/// | `.safetensors` | safetensors | headers of at most 100 MB |
/// | `.npy` | the array of `numpy.save` | one parameter, no bf16, no metadata, no shards, no resuming |
/// | `.npz` | the arrays of `numpy.savez`; metadata as the comment, in JSON | no bf16, no shards, names[^1] |
/// | `.gguf` | GGUF version 3, with dimensions in reverse order | names of 63 bytes, 4 dimensions[^2] |
///
/// [^1]: without control characters and backslashes, and without an empty, `.` or `..` part between
/// slashes.
///
/// [^2]: and no scalars of bf16.
///
/// Names are those of the plan, which determine the values; they are not converted to the names
/// that llama.cpp uses. The values are the same bits in every format.
///
/// The threads of rayon's current pool each generate and write one MiB at a time, so memory is one
/// MiB per thread whatever the model. Only a tensor whose elements depend on each other
/// (orthogonal, sparse) is generated in one piece, which takes twice its size. The bytes depend
/// only on the plan and on the size of the shards.
///
/// The values go to a file `.NAME.fanin.part` next to the target, with ordinary permissions, which
/// is synced and renamed at the end: whatever happens, the path names either the earlier file or
/// the complete new one. If the path is a symbolic link, the file it points to is replaced; a
/// dangling link is itself replaced. Two runs never write one target at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    shard_bytes: Option<u64>,
    resume: bool,
    replace: bool,
    sync: bool,
    interval: u64,
}

/// The result of [`Writer::write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The files: the model, or its shards and their index.
    pub files: Vec<PathBuf>,
    /// Their total size.
    pub bytes: u64,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Creates a writer of one file, which replaces an earlier one; a cancelled run leaves nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { shard_bytes: None, resume: false, replace: true, sync: true, interval: INTERVAL }
    }

    /// Divides the model into several files of at most that many bytes of values.
    ///
    /// Safetensors files are named as transformers does: `NAME-00001-of-00003.safetensors` and so
    /// on, and `NAME.safetensors.index.json`, which says which parameter is in which file. GGUF
    /// files have llama.cpp's metadata instead of an index. A parameter is never divided: one that
    /// is larger gets its own file. If one file is enough, it has the plain name and no index.
    #[must_use]
    pub const fn shard_bytes(self, bytes: u64) -> Self {
        Self { shard_bytes: Some(bytes), ..self }
    }

    /// Resumes what an earlier run of the same plan has left, and leaves what there is if it is
    /// cancelled itself. The file is the same, bit for bit, as if it had been written by one run.
    #[must_use]
    pub const fn resume(self, resume: bool) -> Self {
        Self { resume, ..self }
    }

    /// Whether earlier files are replaced, which is the default. Otherwise a file of the same name
    /// is an error, unless the run [resumes](Self::resume) and the file is the complete file of the
    /// same plan.
    #[must_use]
    pub const fn replace(self, replace: bool) -> Self {
        Self { replace, ..self }
    }

    /// Sets whether a run waits for fsync, which is the default. Without it, a machine that loses
    /// power soon after the run may leave a file that looks complete but is corrupt; a killed
    /// program cannot.
    #[must_use]
    pub const fn sync(self, sync: bool) -> Self {
        Self { sync, ..self }
    }

    /// Writes a plan. Progress is in bytes, written or found; the last report, of 0 bytes, comes
    /// before the renaming.
    ///
    /// # Errors
    ///
    /// Returns [`WriteError`] if the extension selects no format, the format cannot represent the plan,
    /// the folder cannot be written, the disk is full, `path` is a folder or a device, a file
    /// exists and is not to be replaced, another run is writing it, the partial file of an earlier
    /// run is of another plan, or `progress` cancels it.
    pub fn write(&self, path: impl AsRef<Path>, plan: &Plan, progress: Progress<'_>) -> Result<Written, WriteError> {
        let path = path.as_ref();
        let format = Format::of(path)?;
        let index = if self.shard_bytes.is_some() { format.shards(path)? } else { None };
        if self.resume {
            format.check_resumes(path)?;
        }
        let pieces = pieces(path, plan, self.shard_bytes);
        // A folder or a device is reported under its own name, not under that of a shard.
        if pieces.len() > 1 && fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(ReplacementError::NotAFile { path: path.to_owned() }.into());
        }
        // What the format cannot represent is reported before any file is touched.
        let (digest, files, tensors) = (plan.digest(), pieces.len(), plan.entries().len());
        let outlines = pieces.iter().enumerate().map(|(number, piece)| {
            format.outline(&Target { path: &piece.path, digest: &digest, number, files, tensors }, &piece.plan)
        });
        let outlines: Vec<Outline> = outlines.collect::<Result<_, _>>()?;
        let index = index.filter(|_| files > 1).map(|index| (index.write)(path, plan, &pieces));
        self.check_existing(&pieces, &outlines, index.as_ref())?;

        let mut written = Written { files: Vec::new(), bytes: 0 };
        let mut partials = Vec::new();
        for (piece, outline) in pieces.iter().zip(&outlines) {
            if let Some(partial) = self.piece(piece, outline, progress)? {
                // A single file is renamed at once, which itself waits for the disk.
                if pieces.len() > 1 {
                    partial.finish()?;
                }
                partials.push(partial);
            }
            written.bytes += outline.length;
            written.files.push(piece.path.clone());
        }
        if progress.advance(0).is_err() {
            return Err(WriteError::Cancelled { path: path.to_owned(), kept: self.resume });
        }
        for partial in partials {
            partial.commit()?;
        }
        if let Some((path, json)) = index {
            Replacement::write(&path, &json)?;
            written.bytes += json.len() as u64;
            written.files.push(path);
        }
        Ok(written)
    }

    /// Checks that no file exists that is not to be replaced.
    fn check_existing(
        &self,
        pieces: &[Piece],
        outlines: &[Outline],
        index: Option<&(PathBuf, Vec<u8>)>,
    ) -> Result<(), WriteError> {
        if self.replace {
            return Ok(());
        }
        let is_file = |path: &Path| fs::metadata(path).is_ok_and(|found| found.is_file());
        let finished =
            |(piece, outline): &(&Piece, &Outline)| self.resume && Partial::is_finished(&piece.path, outline);
        let existing = pieces.iter().zip(outlines).find(|each| is_file(&each.0.path) && !finished(each));
        let existing = existing.map(|(piece, _)| &piece.path).or_else(|| {
            let (path, json) = index?;
            (is_file(path) && !(self.resume && fs::read(path).is_ok_and(|found| found == *json))).then_some(path)
        });
        existing.map_or(Ok(()), |path| Err(WriteError::Exists { path: path.clone() }))
    }

    /// Writes one file up to its renaming; `None` if it is complete already.
    fn piece(&self, piece: &Piece, outline: &Outline, progress: Progress<'_>) -> Result<Option<Partial>, WriteError> {
        let Piece { path, plan } = piece;
        let cancelled = || WriteError::Cancelled { path: path.clone(), kept: self.resume };
        if self.resume && Partial::is_finished(path, outline) {
            return progress.advance(outline.length).map_or_else(|_| Err(cancelled()), |()| Ok(None));
        }
        let (partial, done) = Partial::open(path, outline, self.resume, self.sync).map_err(|error| match error {
            PartialError::Replacement(error) => error.into(),
            PartialError::Busy => WriteError::Busy { path: path.clone() },
            PartialError::Other { partial } => WriteError::OtherPlan { path: path.clone(), partial },
            PartialError::Earlier { partial } => WriteError::EarlierVersion { path: path.clone(), partial },
        })?;
        progress.advance(outline.length - outline.values + done).map_err(|_| cancelled())?;
        let checksums = outline.records.as_ref().map(|_| Checksums::new(plan));
        write_values(&partial, outline, done, self.interval, plan, checksums.as_ref(), progress).map_err(|error| {
            match error {
                ChunkError::Io(source) => partial.failed(source).into(),
                ChunkError::Fill { name, source } => WriteError::Fill { name, source },
                ChunkError::Cancelled => cancelled(),
            }
        })?;
        if let Some((records, checksums)) = outline.records.as_ref().zip(checksums) {
            for (at, record) in records.records(&checksums.finish(&records.heads())) {
                write_all_at(partial.file(), &record, at).map_err(|source| partial.failed(source))?;
            }
        }
        Ok(Some(partial))
    }
}

/// Why a model was not written. An earlier file of the same name is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The target is not a file, its folder cannot be written, or the disk is full.
    #[error(transparent)]
    Replacement(#[from] ReplacementError),
    /// The extension selects no format, or one that cannot represent the plan.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file of this name exists, and is not to be replaced.
    #[error("`{}` exists; name another file, or allow overwriting", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The caller cancelled the run.
    #[error("`{}` was not written: the run was cancelled{}", path.display(), kept_part(*kept))]
    Cancelled {
        /// The target.
        path: PathBuf,
        /// Whether the part written so far was kept, so that a later run can resume it.
        kept: bool,
    },
    /// Another run is writing the file.
    #[error("`{}` is being written by another run; wait until it ends, or name another file", path.display())]
    Busy {
        /// The target.
        path: PathBuf,
    },
    /// The partial file of an earlier run is of another plan.
    #[error(
        "`{}` cannot be resumed: `{}` is from another recipe, seed, dtype or version; give those of that run, or \
         start over", path.display(), partial.display()
    )]
    OtherPlan {
        /// The target.
        path: PathBuf,
        /// The partial file.
        partial: PathBuf,
    },
    /// The partial file was written by an earlier version, which identified plans in another way.
    #[error(
        "`{}` cannot be resumed: `{}` was written by an earlier version, whose plans cannot be compared; start over",
        path.display(), partial.display()
    )]
    EarlierVersion {
        /// The target.
        path: PathBuf,
        /// The partial file.
        partial: PathBuf,
    },
    /// A parameter cannot be filled, such as when this machine does not have the level that was
    /// requested.
    #[error("parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Fill {
        /// The parameter.
        name: String,
        /// The error of the fill.
        source: FillError,
    },
}

fn kept_part(kept: bool) -> &'static str {
    if kept { "; the part written so far was kept, and can be resumed" } else { "" }
}

#[cfg(test)]
mod tests;
