//! Files that replace others atomically.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A file that replaces another, if there is one, once it is complete.
///
/// Writes go to a temporary file `.NAME.fanin-XXXXXX.tmp` next to the target, with ordinary
/// permissions, which is synced and renamed at the end: whatever happens, the path names either the
/// earlier file or the complete new one. If the path is a symbolic link, the file it points to is
/// replaced; a dangling link is itself replaced.
///
/// ```
/// use std::io::Write;
///
/// use init_model::Replacement;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("notes.txt");
/// let replacement = Replacement::new(&path)?;
/// replacement.file().write_all(b"whole")?;
/// assert!(!path.exists());
/// replacement.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"whole");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
    target: PathBuf,
    temporary: NamedTempFile,
}

impl Replacement {
    /// Begins a file that will replace `path`.
    ///
    /// # Errors
    ///
    /// Returns [`ReplacementError`] if `path` is a folder or a device, or its folder cannot be
    /// written.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, ReplacementError> {
        let path = path.as_ref().to_owned();
        let target = target(&path)?;
        match temporary(&target) {
            Ok(temporary) => Ok(Self { path, target, temporary }),
            Err(source) => Err(ReplacementError::Io { path, source }),
        }
    }

    /// Returns the file to write to.
    #[must_use]
    pub fn file(&self) -> &File {
        self.temporary.as_file()
    }

    /// Makes sure that everything written has reached the disk.
    ///
    /// # Errors
    ///
    /// Returns [`ReplacementError::Io`] if it cannot be synced.
    pub fn sync(&self) -> Result<(), ReplacementError> {
        self.file().sync_all().map_err(|source| self.failed(source))
    }

    /// Syncs the file and renames it to its target.
    ///
    /// # Errors
    ///
    /// Returns [`ReplacementError::Io`] if it cannot be synced or renamed; the path is then
    /// unchanged.
    pub fn commit(self) -> Result<(), ReplacementError> {
        self.sync()?;
        let path = self.path;
        self.temporary.persist(&self.target).map_err(|error| ReplacementError::Io { path, source: error.error })?;
        Ok(())
    }

    /// Replaces a file by these bytes.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new) and [`commit`](Self::commit).
    pub fn write(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), ReplacementError> {
        Self::filled(path, bytes)?.commit()
    }

    /// Begins a file, and writes and syncs these bytes, so that little can fail in
    /// [`commit`](Self::commit).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new) and [`sync`](Self::sync).
    pub fn filled(path: impl AsRef<Path>, bytes: &[u8]) -> Result<Self, ReplacementError> {
        let replacement = Self::new(path)?;
        replacement.file().write_all(bytes).map_err(|source| replacement.failed(source))?;
        replacement.sync()?;
        Ok(replacement)
    }

    /// Returns the error of a failed write to the file.
    pub(crate) fn failed(&self, source: io::Error) -> ReplacementError {
        ReplacementError::Io { path: self.path.clone(), source }
    }
}

/// Returns the file that `path` refers to, unless it is a folder or a device: renaming over
/// `/dev/null` would destroy it.
pub(crate) fn target(path: &Path) -> Result<PathBuf, ReplacementError> {
    if path.file_name().is_none() || fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(ReplacementError::NotAFile { path: path.to_owned() });
    }
    Ok(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
}

/// Returns the folder of a file.
pub(crate) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn temporary(target: &Path) -> io::Result<NamedTempFile> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    // The name of the target may be as long as the file system allows.
    let name: String = name.chars().take(40).collect();
    let prefix = format!(".{name}.fanin-");

    // Opened here, with ordinary permissions, since the builder's errors name the temporary file.
    let mut code = None;
    let open = |path: &Path| {
        let file = File::options().read(true).write(true).create_new(true).open(path);
        file.inspect_err(|error| code = error.raw_os_error())
    };
    let made = tempfile::Builder::new().prefix(&prefix).suffix(".tmp").make_in(folder(target), open);
    made.map_err(|error| code.map_or(error, io::Error::from_raw_os_error))
}

/// Why a file was not written. An earlier file of the same name is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplacementError {
    /// The target exists and is not a regular file.
    #[error("`{}` is not a regular file; name a file to write", path.display())]
    NotAFile {
        /// The target.
        path: PathBuf,
    },
    /// The folder cannot be written, or the disk is full.
    #[error("`{}` cannot be written: {source}; {}", path.display(), remedy(source))]
    Io {
        /// The target.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn remedy(error: &io::Error) -> &'static str {
    use io::ErrorKind::{
        FileTooLarge, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match error.kind() {
        NotFound | NotADirectory => "create the folder first",
        PermissionDenied | ReadOnlyFilesystem => "choose a folder that you have permission to write to",
        StorageFull | QuotaExceeded => "free some space, or write to another disk",
        FileTooLarge => "raise the limit on file sizes, or write to another disk",
        _ => "check the path and the disk",
    }
}
