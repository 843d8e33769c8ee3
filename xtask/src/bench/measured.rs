//! One broker under measurement: started in a durability mode, watched from outside through `/proc`.

use super::rows::output;
use super::{Plan, Tools};
use crate::brokers::{Broker, Kind};
use crate::outcome::Outcome;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often its memory is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Clock ticks a second in `/proc/PID/stat`; fixed at 100 on Linux for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Whether an acknowledged record has been synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Written to the page cache: Kafka's default.
    Os,
    /// On stable storage before the acknowledgement: ottla's default, `flush.messages=1` in Kafka.
    Fsync,
}

/// Load dates its records 1970, and they are not to go for their age while they are measured.
const KEPT: &str = "log.retention.ms=-1";

impl Mode {
    /// What asks a broker for it; a real Kafka is in `Os` mode by itself.
    fn setting(self, kind: Kind) -> Option<&'static str> {
        match (kind, self) {
            (Kind::Ottla, Self::Os) => Some("durability=os"),
            (Kind::Ottla, Self::Fsync) => Some("durability=fsync"),
            (Kind::Kafka, Self::Os) => None,
            (Kind::Kafka, Self::Fsync) => Some("log.flush.interval.messages=1"),
        }
    }
}

/// A broker in a folder below the plan's. It is stopped, and its folder removed, when dropped.
pub(super) struct Measured {
    broker: Broker,
    folder: PathBuf,
    /// Where it listens.
    pub(super) bootstrap: String,
    /// Wall-clock time just before it was started, in microseconds since 1970; 0 until then.
    pub(super) spawned_us: u128,
    pid: u32,
}

impl Measured {
    /// A broker that does not serve yet, in a new folder, with further settings as `key=value`.
    pub(super) fn new(
        kind: Kind,
        mode: Mode,
        settings: &[&str],
        plan: &Plan,
        tools: &Tools,
    ) -> Outcome<Self> {
        let name = format!("{}-{mode:?}", kind.name()).to_lowercase();
        let folder = plan.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let program = match kind {
            Kind::Ottla => &tools.ottla,
            Kind::Kafka => &plan.kafka,
        };
        let mut broker = Broker::new(kind, &folder, program)?;
        for setting in mode.setting(kind).into_iter().chain([KEPT]).chain(settings.iter().copied()) {
            broker = broker.with_setting(setting);
        }
        Ok(Self { bootstrap: broker.bootstrap(), broker, folder, spawned_us: 0, pid: 0 })
    }

    /// Starts it, and waits until it serves.
    pub(super) fn serve(&mut self) -> Outcome {
        self.spawned_us = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
        self.broker.serve()?;
        self.pid = self.broker.pid()?;
        Ok(())
    }

    /// Its process.
    pub(super) fn pid(&self) -> Outcome<u32> {
        self.broker.pid()
    }

    /// CPU time used so far, user and system, in seconds.
    pub(super) fn cpu_seconds(&self) -> Outcome<f64> {
        self.ticks().map(|(user, system)| (user + system) / TICKS_PER_SECOND)
    }

    /// The part of it that is not the kernel's.
    pub(super) fn user_seconds(&self) -> Outcome<f64> {
        self.ticks().map(|(user, _)| user / TICKS_PER_SECOND)
    }

    fn ticks(&self) -> Outcome<(f64, f64)> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th after it.
        let after_name = stat.rsplit_once(')').ok_or("no name in /proc stat")?.1;
        let ticks = |index: usize| -> Outcome<f64> {
            Ok(after_name.split_whitespace().nth(index).ok_or("a short /proc stat")?.parse()?)
        };
        Ok((ticks(11)?, ticks(12)?))
    }

    /// Ends it, cleanly or as a crash would, starts it anew and says how many milliseconds it took from there to the first
    /// acknowledged record, which is one of a new topic.
    pub(super) fn restarted(&mut self, tools: &Tools, topic: &str, crashes: bool) -> Outcome<f64> {
        if crashes {
            self.broker.kill()?
        } else {
            self.broker.stop()?
        }
        self.first_ack(tools, topic)
    }

    /// Starts it and says how many milliseconds it took to the first acknowledged record.
    pub(super) fn first_ack(&mut self, tools: &Tools, topic: &str) -> Outcome<f64> {
        // It waits for the broker and says when its first record was acknowledged.
        let first_ack = Command::new(&tools.load)
            .args(["first-ack", "--bootstrap", &self.bootstrap, "--topic", topic])
            .stdout(Stdio::piped())
            .spawn()?;
        self.serve()?;
        let line = output(first_ack.wait_with_output()?, "load first-ack")?;
        #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 fit a double exactly")]
        Ok((line.field("unix_us")? - self.spawned_us as f64) / 1e3)
    }

    /// Resident memory, in megabytes.
    pub(super) fn resident_mb(&self) -> Outcome<f64> {
        resident_mb(self.pid)
    }

    /// Looks at its memory from now on.
    pub(super) fn watched(&self) -> Watch {
        let (pid, (stop, stopped)) = (self.pid, mpsc::channel());
        let thread = std::thread::spawn(move || {
            let (start, mut seen) = (Instant::now(), Vec::new());
            while let (Ok(megabytes), Err(RecvTimeoutError::Timeout)) =
                (resident_mb(pid), stopped.recv_timeout(BETWEEN_LOOKS))
            {
                seen.push((start.elapsed().as_secs_f64(), megabytes));
            }
            seen
        });
        Watch { stop, thread }
    }

    fn stop(&mut self) -> Outcome {
        self.broker.stop()?;
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if let Err(failure) = self.stop() {
            eprintln!("stopping {}: {failure}", self.broker.kind().name());
        }
    }
}

/// Somebody who looks at a broker's memory over and over.
pub(super) struct Watch {
    stop: Sender<()>,
    thread: JoinHandle<Vec<(f64, f64)>>,
}

impl Watch {
    /// Seconds and megabytes, up to now.
    pub(super) fn seen(self) -> Vec<(f64, f64)> {
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

/// Resident memory of a process, in megabytes.
pub(super) fn resident_mb(pid: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("an empty VmRSS")?.parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
