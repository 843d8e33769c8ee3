//! NATS JetStream as a peer: its server, installed by Go at a pinned version, and its own client in Go.
//!
//! It does not speak Kafka's protocol, so it only has the rows of `go`: the same records, to a stream on files with the
//! server's defaults, which sync by and by, as `os` durability does.

use super::Plan;
use super::go;
use super::rows::Round;
use crate::brokers::free_port;
use crate::outcome::Outcome;
use crate::workspace::root;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MODULE: &str = "github.com/nats-io/nats-server/v2@v2.15.2";
/// How long it may take to serve.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between attempts to connect.
const RETRY: Duration = Duration::from_millis(10);

/// Installs the server; without Go, or where the module cannot be had, says so and goes on without.
pub(super) fn build() -> Option<PathBuf> {
    let folder = root().join("target/peers");
    let mut command = Command::new("go");
    command.args(["install", MODULE]).env("GOBIN", &folder);
    go::is_built(&mut command, "NATS JetStream").then(|| folder.join("nats-server"))
}

/// Measures the rows of clients in Go on a server that is started anew.
pub(super) fn measure(load: &Path, server: &Path, plan: &Plan) -> Outcome<Round> {
    let server = Server::start(server, plan.folder.join("nats"))?;
    let mut round = Round::new();
    go::load(load, "nats", &server.address, server.child.id(), plan, &mut round)?;
    Ok(round)
}

/// A server in a folder of its own. It is ended, and its folder removed, when dropped.
struct Server {
    child: Child,
    address: String,
    folder: PathBuf,
}

impl Server {
    fn start(program: &Path, folder: PathBuf) -> Outcome<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let port = free_port()?.to_string();
        let child = Command::new(program)
            .args(["-js", "-a", "127.0.0.1", "-p", &port, "-sd"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { child, address: format!("127.0.0.1:{port}"), folder };
        let start = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("nats-server ended before it served: {status}").into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("nats-server did not serve on {}", server.address).into());
            }
            std::thread::sleep(RETRY);
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it stored goes with it, so it need not end in order.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended.and_then(|_| std::fs::remove_dir_all(&self.folder)) {
            eprintln!("ending nats-server: {error}");
        }
    }
}
