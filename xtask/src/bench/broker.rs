//! One broker under measurement: started, watched from outside through `/proc`, stopped.

use super::{Plan, Tools};
use crate::outcome::Outcome;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a broker may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// Clock ticks a second in `/proc/PID/stat`; fixed at 100 on Linux for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Which broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The one of this workspace.
    Ottla,
    /// Apache Kafka, the real one.
    Kafka,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ottla => "ottla",
            Self::Kafka => "Kafka",
        }
    }
}

/// Whether an acknowledged record has been synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Written to the page cache: Kafka's default.
    Os,
    /// On stable storage before the acknowledgement: ottla's default, `flush.messages=1` in Kafka.
    Fsync,
}

/// A running broker. Stopped when dropped.
pub(super) struct Broker {
    kind: Kind,
    /// Where it listens.
    pub(super) bootstrap: String,
    /// Wall-clock time just before it was started, in microseconds since 1970.
    pub(super) spawned_us: u128,
    pid: u32,
    folder: PathBuf,
    kafka: PathBuf,
    child: Option<Child>,
}

impl Broker {
    /// Starts a broker on `port`, in a new folder below `target/bench`.
    pub(super) fn start(kind: Kind, mode: Mode, port: u16, plan: &Plan, tools: &Tools) -> Outcome<Self> {
        let folder = crate::workspace::root().join("target/bench").join(format!("{}-{port}", kind.name()));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let bootstrap = format!("127.0.0.1:{port}");
        let spawned_us = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
        let mut broker =
            Self { kind, bootstrap, spawned_us, pid: 0, folder, kafka: plan.kafka.clone(), child: None };
        match kind {
            Kind::Ottla => broker.start_ottla(mode, &tools.ottla)?,
            Kind::Kafka => broker.start_kafka(mode, port)?,
        }
        Ok(broker)
    }

    fn start_ottla(&mut self, mode: Mode, binary: &Path) -> Outcome {
        let durability = match mode {
            Mode::Os => "durability=os",
            Mode::Fsync => "durability=fsync",
        };
        let mut child = Command::new(binary)
            .args(["serve", "--listen", &self.bootstrap, "--set", durability, "--data"])
            .arg(self.folder.join("data"))
            .stdout(Stdio::piped())
            .stderr(fs::File::create(self.folder.join("server.log"))?)
            .spawn()?;
        self.pid = child.id();
        let output = child.stdout.take().ok_or("no standard output")?;
        self.child = Some(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        if !line.contains("listening on") {
            return Err(format!("ottla said {line:?} instead of where it listens").into());
        }
        Ok(())
    }

    fn start_kafka(&mut self, mode: Mode, port: u16) -> Outcome {
        let data = self.folder.join("data");
        let mut command = Command::new("bash");
        command.arg(&self.kafka).arg("start").arg(port.to_string()).arg(&data);
        if mode == Mode::Fsync {
            command.arg("log.flush.interval.messages=1");
        }
        let status = command.stdout(Stdio::null()).status()?;
        if !status.success() {
            return Err("the real Kafka did not start".into());
        }
        self.pid = fs::read_to_string(data.join("pid"))?.trim().parse()?;
        Ok(())
    }

    /// CPU time used so far, user and system, in seconds.
    pub(super) fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th after it.
        let after_name = stat.rsplit_once(')').ok_or("no name in /proc stat")?.1;
        let ticks = |index: usize| -> Outcome<f64> {
            Ok(after_name.split_whitespace().nth(index).ok_or("a short /proc stat")?.parse()?)
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }

    /// Resident memory, in megabytes.
    pub(super) fn resident_mb(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("an empty VmRSS")?.parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }

    fn stop(&mut self) -> Outcome {
        match (self.kind, self.child.take()) {
            (Kind::Kafka, _) => {
                Command::new("bash").arg(&self.kafka).arg("stop").arg(self.folder.join("data")).status()?;
            }
            (Kind::Ottla, Some(mut child)) => {
                Command::new("kill").arg(self.pid.to_string()).status()?;
                let start = Instant::now();
                while child.try_wait()?.is_none() {
                    if start.elapsed() > PATIENCE {
                        child.kill()?;
                        return Err("ottla did not stop".into());
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            (Kind::Ottla, None) => {}
        }
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Err(failure) = self.stop() {
            eprintln!("stopping {}: {failure}", self.kind.name());
        }
    }
}

/// Two neighbouring ports that are free now: a real Kafka takes both.
pub(super) fn free_port() -> Outcome<u16> {
    for _ in 0..100 {
        let first = TcpListener::bind("127.0.0.1:0")?;
        let port = first.local_addr()?.port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return Ok(port);
        }
    }
    Err("no two neighbouring ports are free".into())
}
