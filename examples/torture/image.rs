//! A file system of its own in a file: ext4 on a loop device, whose power can be cut.
//!
//! A cut is the ioctl `FS_IOC_SHUTDOWN` without a flush of its journal: what was not synced is gone (data, sizes and
//! names), and whatever is asked after it is an error. What was mounted is unmounted at the end, however that comes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

use crate::{Failure, PATIENCE};

/// The ioctl, as Python asks for it when it is told to: no crate of the workspace has unsafe code.
const CUT: &str = "import fcntl, os, struct, sys\n\
    disk = os.open(sys.argv[1], os.O_RDONLY)\n\
    print('ready', flush=True)\n\
    sys.stdin.readline()\n\
    fcntl.ioctl(disk, 0x8004587d, struct.pack('I', 2))\n\
    print('cut', flush=True)";

pub(crate) struct Image {
    file: PathBuf,
    mounted_at: PathBuf,
    is_mounted: bool,
    is_frozen: bool,
}

impl Image {
    /// Makes a file system of so many MiB in this folder, and mounts it there.
    pub(crate) fn make(folder: &Path, mib: u64) -> Result<Self, Failure> {
        let (file, mounted_at) = (folder.join("image"), folder.join("mounted"));
        fs::create_dir(&mounted_at)?;
        File::create(&file)?.set_len(mib << 20)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0", "-E", "lazy_itable_init=0"]).arg(&file))?;
        let mut image = Self { file, mounted_at, is_mounted: false, is_frozen: false };
        image.mount()?;
        Ok(image)
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.mounted_at
    }

    /// Gets ready to cut the power, which takes a moment.
    pub(crate) async fn knife(&self) -> Result<Knife, Failure> {
        let mut command = tokio::process::Command::new("python3");
        command.args(["-c", CUT]).arg(&self.mounted_at).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let output = child.stdout.take().ok_or("python3 has no output")?;
        let mut knife = Knife { words: BufReader::new(output).lines(), child };
        knife.says("ready").await?;
        Ok(knife)
    }

    /// Turns read-only, as after an error that it finds in itself.
    pub(crate) fn turn_read_only(&self) -> Result<(), Failure> {
        run(Command::new("mount").args(["-o", "remount,abort"]).arg(&self.mounted_at))
    }

    /// Stands still: whoever writes or syncs waits.
    pub(crate) fn freeze(&mut self) -> Result<(), Failure> {
        self.is_frozen = true;
        run(Command::new("fsfreeze").arg("--freeze").arg(&self.mounted_at))
    }

    /// Goes on.
    pub(crate) fn thaw(&mut self) -> Result<(), Failure> {
        self.is_frozen = false;
        run(Command::new("fsfreeze").arg("--unfreeze").arg(&self.mounted_at))
    }

    /// Comes back after a cut, as a machine does: by the journal of the file system.
    pub(crate) fn come_back(&mut self) -> Result<(), Failure> {
        self.unmount()?;
        self.mount()
    }

    fn mount(&mut self) -> Result<(), Failure> {
        // On a device of its own each time: one that failed may be held by others for a while, and is never to come back.
        let output = Command::new("losetup").args(["--find", "--show"]).arg(&self.file).output()?;
        let device = String::from_utf8(output.stdout)?.trim().to_owned();
        if !output.status.success() || device.is_empty() {
            return Err(format!("losetup: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        let mounted = run(Command::new("mount").arg(&device).arg(&self.mounted_at));
        self.is_mounted = mounted.is_ok();
        // It goes when nothing is mounted on it any more.
        run(Command::new("losetup").args(["--detach", &device]))?;
        mounted
    }

    fn unmount(&mut self) -> Result<(), Failure> {
        // Whoever was killed may still be closing its files.
        let mut outcome = Ok(());
        for _ in 0..100 {
            outcome = run(Command::new("umount").arg(&self.mounted_at));
            if outcome.is_ok() {
                self.is_mounted = false;
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        outcome
    }
}

/// What cuts the power of an image.
pub(crate) struct Knife {
    child: Child,
    words: Lines<BufReader<ChildStdout>>,
}

impl Knife {
    /// The disk loses what was not synced, and fails from now on.
    pub(crate) async fn cut(mut self) -> Result<(), Failure> {
        let mut input = self.child.stdin.take().ok_or("python3 has no input")?;
        input.write_all(b"\n").await?;
        self.says("cut").await?;
        drop(input);
        self.child.wait().await?;
        Ok(())
    }

    async fn says(&mut self, word: &str) -> Result<(), Failure> {
        let line = timeout(PATIENCE, self.words.next_line()).await??;
        if line.as_deref() == Some(word) {
            Ok(())
        } else {
            Err(format!("python3 said {line:?}, not {word}").into())
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if self.is_frozen {
            let _ = self.thaw();
        }
        if self.is_mounted && self.unmount().is_err() {
            let _ = run(Command::new("umount").arg("--lazy").arg(&self.mounted_at));
        }
    }
}

/// Runs a program to its end, and fails with what it says if it does.
fn run(command: &mut Command) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}, {}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}
