//! What every disk promises, tested on each of them through the same code.

#![expect(clippy::unwrap_used, reason = "a test's helper fails by panicking")]

use std::io::{self, ErrorKind, IoSlice};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{
    Completion, Disk, Entry, EntryKind, File, MemDisk, Metadata, OpenMode, OsDisk, OsDiskConfig, Started,
};

/// A disk and what must outlive it.
struct Rig {
    disk: Box<dyn Disk>,
    _folder: Option<tempfile::TempDir>,
}

fn os_disk() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    Rig { disk: Box::new(OsDisk::new(folder.path().join("data")).unwrap()), _folder: Some(folder) }
}

/// One that closes each file as soon as another is opened.
fn crowded_disk() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let config = OsDiskConfig::default().with_open_files_max(1);
    let disk = OsDisk::with_config(folder.path().join("data"), &config).unwrap();
    Rig { disk: Box::new(disk), _folder: Some(folder) }
}

fn mem_disk() -> Rig {
    Rig { disk: Box::new(MemDisk::new(1)), _folder: None }
}

fn volatile_disk() -> Rig {
    Rig { disk: Box::new(MemDisk::volatile()), _folder: None }
}

/// Runs each test on each disk, as `os::name` and so on.
macro_rules! on_every_disk {
    ($($test:ident)*) => {
        mod os {
            $(#[test] fn $test() { super::$test(&*super::os_disk().disk); })*
        }
        mod crowded {
            $(#[test] fn $test() { super::$test(&*super::crowded_disk().disk); })*
        }
        mod mem {
            $(#[test] fn $test() { super::$test(&*super::mem_disk().disk); })*
        }
        mod volatile {
            $(#[test] fn $test() { super::$test(&*super::volatile_disk().disk); })*
        }
    };
}

on_every_disk! {
    what_is_written_is_read_back
    a_write_past_the_end_leaves_zeros_behind_it
    reserved_room_is_behind_the_end_and_nobody_reads_it
    a_write_of_more_parts_than_one_system_call_takes_is_whole
    reads_stop_at_the_end_of_the_file
    truncation_cuts_and_lengthens_with_zeros
    every_handle_of_a_file_sees_the_same_bytes
    a_sync_completes_exactly_once
    a_file_is_only_created_when_asked
    a_file_opened_to_read_cannot_be_written
    folders_are_listed_in_order_and_removed_when_empty
    a_rename_replaces_the_target
    a_removed_file_stays_readable_through_its_handles
    a_folder_sync_completes_now_or_later
    paths_that_leave_the_root_are_refused
    errors_name_the_path_and_the_attempt
    a_lock_is_held_until_it_is_dropped
}

/// Collects completions.
struct Collector(Mutex<mpsc::Sender<(u64, io::Result<()>)>>);

impl Completion for Collector {
    fn complete(&self, token: u64, result: io::Result<()>) {
        self.0.lock().unwrap().send((token, result)).unwrap();
    }
}

type Completions = mpsc::Receiver<(u64, io::Result<()>)>;

fn collector() -> (Arc<dyn Completion>, Completions) {
    let (sender, receiver) = mpsc::channel();
    (Arc::new(Collector(Mutex::new(sender))), receiver)
}

fn finish(started: Started, token: u64, completions: &Completions) -> io::Result<()> {
    match started {
        Started::Now(result) => result,
        Started::Later => {
            let (completed, result) = completions.recv().unwrap();
            assert_eq!(completed, token);
            result
        }
    }
}

fn create(disk: &dyn Disk, path: &str) -> Arc<dyn File> {
    disk.open(Path::new(path), OpenMode::CreateNew).unwrap()
}

fn write(file: &dyn File, parts: &[&[u8]], offset: u64) {
    let parts: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let (done, completions) = collector();
    finish(file.write_at(&parts, offset, 1, &done), 1, &completions).unwrap();
}

fn read(file: &dyn File, offset: u64, len: usize) -> Vec<u8> {
    let bytes = block_on(file.read_at(offset, len).bytes()).unwrap();
    assert_eq!(bytes, file.read_blocking(offset, len).unwrap());
    bytes.to_vec()
}

fn what_is_written_is_read_back(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    write(&*file, &[b"head", b"", b"body"], 0);
    write(&*file, &[b"BO"], 4);
    assert_eq!(read(&*file, 0, 8), b"headBOdy");
    assert_eq!(read(&*file, 3, 2), b"dB");
    file.write_blocking(&[IoSlice::new(b"!")], 8).unwrap();
    assert_eq!(file.len().unwrap(), 9);
}

fn reserved_room_is_behind_the_end_and_nobody_reads_it(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    let reserves = file.reserve(100_000).unwrap();
    assert!(file.is_empty().unwrap());
    write(&*file, &[b"abc"], 0);
    assert_eq!(file.reserve(200_000).unwrap(), reserves);
    assert_eq!((file.len().unwrap(), read(&*file, 0, 8)), (3, b"abc".to_vec()));
    file.give_back().unwrap();
    file.give_back().unwrap();
    assert_eq!((file.len().unwrap(), read(&*file, 0, 8)), (3, b"abc".to_vec()));
    let reader = disk.open(Path::new("0.log"), OpenMode::Read).unwrap();
    assert!(reader.reserve(100_000).is_err() || !reserves, "it may not change anything");
    reader.give_back().unwrap();
}

fn a_write_past_the_end_leaves_zeros_behind_it(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    assert!(file.is_empty().unwrap());
    write(&*file, &[b"x"], 5_000);
    assert_eq!(file.len().unwrap(), 5_001);
    let bytes = read(&*file, 0, 6_000);
    assert_eq!(bytes.len(), 5_001);
    assert!(bytes[..5_000].iter().all(|&byte| byte == 0));
}

fn a_write_of_more_parts_than_one_system_call_takes_is_whole(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    let numbers: Vec<[u8; 4]> = (0..3_000_u32).map(u32::to_be_bytes).collect();
    let parts: Vec<&[u8]> = numbers.iter().map(|number| &number[..]).collect();
    write(&*file, &parts, 7);
    assert_eq!(read(&*file, 7, 20_000), numbers.concat());
}

fn reads_stop_at_the_end_of_the_file(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    write(&*file, &[b"abc"], 0);
    assert_eq!(read(&*file, 1, 100), b"bc");
    assert_eq!(read(&*file, 3, 100), b"");
    assert_eq!(read(&*file, 4_000, 1), b"");
    assert_eq!(read(&*file, 0, 0), b"");
}

fn truncation_cuts_and_lengthens_with_zeros(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    write(&*file, &[b"abcdef"], 0);
    file.truncate(2).unwrap();
    file.truncate(4).unwrap();
    assert_eq!(read(&*file, 0, 10), b"ab\0\0");
    file.truncate(0).unwrap();
    assert!(file.is_empty().unwrap());
}

fn every_handle_of_a_file_sees_the_same_bytes(disk: &dyn Disk) {
    let writer = create(disk, "0.log");
    let reader = disk.open(Path::new("0.log"), OpenMode::Read).unwrap();
    write(&*writer, &[b"abc"], 0);
    assert_eq!(read(&*reader, 0, 3), b"abc");
    let second = disk.open(Path::new("0.log"), OpenMode::Write).unwrap();
    write(&*second, &[b"X"], 0);
    assert_eq!(read(&*reader, 0, 3), b"Xbc");
}

fn a_sync_completes_exactly_once(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    write(&*file, &[b"abc"], 0);
    let (done, completions) = collector();
    let mut outstanding: Vec<u64> = (0..20)
        .filter(|&token| match file.sync_data(token, &done) {
            Started::Now(result) => {
                result.unwrap();
                false
            }
            Started::Later => true,
        })
        .collect();
    drop((file, done));
    // Every sender is gone once all operations have ended, so this ends too.
    for (token, result) in completions {
        result.unwrap();
        let index = outstanding.iter().position(|&waiting| waiting == token).unwrap();
        outstanding.remove(index);
    }
    assert!(outstanding.is_empty());
}

fn a_file_is_only_created_when_asked(disk: &dyn Disk) {
    let path = Path::new("0.log");
    for mode in [OpenMode::Read, OpenMode::Write] {
        assert_eq!(disk.open(path, mode).unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(disk.metadata(path).unwrap_err().kind(), ErrorKind::NotFound);
    write(&*disk.open(path, OpenMode::Create).unwrap(), &[b"abc"], 0);
    let again = disk.open(path, OpenMode::Create).unwrap();
    assert_eq!(read(&*again, 0, 9), b"abc");
    assert_eq!(disk.open(path, OpenMode::CreateNew).unwrap_err().kind(), ErrorKind::AlreadyExists);
    let Metadata { kind, len, .. } = disk.metadata(path).unwrap();
    assert_eq!((kind, len), (EntryKind::File, 3));
    let missing = disk.open(Path::new("none/0.log"), OpenMode::Create).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

fn a_file_opened_to_read_cannot_be_written(disk: &dyn Disk) {
    write(&*create(disk, "0.log"), &[b"abc"], 0);
    let reader = disk.open(Path::new("0.log"), OpenMode::Read).unwrap();
    reader.write_blocking(&[IoSlice::new(b"x")], 0).unwrap_err();
    reader.truncate(0).unwrap_err();
    assert_eq!(read(&*reader, 0, 3), b"abc");
}

fn folders_are_listed_in_order_and_removed_when_empty(disk: &dyn Disk) {
    let dir = Path::new("orders-0");
    disk.create_dir(dir).unwrap();
    assert_eq!(disk.create_dir(dir).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(disk.create_dir(Path::new("a/b")).unwrap_err().kind(), ErrorKind::NotFound);
    drop(create(disk, "orders-0/2.log"));
    drop(create(disk, "orders-0/1.log"));
    disk.create_dir(&dir.join("sub")).unwrap();
    let entry = |name: &str, kind| Entry { name: name.to_owned(), kind };
    assert_eq!(
        disk.list(dir).unwrap(),
        [entry("1.log", EntryKind::File), entry("2.log", EntryKind::File), entry("sub", EntryKind::Dir)]
    );
    assert_eq!(disk.list(Path::new("")).unwrap(), [entry("orders-0", EntryKind::Dir)]);
    assert_eq!(disk.metadata(dir).unwrap().kind, EntryKind::Dir);
    assert_eq!(disk.list(Path::new("none")).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(disk.list(Path::new("orders-0/1.log")).unwrap_err().kind(), ErrorKind::NotADirectory);

    assert_eq!(disk.remove_dir(dir).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
    disk.remove_dir(&dir.join("sub")).unwrap();
    disk.remove_file(&dir.join("1.log")).unwrap();
    disk.remove_file(&dir.join("2.log")).unwrap();
    assert_eq!(disk.remove_file(&dir.join("2.log")).unwrap_err().kind(), ErrorKind::NotFound);
    disk.remove_dir(dir).unwrap();
    assert_eq!(disk.remove_dir(dir).unwrap_err().kind(), ErrorKind::NotFound);
}

fn a_rename_replaces_the_target(disk: &dyn Disk) {
    disk.create_dir(Path::new("orders-0")).unwrap();
    let new = create(disk, "new.tmp");
    write(&*new, &[b"new"], 0);
    write(&*create(disk, "orders-0/meta"), &[b"old!"], 0);
    disk.rename(Path::new("new.tmp"), Path::new("orders-0/meta")).unwrap();
    let found = disk.open(Path::new("orders-0/meta"), OpenMode::Read).unwrap();
    assert_eq!(read(&*found, 0, 9), b"new");
    assert_eq!(disk.metadata(Path::new("new.tmp")).unwrap_err().kind(), ErrorKind::NotFound);
    // The handle follows the file, not the name.
    write(&*new, &[b"N"], 0);
    assert_eq!(read(&*found, 0, 9), b"New");
    let missing = disk.rename(Path::new("none"), Path::new("x")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    disk.rename(Path::new("orders-0"), Path::new("orders-0-deleted")).unwrap();
    assert_eq!(disk.metadata(Path::new("orders-0-deleted/meta")).unwrap().len, 3);
}

fn a_removed_file_stays_readable_through_its_handles(disk: &dyn Disk) {
    let file = create(disk, "0.log");
    write(&*file, &[b"abc"], 0);
    disk.remove_file(Path::new("0.log")).unwrap();
    write(&*create(disk, "0.log"), &[b"next"], 0);
    assert_eq!(read(&*file, 0, 9), b"abc");
    file.sync_blocking().unwrap();
}

fn a_folder_sync_completes_now_or_later(disk: &dyn Disk) {
    drop(create(disk, "0.log"));
    let root = Path::new("");
    disk.sync_dir(root).unwrap();
    let (done, completions) = collector();
    finish(disk.start_sync_dir(root, 9, &done), 9, &completions).unwrap();
    let missing = finish(disk.start_sync_dir(Path::new("none"), 8, &done), 8, &completions);
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
    let bad = finish(disk.start_sync_dir(Path::new(".."), 7, &done), 7, &completions);
    assert_eq!(bad.unwrap_err().kind(), ErrorKind::InvalidInput);
}

fn paths_that_leave_the_root_are_refused(disk: &dyn Disk) {
    for path in ["..", "../x", "/tmp", "a/../../x", "./x"].map(Path::new) {
        let refused = |result: io::Result<()>| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput, "{path:?}");
        };
        refused(disk.open(path, OpenMode::Create).map(drop));
        refused(disk.metadata(path).map(drop));
        refused(disk.list(path).map(drop));
        refused(disk.rename(path, Path::new("x")));
        refused(disk.rename(Path::new("x"), path));
        refused(disk.remove_file(path));
        refused(disk.create_dir(path));
        refused(disk.remove_dir(path));
        refused(disk.sync_dir(path));
        refused(disk.lock(path).map(drop));
    }
}

fn errors_name_the_path_and_the_attempt(disk: &dyn Disk) {
    let message = disk.open(Path::new("orders-0/7.log"), OpenMode::Read).unwrap_err().to_string();
    assert!(message.starts_with("cannot open ") && message.contains("orders-0/7.log"), "{message}");
    let message = disk.rename(Path::new("from"), Path::new("to")).unwrap_err().to_string();
    assert!(message.starts_with("cannot rename ") && message.contains("from"), "{message}");
}

fn a_lock_is_held_until_it_is_dropped(disk: &dyn Disk) {
    let path = Path::new(".lock");
    let held = disk.lock(path).unwrap();
    let refused = disk.lock(path).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert!(refused.to_string().contains(".lock"), "{refused}");
    drop(held);
    drop(disk.lock(path).unwrap());
}

#[test]
fn a_disk_that_is_a_folder_tells_where_it_is_and_how_much_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let disk = OsDisk::new(folder.path()).unwrap();
    assert_eq!(Disk::folder(&disk), Some(folder.path()));
    let space = disk.space().unwrap().unwrap();
    assert!(0 < space.usable_bytes && space.usable_bytes <= space.total_bytes, "{space:?}");
}

#[test]
fn a_disk_in_memory_is_no_folder_and_holds_what_it_is_told_to() {
    let disk = MemDisk::new(1);
    assert_eq!((disk.folder(), disk.space().unwrap()), (None, None));
    disk.set_capacity(Some(3 * 4096));
    let file = disk.open(Path::new("file"), OpenMode::Create).unwrap();
    file.write_blocking(&[IoSlice::new(b"x")], 0).unwrap();
    let space = disk.space().unwrap().unwrap();
    assert_eq!((space.total_bytes, space.usable_bytes), (3 * 4096, 2 * 4096));
}
