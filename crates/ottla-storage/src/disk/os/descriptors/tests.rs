//! What is closed, what is not, and what is found again.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use super::{Closing, Descriptors, Handle};
use crate::disk::Completion;
use crate::disk::os::pool::{Job, Pool};

struct Rig {
    folder: tempfile::TempDir,
    pool: Arc<Pool>,
    descriptors: Arc<Descriptors>,
}

impl Rig {
    fn new(open_max: usize) -> Self {
        let pool = Arc::new(Pool::new("test", 1));
        let descriptors = Descriptors::new(Some(open_max), &pool);
        Self { folder: tempfile::tempdir().unwrap(), pool, descriptors }
    }

    fn open(&self, name: &str) -> Arc<Handle> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        self.descriptors.open(self.folder.path().join(name).into(), &options, true).unwrap()
    }

    fn write(&self, handle: &Arc<Handle>, text: &str) {
        use std::os::unix::fs::FileExt;
        handle.file().unwrap().write_all_at(text.as_bytes(), 0).unwrap();
        handle.wrote();
    }

    fn rename(&self, from: &str, to: &str) {
        let (from, to) = (self.folder.path().join(from), self.folder.path().join(to));
        self.descriptors.rename(&from, Some(&to), || std::fs::rename(&from, &to)).unwrap();
    }

    /// No early sync begins until the answer is dropped.
    fn hold_the_pool(&self) -> mpsc::Sender<()> {
        let (let_go, held) = mpsc::channel();
        let path = self.folder.path().to_owned();
        let done = Arc::new(Held(Mutex::new(held)));
        self.pool.start(Job::SyncDir { path, descriptors: Arc::clone(&self.descriptors), token: 0, done });
        let_go
    }

    /// Waits for all early syncs.
    fn finish(self) -> (tempfile::TempDir, Arc<Descriptors>) {
        drop(self.pool);
        (self.folder, self.descriptors)
    }
}

/// Keeps the thread that completes it until the other end of the channel is dropped.
struct Held(Mutex<mpsc::Receiver<()>>);

impl Completion for Held {
    fn complete(&self, _token: u64, result: io::Result<()>) {
        result.unwrap();
        super::lock(&self.0).recv().unwrap_err();
    }
}

fn text(handle: &Arc<Handle>) -> String {
    String::from_utf8(handle.read_rest(vec![0; 100], 0, 0).unwrap().to_vec()).unwrap()
}

fn close(handle: &Handle) -> bool {
    matches!(handle.close_if_idle(false), Closing::Closed)
}

#[test]
fn no_more_files_stay_open_than_were_allowed() {
    let rig = Rig::new(16);
    let handles: Vec<_> = (0..100).map(|n| rig.open(&n.to_string())).collect();
    assert_eq!(rig.descriptors.open_now(), 16);
    for _ in 0..3 {
        handles.iter().for_each(|handle| assert_eq!(text(handle), ""));
        assert_eq!(rig.descriptors.open_now(), 16);
    }
    drop(handles);
    assert_eq!(rig.descriptors.open_now(), 0);
    assert!(super::lock(&rig.descriptors.names).is_empty());
}

#[test]
fn what_was_used_since_the_hand_came_by_outlasts_what_was_not() {
    let rig = Rig::new(16);
    let used = rig.open("used");
    let others: Vec<_> = (0..200).map(|n| (rig.open(&n.to_string()), used.file().unwrap()).0).collect();
    assert!(super::lock(&used.slot).file.is_some());
    drop(others);
}

#[test]
fn files_that_are_used_in_turn_stay_open_but_for_as_many_as_there_are_too_many() {
    let rig = Rig::new(1_000);
    let handles: Vec<_> = (0..1_010).map(|n| rig.open(&n.to_string())).collect();
    let mut opened = 0;
    for _ in 0..10 {
        for handle in &handles {
            opened += usize::from(super::lock(&handle.slot).file.is_none());
            handle.file().unwrap();
        }
    }
    assert!(opened < 2_000, "{opened} of 10,100 uses had to open the file");
    assert!(rig.descriptors.open_now() <= 1_000);
}

#[test]
fn a_file_that_was_synced_early_and_not_used_since_is_closed_with_that() {
    let rig = Rig::new(2);
    let handles: Vec<_> = (0..8).map(|n| rig.open(&n.to_string())).collect();
    for handle in &handles {
        rig.write(handle, "x");
    }
    for handle in &handles {
        handle.used.store(false, super::Ordering::Relaxed);
        handle.sync_early();
    }
    assert_eq!(rig.descriptors.open_now(), 2, "and none is closed that need not be");
    handles.iter().for_each(|handle| assert_eq!(text(handle), "x"));
}

#[test]
fn a_file_with_writes_that_no_sync_covered_stays_open() {
    let rig = Rig::new(16);
    let written = rig.open("written");
    rig.write(&written, "a");
    assert!(!close(&written));
    written.sync().unwrap();
    rig.write(&written, "b");
    assert!(!close(&written), "the sync came before the second write");
    written.sync().unwrap();
    assert!(close(&written));
    assert_eq!(text(&written), "b");
}

#[test]
fn a_file_in_use_stays_open() {
    let rig = Rig::new(16);
    let handle = rig.open("used");
    let file = handle.file().unwrap();
    assert!(!close(&handle));
    drop(file);
    assert!(close(&handle));
}

#[test]
fn a_failed_sync_keeps_the_file_open_for_good() {
    let rig = Rig::new(16);
    let handle = null(&rig);
    rig.write(&handle, "x");
    handle.sync().unwrap_err();
    assert!(!close(&handle));
}

