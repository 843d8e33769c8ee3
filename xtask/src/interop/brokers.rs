//! The brokers under the cases: `ottla serve` as a child process, and a real Kafka.

use super::programs::Programs;
use crate::outcome::Outcome;
use crate::workspace;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a broker may take to serve, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which broker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Ottla,
    Kafka,
}

impl Kind {
    /// What the rows of its cases begin with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ottla => "ottla",
            Self::Kafka => "kafka",
        }
    }
}

/// A broker that serves on a port of the loopback address, and its folder.
pub(super) struct Broker {
    kind: Kind,
    folder: PathBuf,
    port: u16,
    program: PathBuf,
    child: Option<Child>,
}

impl Broker {
    /// Starts a broker in an empty folder, on a free port.
    pub(super) fn start(kind: Kind, folder: &Path, programs: &Programs) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let mut broker = Self {
            kind,
            folder: folder.to_path_buf(),
            port: free_port()?,
            program: programs.ottla.clone(),
            child: None,
        };
        broker.serve()?;
        Ok(broker)
    }

    /// Where clients find it.
    pub(super) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Which one it is.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Where its topics are on disk.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join(if self.kind == Kind::Ottla { "data" } else { "logs" })
    }

    /// Asks it to stop, and waits until it has.
    pub(super) fn stop(&mut self) -> Outcome {
        match self.kind {
            Kind::Kafka => kafka(&["stop", &self.folder.to_string_lossy()]),
            Kind::Ottla => {
                let Some(mut child) = self.child.take() else { return Ok(()) };
                signal(&child, "TERM")?;
                let deadline = Instant::now() + PATIENCE;
                loop {
                    if let Some(status) = child.try_wait()? {
                        return if status.success() {
                            Ok(())
                        } else {
                            Err(format!("ottla serve: {status}").into())
                        };
                    }
                    if Instant::now() > deadline {
                        child.kill()?;
                        return Err("ottla serve did not stop when asked to".into());
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    /// Kills it as a crash would.
    pub(super) fn kill(&mut self) -> Outcome {
        match self.kind {
            Kind::Kafka => {
                let pid = fs::read_to_string(self.folder.join("pid"))?;
                Command::new("kill").args(["-KILL", pid.trim()]).status()?;
                let lock = self.folder.join("logs/.lock");
                let _ = fs::remove_file(lock);
                Ok(())
            }
            Kind::Ottla => {
                if let Some(mut child) = self.child.take() {
                    child.kill()?;
                    child.wait()?;
                }
                Ok(())
            }
        }
    }

    /// Starts it again on the same port and folder.
    pub(super) fn serve(&mut self) -> Outcome {
        match self.kind {
            Kind::Kafka => kafka(&["start", &self.port.to_string(), &self.folder.to_string_lossy()]),
            Kind::Ottla => self.serve_ottla(),
        }
    }

    fn serve_ottla(&mut self) -> Outcome {
        let log = File::options().create(true).append(true).open(self.folder.join("serve.log"))?;
        let mut child = Command::new(&self.program)
            .args(["serve", "--listen", &self.bootstrap(), "--data"])
            .arg(self.data())
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
            Err(_) => {
                let log = fs::read_to_string(self.folder.join("serve.log")).unwrap_or_default();
                Err(format!("ottla serve did not begin to serve:\n{log}").into())
            }
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if self.kind == Kind::Ottla {
            let _ = self.kill(); // after a clean stop there is nothing left to kill
        } else {
            let _ = self.stop();
        }
    }
}

/// The script that starts and stops a real Kafka.
fn kafka(words: &[&str]) -> Outcome {
    let script = workspace::shared().join("peers/kafka/kafka");
    let status = Command::new(script).args(words).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("kafka {}: {status}", words.join(" ")).into()) }
}

fn signal(child: &Child, name: &str) -> Outcome {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status()?;
    if status.success() { Ok(()) } else { Err(format!("kill -{name}: {status}").into()) }
}

/// A port that is free, and so is the one after it, where Kafka puts its controller.
fn free_port() -> Outcome<u16> {
    for _ in 0..64 {
        let first = TcpListener::bind("127.0.0.1:0")?;
        let port = first.local_addr()?.port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return Ok(port);
        }
    }
    Err("no two free ports beside each other".into())
}
