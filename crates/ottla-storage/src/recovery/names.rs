//! Giving files and folders their names again.
//!
//! A sync of a folder may have failed in the last run. Then the kernel may show names that the device never got, take them
//! for clean, and let every later sync of the folder go well. What takes another name and then its own again changes the folder
//! again, and the next sync covers that. A crash between the two leaves the other name, which the next start takes back.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, Entry, EntryKind};

/// What stands behind a name for that moment.
const AWAY: &str = ".again";

/// Gives the file or folder at `path` its name again. Durable after a sync of the folder that it is in.
pub(super) fn give_again(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let mut away = path.as_os_str().to_owned();
    away.push(AWAY);
    let away = PathBuf::from(away);
    disk.rename(path, &away)?;
    disk.rename(&away, path)
}

/// Takes those names back that a crash has left in `dir`, of the kind and with the names that are wanted. Answers
/// whether there were any.
pub(crate) fn take_back(
    disk: &dyn Disk,
    dir: &Path,
    entries: &[Entry],
    kind: EntryKind,
    wants: impl Fn(&str) -> bool,
) -> io::Result<bool> {
    let mut found = false;
    for entry in entries.iter().filter(|entry| entry.kind == kind) {
        let Some(name) = entry.name.strip_suffix(AWAY).filter(|name| wants(name)) else { continue };
        if entries.iter().all(|other| other.name != name) {
            disk.rename(&dir.join(&entry.name), &dir.join(name))?;
            found = true;
        }
    }
    Ok(found)
}
