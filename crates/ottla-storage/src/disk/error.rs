//! What an IO error says besides its code: which path, and what was attempted.
//!
//! Every error that leaves a disk is an [`io::Error`] whose kind is the system's and whose inner
//! error is an [`OperationError`]; the system's own number is found with [`raw_os_error`].

use std::io;
use std::path::{Component, Path, PathBuf};

/// An operation on a path that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {attempted} {}: {source}", path.display())]
pub struct OperationError {
    attempted: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl OperationError {
    /// What was attempted, as a verb: `write`, `sync`, `rename`.
    pub fn attempted(&self) -> &'static str {
        self.attempted
    }

    /// What it was attempted on.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Adds path and attempt to an error, keeping its kind.
pub(crate) fn failed(attempted: &'static str, path: &Path, source: io::Error) -> io::Error {
    io::Error::new(source.kind(), OperationError { attempted, path: path.to_owned(), source })
}

/// The system's error number (`EIO` is 5 on Linux) inside an error that a disk returned.
pub fn raw_os_error(error: &io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| {
        let inner = error.get_ref()?.downcast_ref::<OperationError>()?;
        raw_os_error(&inner.source)
    })
}

/// Refuses a path that could lead out of a disk's root, or that names a thing twice.
pub(crate) fn check_relative(attempted: &'static str, path: &Path) -> io::Result<()> {
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(());
    }
    let refused = io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of the disk's root folder");
    Err(failed(attempted, path, refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_path_attempt_and_cause_and_keeps_its_number() {
        let full = failed("write", Path::new("orders-0/0.log"), io::Error::from_raw_os_error(28));
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(raw_os_error(&full), Some(28));
        assert_eq!(full.to_string(), "cannot write orders-0/0.log: No space left on device (os error 28)");
        assert_eq!(raw_os_error(&io::Error::other("no number")), None);
    }

    #[test]
    fn paths_that_lead_out_of_the_root_are_refused() {
        for path in ["..", "a/../b", "/etc/passwd", "./a"] {
            let refused = check_relative("open", Path::new(path)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{path}");
        }
        for path in ["", "a", "a/b", "..a"] {
            check_relative("open", Path::new(path)).unwrap();
        }
    }
}
