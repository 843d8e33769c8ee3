//! More logs than descriptors.
//!
//! One test alone in its file, because the limit that it sets holds for the whole process.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use std::sync::Arc;

use ottla_protocol::wire::Uuid;
use ottla_storage::disk::wait::block_on;
use ottla_storage::disk::{OsDisk, OsDiskConfig};
use ottla_storage::{Log, LogConfig, LogName};
use rustix::process::{Resource, Rlimit, setrlimit};

#[path = "helpers/logs.rs"]
#[expect(dead_code, reason = "each test uses some of the helpers")]
mod logs;
use logs::{batch, open, options, read_all};

/// What `prlimit --nofile=100` gives; a few are the test's own.
const DESCRIPTORS: u64 = 100;
const LOGS: i32 = 200;
/// Logs that are appended to at the same time, fewer than there are descriptors.
const AT_ONCE: usize = 30;

#[test]
fn two_hundred_logs_are_written_read_and_recovered_with_a_hundred_descriptors() {
    setrlimit(Resource::Nofile, Rlimit { current: Some(DESCRIPTORS), maximum: Some(DESCRIPTORS) }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let disk = || {
        let few_threads = OsDiskConfig::default().with_sync_threads_max(8);
        Arc::new(OsDisk::with_config(folder.path(), &few_threads).unwrap())
    };
    let storage = open(disk());
    let create = |n| storage.create_log(LogName::new("orders", n), Uuid::ZERO, LogConfig::default()).unwrap();
    let all: Vec<Arc<Log>> = (0..LOGS).map(create).collect();
    append_to(&all, "before the checkpoint");
    block_on(storage.checkpoint()).unwrap();
    append_to(&all, "after the checkpoint");
    let expected = ["before the checkpoint", "after the checkpoint"];
    holds(&all, &expected);
    drop((storage, all)); // as kill -9 does, but for the lock
    let storage = open(disk());
    let all: Vec<Arc<Log>> = storage.logs().iter().map(|name| storage.log(name).unwrap()).collect();
    holds(&all, &expected);
    block_on(storage.close()).unwrap();
    drop((storage, all));
    let storage = open(disk());
    assert_eq!(storage.logs().len(), 200);
    for name in storage.logs() {
        block_on(storage.remove_log(&name)).unwrap();
    }
}

fn append_to(logs: &[Arc<Log>], value: &str) {
    for some in logs.chunks(AT_ONCE) {
        let appended: Vec<_> =
            some.iter().map(|log| log.append(batch(&[value]), options()).unwrap()).collect();
        for (log, appended) in some.iter().zip(&appended) {
            block_on(log.durable(appended)).unwrap();
        }
    }
}

fn holds(logs: &[Arc<Log>], values: &[&str]) {
    for log in logs {
        let read: Vec<String> = read_all(log, 0).into_iter().map(|(_, value)| value).collect();
        assert_eq!(read, values, "{}", log.name());
    }
}
