//! The brokers that tasks run: `ottla serve` as a child process, and a real Kafka, each on a free
//! port of the loopback address and with its files in a folder of its own.
//!
//! What is done to a broker, measured on it or asked of it, is in the tasks themselves.

use crate::outcome::Outcome;
use crate::workspace;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a broker may take to serve, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which broker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// The one of this workspace.
    Ottla,
    /// Apache Kafka, the real one.
    Kafka,
}

impl Kind {
    /// What it is called in tables and in the names of folders.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ottla => "ottla",
            Self::Kafka => "kafka",
        }
    }
}

/// A broker on a port of its own, serving or not; one that is dropped serves no more.
pub(crate) struct Broker {
    kind: Kind,
    folder: PathBuf,
    port: u16,
    program: PathBuf,
    settings: Vec<String>,
    child: Option<Child>,
}

impl Broker {
    /// A broker that does not serve yet, with a free port and a folder that is made when missing.
    ///
    /// It will be started by `program`: our command, or [`kafka_script`].
    pub(crate) fn new(kind: Kind, folder: &Path, program: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let (folder, program, port) = (folder.to_path_buf(), program.to_path_buf(), free_port()?);
        Ok(Self { kind, folder, port, program, settings: Vec::new(), child: None })
    }

    /// Starts a broker with the settings it has by itself.
    pub(crate) fn start(kind: Kind, folder: &Path, program: &Path) -> Outcome<Self> {
        let mut broker = Self::new(kind, folder, program)?;
        broker.serve()?;
        Ok(broker)
    }

    /// Adds `key=value` to its configuration; a real Kafka takes it at its first start only.
    pub(crate) fn with_setting(mut self, setting: &str) -> Self {
        self.settings.push(setting.to_owned());
        self
    }

