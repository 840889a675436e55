//! A model file on its way.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::{
    format::Outline,
    position::{read_exact_at, write_all_at},
    replacement::{ReplacementError, folder, target},
};

/// What stands after the data until the file is whole: these bytes, then how many bytes of data are surely on the disk.
const MAGIC: [u8; 8] = *b"\xFAfanin1\n";
const TRAILER: u64 = 16;

/// The longest part of a target's name in that of its partial file: the two together stay below what file systems allow.
const LONGEST: usize = 200;

/// The file `.NAME.fanin.part` beside a target, which becomes the target once it is whole.
///
/// It is locked as long as a run writes to it, and longer than the target by a trailer. The trailer says how far a run that was killed, or
/// a machine that lost its power, had come: it only names data that was synced before.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    target: PathBuf,
    name: PathBuf,
    file: File,
    /// The size of the whole target, and of the values in it.
    length: u64,
    data: u64,
    /// Whether it stays where it is dropped before it is whole.
    keep: bool,
    /// Whether what is marked and committed waits for the disk.
    sync: bool,
    committed: bool,
}

/// What an earlier run has left.
enum State {
    /// Nothing that could be gone on with.
    Nothing,
    /// This file, of which so many bytes of values are there.
    Begun(u64),
    /// Another model.
    Other,
}

/// Why there is no partial file to write to.
#[derive(Debug)]
pub(crate) enum PartialError {
    Replacement(ReplacementError),
    /// Another run holds it.
    Busy,
    /// It is that of another model.
    Other {
        partial: PathBuf,
    },
}

impl From<ReplacementError> for PartialError {
    fn from(error: ReplacementError) -> Self {
        Self::Replacement(error)
    }
}

impl Partial {
    /// Begins the file of this outline, or goes on with it: the second value is how many bytes of its values, without the gaps between
    /// them, are there already.
    pub(crate) fn open(path: &Path, outline: &Outline, resume: bool, sync: bool) -> Result<(Self, u64), PartialError> {
        let target = target(path)?;
        let name = beside(&target);
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
                State::Nothing => {}
            }
        }
        partial.keep = resume;
        partial.begin(outline, found).map_err(failed)?;
        Ok((partial, 0))
    }

    /// Whether a target is there that an earlier run of the same plan finished.
    pub(crate) fn is_finished(path: &Path, outline: &Outline) -> bool {
        let same = || -> io::Result<bool> {
            let target = target(path).map_err(io::Error::other)?;
            if beside(&target).exists() || fs::metadata(&target)?.len() != outline.length {
                return Ok(false);
            }
            is_of(&File::open(&target)?, outline)
        };
        same().unwrap_or(false)
    }

    /// The trailer comes last: without it, there is nothing to go on with.
    fn begin(&self, outline: &Outline, found: u64) -> io::Result<()> {
        // ext4 writes a file that was once cut to nothing to the disk when it is closed: twice the time of a run that does not sync.
        if found > 0 {
            self.file.set_len(0)?;
        }
        write_all_at(&self.file, &outline.mark, outline.mark_at)?;
        self.file.set_len(self.length + TRAILER)?;
        self.write_mark(0)
    }

    /// What an earlier run has left in these `found` bytes.
    fn state(&self, outline: &Outline, found: u64) -> io::Result<State> {
        let same = || Ok::<_, io::Error>(found >= self.length && is_of(&self.file, outline)?);
        // Cut to its length, it has no trailer to say what had reached the disk before the power failed.
        let mut trailer = [0; TRAILER as usize];
        if found >= TRAILER {
            read_exact_at(&self.file, &mut trailer, found - TRAILER)?;
        }
        let (magic, mark) = trailer.split_at(8);
        let mark = u64::from_le_bytes(mark.try_into().expect("eight bytes"));
        Ok(match () {
            () if magic != MAGIC => State::Nothing,
            () if found == self.length + TRAILER && mark <= self.data && same()? => State::Begun(mark),
            () => State::Other,
        })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Notes that the first `done` bytes of data are there, once they have reached the disk.
    pub(crate) fn mark(&self, done: u64) -> io::Result<()> {
        if self.sync {
            self.file.sync_data()?;
        }
        self.write_mark(done)
    }

    fn write_mark(&self, done: u64) -> io::Result<()> {
        let mut trailer = [0; TRAILER as usize];
        trailer[..8].copy_from_slice(&MAGIC);
        trailer[8..].copy_from_slice(&done.to_le_bytes());
        write_all_at(&self.file, &trailer, self.length)
    }

    /// Makes sure that the data, which is all there, is on the disk.
    pub(crate) fn finish(&self) -> Result<(), ReplacementError> {
        self.mark(self.data).map_err(|source| self.failed(source))
    }

    /// Cuts the trailer off a finished file and gives it its name.
    pub(crate) fn commit(mut self) -> Result<(), ReplacementError> {
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

    pub(crate) fn failed(&self, source: io::Error) -> ReplacementError {
        ReplacementError::Io { path: self.path.clone(), source }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.keep && !self.committed {
            // Nobody is left to tell; the next run begins it anew.
            let _ = fs::remove_file(&self.name);
        }
    }
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let cut = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|&end| end <= LONGEST).last();
    target.with_file_name(format!(".{}.fanin.part", &name[..cut.unwrap_or(0)]))
}

/// Opens the file, or makes it, and locks it; no error means that another run has it.
fn locked(name: &Path) -> Result<File, Option<io::Error>> {
    loop {
        let file = match OpenOptions::new().read(true).write(true).create_new(true).open(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match open(name) {
                // Another run has renamed or removed it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            },
            file => file?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(None),
            // Some network file systems have no locks: two runs at once are then the user's to avoid.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(Some(error)),
        }
        // The same may have happened between the opening and the lock.
        if is_still(&file, name)? {
            return Ok(file);
        }
    }
}

/// Opens what is there, if it is a file: a link under this name would lead elsewhere.
fn open(name: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(name)?.is_file() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    OpenOptions::new().read(true).write(true).open(name)
}

#[cfg(unix)]
fn is_still(file: &File, name: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    Ok(fs::symlink_metadata(name).is_ok_and(|found| (found.dev(), found.ino()) == (held.dev(), held.ino())))
}

/// Where an open file can be neither renamed nor removed.
#[cfg(not(unix))]
fn is_still(_file: &File, _name: &Path) -> io::Result<bool> {
    Ok(true)
}

/// A new name is on the disk once its folder is.
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