#[test]
fn what_an_early_sync_met_is_told_by_every_later_one() {
    let rig = Rig::new(16);
    let handle = null(&rig);
    rig.write(&handle, "x");
    handle.sync_early();
    assert!(!close(&handle));
    for _ in 0..2 {
        let told = handle.sync().unwrap_err();
        assert_eq!(told.kind(), ErrorKind::InvalidInput);
        assert!(told.to_string().contains("null"), "{told}");
    }
}

/// A file that takes writes and fails syncs.
fn null(rig: &Rig) -> Arc<Handle> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    rig.descriptors.open(Path::new("/dev/null").into(), &options, true).unwrap()
}

#[test]
fn where_all_files_are_unsynced_they_are_synced_early_and_closed() {
    let rig = Rig::new(16);
    let let_go = rig.hold_the_pool();
    let written: Vec<_> = (0..40)
        .map(|n| {
            let handle = rig.open(&n.to_string());
            rig.write(&handle, "x");
            handle
        })
        .collect();
    assert_eq!(rig.descriptors.open_now(), 40, "nothing was synced, so nothing was closed");
    drop(let_go);
    let (_folder, descriptors) = rig.finish();
    assert!(written.iter().any(|handle| close(handle)), "some were synced to make room");
    written.iter().for_each(|handle| assert_eq!(text(handle), "x"));
    drop(descriptors);
}

#[test]
fn a_closed_file_is_found_under_the_name_it_has_by_now() {
    let rig = Rig::new(16);
    std::fs::create_dir(rig.folder.path().join("a")).unwrap();
    let handle = rig.open("a/0.log");
    rig.write(&handle, "whole");
    handle.sync().unwrap();
    for (from, to) in [("a/0.log", "a/1.log"), ("a", "b"), ("b/1.log", "c")] {
        assert!(close(&handle));
        rig.rename(from, to);
        assert_eq!(text(&handle), "whole", "{from} became {to}");
    }
}

#[test]
fn a_folder_takes_along_what_is_in_it_and_nothing_beside_it() {
    let rig = Rig::new(16);
    let names = ["a/0.log", "a/1.log", "a-1/0.log", "a.x/0.log", "a0/0.log", "b/0.log"];
    for folder in ["a", "a-1", "a.x", "a0", "b"] {
        std::fs::create_dir(rig.folder.path().join(folder)).unwrap();
    }
    let handles = names.map(|name| rig.open(name));
    for (handle, name) in handles.iter().zip(names) {
        rig.write(handle, name);
        handle.sync().unwrap();
        assert!(close(handle));
    }
    rig.rename("a", "a.gone");
    for (handle, name) in handles.iter().zip(names) {
        assert_eq!(text(handle), name);
        let is_in_it = handle.path().starts_with(rig.folder.path().join("a.gone"));
        assert_eq!(is_in_it, name.starts_with("a/"), "{name}");
    }
}

#[test]
fn a_file_whose_name_another_gets_is_still_read_by_who_holds_it() {
    let rig = Rig::new(16);
    let (old, new) = (rig.open("0.log"), rig.open("0.log.swap"));
    for (handle, text) in [(&old, "old"), (&new, "new")] {
        rig.write(handle, text);
        handle.sync().unwrap();
        assert!(close(handle));
    }
    rig.rename("0.log.swap", "0.log");
    assert!(!close(&old), "it could not be opened again");
    assert!(close(&new));
    assert_eq!(
        (text(&old), text(&new), text(&rig.open("0.log"))),
        ("old".into(), "new".into(), "new".into())
    );
}

#[test]
fn a_file_that_somebody_else_replaced_is_an_error_and_not_the_wrong_bytes() {
    let rig = Rig::new(16);
    let handle = rig.open("0.log");
    assert!(close(&handle));
    std::fs::write(rig.folder.path().join("other"), "other").unwrap();
    std::fs::rename(rig.folder.path().join("other"), rig.folder.path().join("0.log")).unwrap();
    let error = handle.read_rest(vec![0; 5], 0, 0).unwrap_err();
    assert!(error.to_string().contains("another file has its name by now"), "{error}");
}

#[test]
fn a_process_without_descriptors_closes_some_and_goes_on() {
    let rig = Rig::new(1000);
    let handles: Vec<_> = (0..100).map(|n| rig.open(&n.to_string())).collect();
    let refusals = std::cell::Cell::new(1);
    let opened = rig.descriptors.with_room(|| match refusals.replace(0) {
        0 => Ok("opened"),
        _ => Err(io::Error::from(rustix::io::Errno::MFILE)),
    });
    assert_eq!(opened.unwrap(), "opened");
    assert_eq!(rig.descriptors.open_now(), 100 - super::SHED);
    drop(handles);
    let refused = rig.descriptors.with_room(|| Err::<(), _>(io::Error::from(rustix::io::Errno::MFILE)));
    assert_eq!(refused.unwrap_err().raw_os_error(), Some(24), "there was nothing to close");
}

#[test]
fn threads_that_use_rename_and_remove_at_once_see_their_own_files() {
    let rig = Rig::new(16);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let rig = &rig;
            scope.spawn(move || {
                for round in 0..50 {
                    let name = format!("{thread}-{round}");
                    let handle = rig.open(&name);
                    rig.write(&handle, &name);
                    if round % 2 == 0 {
                        handle.sync().unwrap();
                    }
                    rig.rename(&name, &format!("{name}.deleted"));
                    assert_eq!(text(&handle), name);
                    let path = rig.folder.path().join(format!("{name}.deleted"));
                    rig.descriptors.rename(&path, None, || std::fs::remove_file(&path)).unwrap();
                    assert_eq!(text(&handle), name);
                }
            });
        }
    });
    let (_folder, descriptors) = rig.finish();
    assert_eq!(descriptors.open_now(), 0);
}
