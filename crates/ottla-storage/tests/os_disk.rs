//! What only a disk of the operating system does: modes, threads, locks between processes.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use std::io::{self, IoSlice};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};

use ottla_storage::disk::{Completion, Disk, File, OpenMode, OsDisk, OsDiskConfig, Started};

struct Forward(Mutex<mpsc::Sender<u64>>);

impl Completion for Forward {
    fn complete(&self, token: u64, result: io::Result<()>) {
        result.unwrap();
        // Whoever dropped the disk may have stopped listening.
        let _ = self.0.lock().unwrap().send(token);
    }
}

fn forward() -> (Arc<dyn Completion>, mpsc::Receiver<u64>) {
    let (sender, receiver) = mpsc::channel();
    (Arc::new(Forward(Mutex::new(sender))), receiver)
}

fn new_file(disk: &OsDisk) -> Arc<dyn File> {
    let file = disk.open(Path::new("0.log"), OpenMode::CreateNew).unwrap();
    file.write_blocking(&[IoSlice::new(b"abc")], 0).unwrap();
    file
}

#[test]
fn nobody_but_the_owner_may_read_new_files_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::new(folder.path().join("a/data")).unwrap();
    drop(new_file(&disk));
    disk.create_dir(Path::new("orders-0")).unwrap();
    drop(disk.lock(Path::new(".lock")).unwrap());
    let mode = |path: &str| disk.root().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("0.log"), mode(".lock"), mode("orders-0"), mode("")], [0o600, 0o600, 0o700, 0o700]);
}

#[test]
fn no_thread_is_started_before_a_sync_needs_one() {
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::new(folder.path()).unwrap();
    let file = new_file(&disk);
    file.sync_blocking().unwrap();
    file.read_blocking(0, 3).unwrap();
    assert!(!format!("{disk:?}").contains("threads: 1"), "{disk:?}");
    let (done, completions) = forward();
    assert!(matches!(file.sync_data(5, &done), Started::Later));
    assert_eq!(completions.recv().unwrap(), 5);
    assert!(format!("{disk:?}").contains("threads: 1"), "{disk:?}");
}

#[test]
fn never_more_threads_sync_than_were_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let config = OsDiskConfig::default().with_sync_threads_max(2);
    let disk = OsDisk::with_config(folder.path(), &config).unwrap();
    let file = new_file(&disk);
    let (done, completions) = forward();
    for token in 0..50 {
        assert!(matches!(file.sync_data(token, &done), Started::Later));
    }
    let mut tokens: Vec<u64> = completions.iter().take(50).collect();
    tokens.sort_unstable();
    assert_eq!(tokens, (0..50).collect::<Vec<_>>());
    let debug = format!("{disk:?}");
    assert!(debug.contains("threads: 1") || debug.contains("threads: 2"), "{debug}");
}

#[test]
fn dropping_disk_and_files_finishes_what_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::with_config(folder.path(), &OsDiskConfig::default().with_sync_threads_max(1)).unwrap();
    let file = new_file(&disk);
    let (done, completions) = forward();
    for token in 0..20 {
        assert!(matches!(file.sync_data(token, &done), Started::Later));
    }
    drop((disk, file, done));
    // The drop waited for them, so nothing is left to wait for.
    assert_eq!(completions.try_iter().count(), 20);
}

#[test]
fn a_completion_may_drop_the_last_file_of_its_disk() {
    /// Lets go of the file on the pool's own thread.
    struct LetGo(Mutex<Option<Arc<dyn File>>>, Mutex<mpsc::Sender<()>>);
    impl Completion for LetGo {
        fn complete(&self, _token: u64, _result: io::Result<()>) {
            drop(self.0.lock().unwrap().take());
            self.1.lock().unwrap().send(()).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::new(folder.path()).unwrap();
    let file = new_file(&disk);
    let (sender, dropped) = mpsc::channel();
    let let_go = Arc::new(LetGo(Mutex::new(None), Mutex::new(sender)));
    let done: Arc<dyn Completion> = Arc::clone(&let_go) as _;
    drop(disk);
    // Held, so that the completion cannot run before the file is in its hands.
    let mut slot = let_go.0.lock().unwrap();
    assert!(matches!(file.sync_data(1, &done), Started::Later));
    *slot = Some(file);
    drop(slot);
    dropped.recv().unwrap();
}

#[test]
fn a_panic_in_a_completion_stops_no_other() {
    struct Panics;
    impl Completion for Panics {
        fn complete(&self, _token: u64, _result: io::Result<()>) {
            panic!("a completion that panics, as this test wants");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::with_config(folder.path(), &OsDiskConfig::default().with_sync_threads_max(1)).unwrap();
    let file = new_file(&disk);
    let panics: Arc<dyn Completion> = Arc::new(Panics);
    let (done, completions) = forward();
    assert!(matches!(file.sync_data(1, &panics), Started::Later));
    assert!(matches!(file.sync_data(2, &done), Started::Later));
    assert_eq!(completions.recv().unwrap(), 2);
}

#[test]
fn two_disks_on_one_folder_share_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (OsDisk::new(folder.path()).unwrap(), OsDisk::new(folder.path()).unwrap());
    let held = first.lock(Path::new(".lock")).unwrap();
    let refused = second.lock(Path::new(".lock")).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    drop(held);
    second.lock(Path::new(".lock")).unwrap();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a file that no disk made")]
fn a_root_that_is_a_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    std::fs::write(&path, "x").unwrap();
    let refused = OsDisk::new(&path).unwrap_err().to_string();
    assert!(refused.contains("taken"), "{refused}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_without_room_fails_the_write_and_says_so() {
    let disk = OsDisk::new("/dev").unwrap();
    let full = disk.open(Path::new("full"), OpenMode::Write).unwrap();
    let error = full.write_blocking(&[IoSlice::new(b"x")], 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(error.to_string(), "cannot write /dev/full: No space left on device (os error 28)");
}

/// A log that expects one more write before its sync, which comes while it is asked for the first time.
struct Expects {
    file: Arc<dyn File>,
    asked: Mutex<Vec<bool>>,
    ended: Mutex<mpsc::Sender<u64>>,
}

impl Completion for Expects {
    fn complete(&self, token: u64, result: io::Result<()>) {
        result.unwrap();
        let _ = self.ended.lock().unwrap().send(token);
    }

    fn sync_begins(&self, _token: u64, waker: &Waker, is_over: bool) -> Poll<()> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(is_over);
        if is_over || asked.len() > 1 {
            return Poll::Ready(());
        }
        self.file.write_blocking(&[IoSlice::new(b"def")], 3).unwrap();
        waker.wake_by_ref();
        Poll::Pending
    }
}

#[test]
fn a_sync_waits_for_what_is_expected_and_for_no_longer_than_it_likes() {
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::new(folder.path()).unwrap();
    let file = new_file(&disk);
    let (sender, ended) = mpsc::channel();
    for token in 0..50 {
        let expects = Arc::new(Expects {
            file: Arc::clone(&file),
            asked: Mutex::default(),
            ended: Mutex::new(sender.clone()),
        });
        let done: Arc<dyn Completion> = Arc::clone(&expects) as _;
        assert!(matches!(file.sync_data(token, &done), Started::Later));
        assert_eq!(ended.recv().unwrap(), token, "each sync ends once");
        let asked = expects.asked.lock().unwrap();
        assert!(!asked.is_empty() && asked.iter().rev().skip(1).all(|is_over| !is_over), "{asked:?}");
    }
    assert!(ended.try_recv().is_err());
}
