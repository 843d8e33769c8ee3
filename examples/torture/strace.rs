//! Makes calls of a running broker fail, by `strace`, and sees which there were.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::{Failure, PATIENCE};

/// Calls that write.
pub(crate) const WRITES: &str = "write,pwrite64,pwritev,pwritev2";
/// Calls that sync.
pub(crate) const SYNCS: &str = "fdatasync,fsync";

/// Calls that fail, until this is ended.
pub(crate) struct Fault {
    child: Child,
    output: PathBuf,
}

impl Fault {
    /// Lets these calls of a process fail with this error: all of them, or those on one file.
    pub(crate) async fn begin(
        pid: u32,
        calls: &str,
        error: &str,
        file: Option<&Path>,
        output: &Path,
    ) -> Result<Self, Failure> {
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-p", &pid.to_string(), "-o"]).arg(output);
        command.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error={error}")]);
        if let Some(file) = file {
            command.arg("-P").arg(file);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let fault = Self { child: command.spawn()?, output: output.to_path_buf() };
        // It is at work once it traces the process.
        for _ in 0..500 {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
            if status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0")) {
                return Ok(fault);
            }
            sleep(Duration::from_millis(10)).await;
        }
        Err("strace does not trace".into())
    }

    /// Ends it, and hands out the calls that there were.
    pub(crate) async fn end(mut self) -> Result<Vec<String>, Failure> {
        let pid = self.child.id().ok_or("strace has ended by itself")?;
        Command::new("kill").args(["-INT", &pid.to_string()]).status().await?;
        timeout(PATIENCE, self.child.wait()).await.map_err(|_| "strace does not end")??;
        let calls = fs::read_to_string(&self.output)?;
        Ok(calls.lines().filter(|line| line.contains('(')).map(str::to_owned).collect())
    }
}
