//! A model file that is still being written.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{
    metadata::PLAN,
    offset_io::{read_exact_at, write_all_at},
    outline::Outline,
    replacement::{ReplacementError, folder, target},
};
use crate::plan::digest::is_digest;

/// The trailer of a file that is not complete: these bytes, then how many bytes of values are known
/// to be on the disk.
const MAGIC: [u8; 8] = *b"\xFAfanin1\n";
const TRAILER: u64 = 16;

/// The longest part of a target's name in the name of its partial file, in bytes. File systems
/// allow names of 255 bytes.
const MAX_NAME: usize = 200;

/// The file `.NAME.fanin.part` next to a target, which becomes the target once it is complete.
///
/// It is locked while a run writes to it, and longer than the target by a trailer. The trailer says
/// how far a run had come when it was killed or the machine lost its power: it counts only values
/// that were synced before.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    target: PathBuf,
    name: PathBuf,
    file: File,
    /// The size of the whole target, and of the values in it.
    length: u64,
    data: u64,
    /// Whether it is kept if it is dropped before it is complete.
    keep: bool,
    /// Whether checkpoints and the commit wait for the disk.
    sync: bool,
    committed: bool,
}

/// The state that an earlier run has left.
enum State {
    /// Nothing that can be resumed.
    Nothing,
    /// This file, with that many bytes of values.
    Begun(u64),
    /// The file of another plan.
    Other,
    /// A file of an earlier version, which identified plans in another way.
    Earlier,
}

/// Why there is no partial file to write to.
#[derive(Debug)]
pub(super) enum PartialError {
    Replacement(ReplacementError),
    /// Another run has locked it.
    Busy,
    /// It is the file of another plan.
    Other {
        partial: PathBuf,
    },
    /// It was written by an earlier version.
    Earlier {
        partial: PathBuf,
    },
}

impl From<ReplacementError> for PartialError {
    fn from(error: ReplacementError) -> Self {
        Self::Replacement(error)
    }
}

impl Partial {
    /// Begins the file of this outline, or resumes it. The second value is how many bytes of its
    /// values, without the gaps between them, are there already.
    pub(super) fn open(path: &Path, outline: &Outline, resume: bool, sync: bool) -> Result<(Self, u64), PartialError> {
        let target = target(path)?;
        let name = next_to(&target);
        let failed = |source| ReplacementError::Io { path: path.to_owned(), source };
        let file = locked(&name).map_err(|error| match error {
            Some(source) => failed(source).into(),
            None => PartialError::Busy,
        })?;
        let Outline { length, values: data, .. } = *outline;
        let mut partial =
            Self { path: path.to_owned(), target, name, file, length, data, keep: true, sync, committed: false };
        let found = partial.file.metadata().map_err(failed)?.len();
        if resume {
            match partial.state(outline, found).map_err(failed)? {
                State::Begun(done) => return Ok((partial, done)),
                State::Other => return Err(PartialError::Other { partial: partial.name.clone() }),
                State::Earlier => return Err(PartialError::Earlier { partial: partial.name.clone() }),
                State::Nothing => {}
            }
        }
        partial.keep = resume;
        partial.begin(outline, found).map_err(failed)?;
        Ok((partial, 0))
    }

    /// Whether an earlier run of the same plan has completed the target.
    pub(super) fn is_finished(path: &Path, outline: &Outline) -> bool {
        let same = || -> io::Result<bool> {
            let target = target(path).map_err(io::Error::other)?;
            if next_to(&target).exists() || fs::metadata(&target)?.len() != outline.length {
                return Ok(false);
            }
            is_of(&File::open(&target)?, outline)
        };
        same().unwrap_or(false)
    }

    /// Writes the mark and the trailer. The trailer comes last: without it, there is nothing to
    /// resume.
    fn begin(&self, outline: &Outline, found: u64) -> io::Result<()> {
        // Only where needed: ext4 flushes a file that was truncated to 0 when it is closed, which
        // doubles the time of a run that does not sync.
        if found > 0 {
            self.file.set_len(0)?;
        }
        write_all_at(&self.file, &outline.mark, outline.mark_at)?;
        self.file.set_len(self.length + TRAILER)?;
        self.write_trailer(0)
    }

