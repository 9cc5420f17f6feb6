//! Where the files are: in a folder, or in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// Files by their paths.
#[derive(Debug)]
pub(super) enum Keep {
    Folder(PathBuf),
    Memory(Mutex<BTreeMap<String, Bytes>>),
}

impl Keep {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        folder.map_or_else(|| Self::Memory(Mutex::default()), Self::Folder)
    }

    pub(super) fn read(&self, path: &str) -> Option<Bytes> {
        match self {
            Self::Folder(root) => fs::read(root.join(safe(path)?)).ok().map(Bytes::from),
            Self::Memory(files) => lock(files).get(path).cloned(),
        }
    }

    /// Whether the file could be written.
    pub(super) fn write(&self, path: &str, file: &Bytes) -> bool {
        let Some(path) = safe(path) else { return false };
        match self {
            Self::Folder(root) => {
                let to = root.join(path);
                let made =
                    to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| crate::data::replace(&to, file));
                made.inspect_err(|error| tracing::error!(%error, "a file could not be written")).is_ok()
            }
            Self::Memory(files) => {
                lock(files).insert(path.to_owned(), file.clone());
                true
            }
        }
    }

    pub(super) fn remove(&self, path: &str) {
        match (self, safe(path)) {
            (Self::Folder(root), Some(path)) => {
                let _ = fs::remove_file(root.join(path));
            }
            (Self::Memory(files), _) => {
                lock(files).remove(path);
            }
            _ => {}
        }
    }

    pub(super) fn paths(&self) -> Vec<String> {
        match self {
            Self::Folder(root) => {
                let mut found = Vec::new();
                walk(root, root, &mut found);
                found.sort();
                found
            }
            Self::Memory(files) => lock(files).keys().cloned().collect(),
        }
    }
}

/// A path that leads nowhere but below the folder: the service's own have no other characters.
fn safe(path: &str) -> Option<&str> {
    let good = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    path.split('/').all(good).then_some(path)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if entry.is_dir() {
            walk(root, &entry, found);
        } else if let Some(path) = entry.strip_prefix(root).ok().and_then(Path::to_str) {
            found.push(path.replace(std::path::MAIN_SEPARATOR, "/"));
        }
    }
}

fn lock(files: &Mutex<BTreeMap<String, Bytes>>) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}
