//! The folder where a local cloud keeps everything, held by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Why a data folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds it: two engines on one table would deliver every mail twice.
    #[error("{0} is in use by another local cloud")]
    InUse(PathBuf),
    /// It could not be made, or its lock could not be opened.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
}

/// A data folder, locked until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataDir {
    root: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the folder, readable by its owner alone, unless it is there, and locks it.
    pub fn open(root: &Path) -> Result<Self, DataDirError> {
        let failed = |error| DataDirError::Io(root.to_owned(), error);
        make(root).map_err(failed)?;
        let lock = File::create(root.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(root.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The database of the embedded engine.
    pub fn table(&self) -> PathBuf {
        self.root.join("table.sqlite")
    }

    /// The mails that arrived, one JSON object a line.
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox.jsonl")
    }

    /// The clock's offset.
    pub fn clock(&self) -> PathBuf {
        self.root.join("clock.json")
    }

    /// The files of the store.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    /// What secrets in the table are sealed with.
    pub fn sealing_key(&self) -> PathBuf {
        self.root.join("sealing.key")
    }

    /// How far the table's stream has been handed over.
    pub fn stream(&self) -> PathBuf {
        self.root.join("stream.json")
    }
}

fn make(root: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(root)
}

/// Puts `contents` in the place of `file`, so that a process killed halfway leaves the old contents or the new.
pub(crate) fn replace(file: &Path, contents: &[u8]) -> io::Result<()> {
    let fresh = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(&fresh)?.write_all(contents)?;
    fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("some/where");
        let held = DataDir::open(&root).unwrap();
        assert!(matches!(DataDir::open(&root), Err(DataDirError::InUse(_))));
        drop(held);
        DataDir::open(&root).unwrap();
    }
}
