//! The broker as a process of its own, which can be killed, traced, and told from one that ended by itself.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::{Failure, Order, PATIENCE};

/// Ports that are tried: below those that the system gives to connections, or else a client could find itself on the
/// port of a broker that is away.
const FIRST_PORT: u16 = 10_000;
const PORTS: u32 = 20_000;

/// What makes much happen in little time: small logs, and chores without long pauses.
const SETTINGS: [&str; 7] = [
    "group.initial.rebalance.delay.ms=0",
    "log.retention.check.interval.ms=150",
    "log.cleaner.backoff.ms=100",
    "log.cleaner.delete.retention.ms=86400000",
    "log.segment.delete.delay.ms=50",
    "offsets.topic.segment.bytes=65536",
    "offsets.topic.num.partitions=4",
];

pub(crate) struct Broker {
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    settings: Vec<String>,
    port: u16,
    child: Option<Child>,
}

impl Broker {
    /// A broker that does not run yet: its data in one folder, what it says in a file.
    pub(crate) fn new(order: &Order, data: &Path, log: &Path) -> Result<Self, Failure> {
        let mut settings: Vec<String> = SETTINGS.map(str::to_owned).into();
        settings.extend(order.set.iter().cloned());
        let (program, data, log) = (order.ottla.clone(), data.to_path_buf(), log.to_path_buf());
        Ok(Self { program, data, log, settings, port: free_port()?, child: None })
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process, while it runs.
    pub(crate) fn pid(&self) -> Result<u32, Failure> {
        Ok(self.child.as_ref().and_then(Child::id).ok_or("the broker does not run")?)
    }

    /// Starts it, by the words before its own.
    pub(crate) fn spawn(&mut self, before: &[String]) -> Result<(), Failure> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut words = before.iter().map(String::as_str);
        let program = self.program.to_string_lossy().into_owned();
        let mut command = match words.next() {
            None => Command::new(&program),
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&program);
                command
            }
        };
        command.args(["serve", "--listen", &self.address(), "--data"]).arg(&self.data);
        command.args(self.settings.iter().flat_map(|setting| ["--set", setting]));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        self.child = Some(command.spawn()?);
        Ok(())
    }

    /// Waits until it listens.
    pub(crate) async fn listens(&mut self) -> Result<(), Failure> {
        let child = self.child.as_mut().ok_or("the broker does not run")?;
        let output = child.stdout.take().ok_or("the broker's words were taken before")?;
        let mut line = String::new();
        let mut output = BufReader::new(output);
        match timeout(PATIENCE, output.read_line(&mut line)).await {
            Ok(Ok(_)) if line.starts_with("ottla listening on ") => {}
            other => return Err(format!("the broker did not start: {other:?}\n{}", self.words()).into()),
        }
        drop(tokio::spawn(async move { while let Ok(1..) = output.read_line(&mut String::new()).await {} }));
        Ok(())
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn start(&mut self) -> Result<(), Failure> {
        self.spawn(&[])?;
        self.listens().await
    }

    /// Kills it with signal 9; it must have run until then.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        let mut child = self.child.take().ok_or("the broker does not run")?;
        let before = child.try_wait()?;
        child.start_kill()?;
        let status = child.wait().await?;
        match before {
            None if status.signal() == Some(9) => Ok(()),
            _ => Err(format!("the broker had ended by itself: {status}\n{}", self.words()).into()),
        }
    }

    /// Lets it stand still, whatever it is doing.
    pub(crate) fn freeze(&self) -> Result<(), Failure> {
        let status = std::process::Command::new("kill").args(["-STOP", &self.pid()?.to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(format!("kill -STOP: {status}").into()) }
    }

    /// Lets it stand still with no call of the kernel under way.
    pub(crate) async fn come_to_rest(&self) -> Result<(), Failure> {
        self.freeze()?;
        let tasks = format!("/proc/{}/task", self.pid()?);
        let is_stopped = |task: std::fs::DirEntry| {
            let status = std::fs::read_to_string(task.path().join("status"));
            status.is_ok_and(|status| status.contains("\nState:\tT"))
        };
        timeout(PATIENCE, async {
            while !std::fs::read_dir(&tasks)?.filter_map(Result::ok).all(is_stopped) {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            Ok(())
        })
        .await
        .map_err(|_| "the broker does not come to rest")?
    }

    /// Lets it go on after it stood still.
    pub(crate) fn go_on(&self) -> Result<(), Failure> {
        let status = std::process::Command::new("kill").args(["-CONT", &self.pid()?.to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(format!("kill -CONT: {status}").into()) }
    }

    /// Bounds the sizes of its files, as `prlimit` writes that.
    pub(crate) fn limit_file_size(&self, limit: &str) -> Result<(), Failure> {
        let words = ["--pid", &self.pid()?.to_string(), &format!("--fsize={limit}")];
        let status = std::process::Command::new("prlimit").args(words).status()?;
        if status.success() { Ok(()) } else { Err(format!("prlimit: {status}").into()) }
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> Result<u64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Fails if it does not run any more.
    pub(crate) fn must_run(&mut self) -> Result<(), Failure> {
        let child = self.child.as_mut().ok_or("the broker does not run")?;
        match child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("the broker ended by itself: {status}\n{}", self.words()).into()),
        }
    }

    /// Ends it with signal 9, if it has not ended by itself.
    pub(crate) async fn end(&mut self) -> Result<(), Failure> {
        if let Some(mut child) = self.child.take() {
            child.start_kill()?;
            child.wait().await?;
        }
        Ok(())
    }

    /// Waits until it is killed by somebody else, and says whether it was.
    pub(crate) async fn is_killed_within(&mut self, patience: Duration) -> Result<bool, Failure> {
        let child = self.child.as_mut().ok_or("the broker does not run")?;
        let Ok(status) = timeout(patience, child.wait()).await else { return Ok(false) };
        let status: ExitStatus = status?;
        self.child = None;
        if status.signal() == Some(9) {
            return Ok(true);
        }
        Err(format!("the broker ended by itself: {status}\n{}", self.words()).into())
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        let pid = self.pid()?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        let mut child = self.child.take().ok_or("the broker does not run")?;
        let status = timeout(PATIENCE, child.wait()).await.map_err(|_| "the broker does not stop")??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the broker stopped badly: {status}\n{}", self.words()).into())
        }
    }

    /// All that it said in all its lives.
    pub(crate) fn all_words(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last of what it said.
    pub(crate) fn words(&self) -> String {
        let text = self.all_words();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

fn free_port() -> Result<u16, Failure> {
    let first = std::process::id().wrapping_mul(61);
    for tried in 0..PORTS {
        let port = FIRST_PORT + u16::try_from(first.wrapping_add(tried) % PORTS)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".into())
}