    /// Where clients find it.
    pub(crate) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Which one it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Where its topics are on disk.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join(if self.kind == Kind::Ottla { "data" } else { "logs" })
    }

    /// Its process, while it serves.
    pub(crate) fn pid(&self) -> Outcome<u32> {
        match self.kind {
            Kind::Ottla => Ok(self.child.as_ref().ok_or("ottla does not serve")?.id()),
            Kind::Kafka => Ok(fs::read_to_string(self.folder.join("pid"))?.trim().parse()?),
        }
    }

    /// What it wrote about itself since it was started last; empty before.
    pub(crate) fn log(&self) -> String {
        let name = if self.kind == Kind::Ottla { "serve.log" } else { "server.log" };
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// Starts it, anew on the same port and folder if it has served before, and waits until it serves.
    pub(crate) fn serve(&mut self) -> Outcome {
        match self.kind {
            Kind::Ottla => self.serve_ottla(),
            Kind::Kafka => {
                let port = self.port.to_string();
                let folder = self.folder.to_string_lossy();
                let settings = self.settings.iter().map(String::as_str);
                let words: Vec<&str> = ["start", &port, &folder].into_iter().chain(settings).collect();
                self.script(&words)
            }
        }
    }

    fn serve_ottla(&mut self) -> Outcome {
        let log = File::options().create(true).append(true).open(self.folder.join("serve.log"))?;
        let mut child = Command::new(&self.program)
            .args(["serve", "--listen", &self.bootstrap(), "--data"])
            .arg(self.data())
            .args(self.settings.iter().flat_map(|setting| ["--set", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let output = child.stdout.take().ok_or("ottla serve has no standard output")?;
        self.child = Some(child);
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break; // the broker goes on without a listener to its words
                }
            }
        });
        let wanted = format!("ottla listening on {}", self.bootstrap());
        match heard.recv_timeout(PATIENCE) {
            Ok(line) if line == wanted => Ok(()),
            Ok(line) => Err(format!("ottla serve said {line:?} and not {wanted:?}").into()),
            Err(_) => Err(format!("ottla serve did not begin to serve:\n{}", self.log()).into()),
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> Outcome {
        match self.kind {
            Kind::Ottla => self.stop_ottla(),
            Kind::Kafka => self.script(&["stop", &self.folder.to_string_lossy()]),
        }
    }

    fn stop_ottla(&mut self) -> Outcome {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        signal("TERM", child.id())?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                let ended = format!("ottla serve: {status}");
                return if status.success() { Ok(()) } else { Err(ended.into()) };
            }
            if Instant::now() > deadline {
                child.kill()?;
                return Err("ottla serve did not stop when asked to".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it as a crash would.
    pub(crate) fn kill(&mut self) -> Outcome {
        match self.kind {
            Kind::Kafka => {
                let _ = signal("KILL", self.pid()?); // one that has stopped cannot be killed
                let lock = self.folder.join("logs/.lock");
                let _ = fs::remove_file(lock);
            }
            Kind::Ottla => {
                if let Some(mut child) = self.child.take() {
                    child.kill()?;
                    child.wait()?;
                }
            }
        }
        Ok(())
    }

    /// Runs the script that starts and stops a real Kafka.
    fn script(&self, words: &[&str]) -> Outcome {
        let mut command = Command::new("bash");
        let command = command.arg(&self.program).args(words).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status()?;
        if status.success() { Ok(()) } else { Err(format!("kafka {}: {status}", words.join(" ")).into()) }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // After a clean stop there is nothing left to end.
        let _ = match self.kind {
            Kind::Ottla => self.kill(),
            Kind::Kafka => self.stop(),
        };
    }
}

/// The script that starts and stops a real Kafka, and runs its tools.
pub(crate) fn kafka_script() -> PathBuf {
    workspace::shared().join("peers/kafka/kafka")
}

/// Sends a signal to a process, by the name of the signal.
pub(crate) fn signal(name: &str, pid: u32) -> Outcome {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status()?;
    if status.success() { Ok(()) } else { Err(format!("kill -{name}: {status}").into()) }
}

/// Pairs of ports that brokers get, from the first one on: below those that the system gives to connections, or else a
/// client could be found on the port of a broker that starts slowly, or is away for a moment.
const FIRST_PORT: u16 = 10_000;
const PAIRS: u32 = 11_000;

/// Pairs that this process has tried.
static TRIED: AtomicU32 = AtomicU32::new(0);

/// A port that is free, and so is the one after it, where Kafka puts its controller.
pub(crate) fn free_port() -> Outcome<u16> {
    // Other processes look for ports too, and begin elsewhere.
    let ports = (0..PAIRS).filter_map(|_| {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let pair = std::process::id().wrapping_mul(97).wrapping_add(tried) % PAIRS;
        u16::try_from(pair).ok().map(|pair| FIRST_PORT + 2 * pair)
    });
    match first_free(ports) {
        Some((port, _)) => Ok(port),
        None => Err("no two free ports beside each other".into()),
    }
}

/// The first of the ports that is free together with the one after it, and what holds the two.
fn first_free(ports: impl IntoIterator<Item = u16>) -> Option<(u16, [TcpListener; 2])> {
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port)).ok();
    ports.into_iter().find_map(|port| Some((port, [bind(port)?, bind(port + 1)?])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_that_start_side_by_side_get_ports_of_their_own() {
        let ports: Vec<u16> = (0..50).map(|_| free_port().expect("a free port")).collect();
        let mut pairs: Vec<u16> = ports.iter().flat_map(|port| [*port, port + 1]).collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), 100);
        assert!(pairs.iter().all(|port| (10_000..32_000).contains(port)));
    }

    #[test]
    fn a_port_that_is_taken_is_not_given() {
        let ports = || (FIRST_PORT..).step_by(2);
        let (first, [_, second_of_pair]) = first_free(ports()).expect("a free port");
        // One of the two is enough; the socket is kept, for a process that starts elsewhere may hold what is let go.
        let (other, _) = first_free(ports().skip_while(|port| *port < first)).expect("a free port");
        assert!(other > first, "{other} is given and {first} has {second_of_pair:?}");
    }
}
