//! The broker as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Broker {
    child: Child,
    pub(crate) address: String,
    pub(crate) opened_in: Duration,
}

impl Broker {
    pub(crate) fn serve(address: &str, folder: &Path) -> Self {
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.args(["serve", "--listen", address, "--set", "group.initial.rebalance.delay.ms=0", "--data"]);
        command.arg(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("ottla listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { child, address: address.trim_end().to_owned(), opened_in: start.elapsed() }
    }
}

impl Drop for Broker {
    /// `Child::kill` sends signal 9.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
