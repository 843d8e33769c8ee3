//! `ottla log`: folders of logs looked at and mended offline.
//!
//! What their files hold and what is wrong with them is known to `ottla_storage::inspect`; here a path becomes a place,
//! and what was found becomes lines.

mod adopt;
mod dump;
mod repair;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla::storage::disk::{Disk, OsDisk};
use ottla::storage::files::parse_folder_name;
use ottla::storage::inspect::{self, FileKind, Place, kind_of};

use crate::arguments::Log;
use crate::failure::Failure;

/// Does what the words say.
pub(crate) async fn run(words: &Log) -> Result<(), Failure> {
    match words {
        Log::Adopt(words) => adopt::run(words).await,
        Log::Dump(words) => dump::run(words),
        Log::Verify(words) => verify::run(words),
        Log::Repair(words) => repair::run(words),
    }
}

/// A folder of the operating system, and what of it is meant.
struct Located {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    place: Place,
    /// The one file that is meant, if one is.
    file: Option<PathBuf>,
}

impl Located {
    /// Finds out what a path is. Nothing is made that is not there.
    fn at(path: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::File { path: path.to_path_buf(), source };
        let full = std::fs::canonicalize(path).map_err(failed)?;
        let (dir, name) = match full.is_dir() {
            true => (full.clone(), None),
            false => (
                full.parent().unwrap_or(Path::new("/")).to_path_buf(),
                full.file_name().map(|name| name.to_string_lossy().into_owned()),
            ),
        };
        let has_segments = || -> std::io::Result<bool> {
            for entry in std::fs::read_dir(&dir)? {
                let name = entry?.file_name();
                let kind = kind_of(&name.to_string_lossy());
                if matches!(kind, FileKind::Segment | FileKind::PartitionMetadata) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let is_log = has_segments().map_err(failed)?;
        let folder = dir.file_name().and_then(|name| name.to_str());
        // The data folder is the root, because its files speak of the logs in it.
        let (root, within) = match (folder, dir.parent()) {
            (Some(folder), Some(parent)) if is_log && parse_folder_name(folder).is_some() => {
                (parent.to_path_buf(), PathBuf::from(folder))
            }
            _ => (dir.clone(), PathBuf::new()),
        };
        let file = name.as_ref().map(|name| within.join(name));
        let place = match (&name, &file) {
            (Some(name), Some(file)) if kind_of(name) == FileKind::Segment => Place::Segment(file.clone()),
            _ if is_log => Place::Log(within),
            _ => Place::Data,
        };
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(&root).map_err(failed)?);
        Ok(Self { disk, root, place, file })
    }

    /// Tells, if a broker has the folder, that what it writes may look unfinished.
    fn warn_if_held(&self) {
        if let Err(error) = inspect::hold(self.disk.as_ref()) {
            eprintln!("ottla: {error}; what it writes meanwhile may look unfinished");
        }
    }

    /// The place of a file or folder for the one who reads of it.
    fn shown(&self, path: &Path) -> String {
        match path == Path::new("") {
            true => self.root.display().to_string(),
            false => path.display().to_string(),
        }
    }

    fn failed(&self, source: std::io::Error) -> Failure {
        Failure::File { path: self.root.clone(), source }
    }
}