    /// Returns what an earlier run has left in these `found` bytes.
    fn state(&self, outline: &Outline, found: u64) -> io::Result<State> {
        let same = || Ok::<_, io::Error>(found >= self.length && is_of(&self.file, outline)?);
        // Once it is truncated to its length, no trailer says what had reached the disk before the
        // power failed.
        let mut trailer = [0; TRAILER as usize];
        if found >= TRAILER {
            read_exact_at(&self.file, &mut trailer, found - TRAILER)?;
        }
        let (magic, mark) = trailer.split_at(8);
        let mark = u64::from_le_bytes(mark.try_into().expect("eight bytes"));
        Ok(match () {
            () if magic != MAGIC => State::Nothing,
            () if found == self.length + TRAILER && mark <= self.data && same()? => State::Begun(mark),
            () if self.is_earlier(outline, found)? => State::Earlier,
            () => State::Other,
        })
    }

    /// Whether the metadata in these `found` bytes have a digest of a form that only earlier
    /// versions write.
    fn is_earlier(&self, outline: &Outline, found: u64) -> io::Result<bool> {
        let length = (outline.mark.len() as u64 + TRAILER).min(found.saturating_sub(outline.mark_at));
        let mut mark = vec![0; length as usize];
        read_exact_at(&self.file, &mut mark, outline.mark_at)?;
        let text = String::from_utf8_lossy(&mark);
        let Some((_, rest)) = text.split_once(PLAN) else { return Ok(false) };
        // Punctuation or a binary length is between the key and the digest, whose digits are
        // unbroken.
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let digest = rest.split(|c| !is_part(c)).find(|word| word.len() >= 32);
        Ok(digest.is_some_and(|digest| !is_digest(digest)))
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Records that the first `done` bytes of values are there, once they have reached the disk.
    pub(super) fn checkpoint(&self, done: u64) -> io::Result<()> {
        if self.sync {
            self.file.sync_data()?;
        }
        self.write_trailer(done)
    }

    fn write_trailer(&self, done: u64) -> io::Result<()> {
        let mut trailer = [0; TRAILER as usize];
        trailer[..8].copy_from_slice(&MAGIC);
        trailer[8..].copy_from_slice(&done.to_le_bytes());
        write_all_at(&self.file, &trailer, self.length)
    }

    /// Makes sure that the values, which are all there, are on the disk.
    pub(super) fn finish(&self) -> Result<(), ReplacementError> {
        self.checkpoint(self.data).map_err(|source| self.failed(source))
    }

    /// Removes the trailer of a complete file and renames it to its target.
    pub(super) fn commit(mut self) -> Result<(), ReplacementError> {
        let rename = || {
            self.file.set_len(self.length)?;
            if self.sync {
                self.file.sync_all()?;
            }
            fs::rename(&self.name, &self.target)?;
            if self.sync { sync_folder(folder(&self.target)) } else { Ok(()) }
        };
        rename().map_err(|source| self.failed(source))?;
        self.committed = true;
        Ok(())
    }

    pub(super) fn failed(&self, source: io::Error) -> ReplacementError {
        ReplacementError::Io { path: self.path.clone(), source }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.keep && !self.committed {
            // No one could handle an error here; the next run starts the file again.
            let _ = fs::remove_file(&self.name);
        }
    }
}

fn next_to(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let cut = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|&end| end <= MAX_NAME).last();
    target.with_file_name(format!(".{}.fanin.part", &name[..cut.unwrap_or(0)]))
}

/// Opens or creates the file, and locks it. The error `None` means that another run has locked it.
fn locked(name: &Path) -> Result<File, Option<io::Error>> {
    loop {
        let file = match OpenOptions::new().read(true).write(true).create_new(true).open(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match open(name) {
                // Another run has renamed or removed it in the meantime.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            },
            file => file?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(None),
            // Some network file systems do not support locks: the user must then avoid two runs at
            // once.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(Some(error)),
        }
        // Another run may have renamed or removed it before it was locked.
        if is_still(&file, name)? {
            return Ok(file);
        }
    }
}

/// Opens an existing regular file. A symbolic link of this name would lead elsewhere.
fn open(name: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(name)?.is_file() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    OpenOptions::new().read(true).write(true).open(name)
}

#[cfg(unix)]
fn is_still(file: &File, name: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    Ok(fs::symlink_metadata(name).is_ok_and(|found| (found.dev(), found.ino()) == (open.dev(), open.ino())))
}

/// On other systems, an open file can be neither renamed nor removed.
#[cfg(not(unix))]
fn is_still(_file: &File, _name: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Makes sure that a new name is on the disk, by syncing its folder.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn is_of(file: &File, outline: &Outline) -> io::Result<bool> {
    let mut found = vec![0; outline.mark.len()];
    read_exact_at(file, &mut found, outline.mark_at)?;
    Ok(found == outline.mark)
}
