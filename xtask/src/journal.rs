//! Child processes of a step: what they say goes to a file, and is shown when the step fails.

use crate::outcome::Outcome;
use crate::workspace;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long one child may take before it counts as hung.
const CHILD_TIME_MAX: Duration = Duration::from_secs(25 * 60);

/// How often a running child is asked whether it has ended.
const POLL: Duration = Duration::from_millis(20);

/// Lines of a failed step's log that are shown, and how much of each.
const LINES_SHOWN: usize = 120;
const COLUMNS_SHOWN: usize = 240;

/// The log of one step, in `target/ci/<step>.log`.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Starts an empty log for a step.
    pub(crate) fn create(step: &str) -> Outcome<Self> {
        let folder = workspace::root().join("target/ci");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{step}.log"));
        let file = File::create(&path)?;
        Ok(Self { path, file })
    }

    /// Runs a child from the workspace's root, unless it names a folder of its own, until it ends.
    ///
    /// A child that ends badly, or that takes longer than [`CHILD_TIME_MAX`], is a failure.
    pub(crate) fn run(&self, command: &mut Command) -> Outcome {
        self.run_with_output(command, self.file.try_clone()?)
    }

    /// The same, for what it says on its standard output, which is kept out of the log.
    pub(crate) fn run_and_hear(&self, command: &mut Command) -> Outcome<String> {
        let heard = self.path.with_extension("out");
        self.run_with_output(command, File::create(&heard)?)?;
        Ok(fs::read_to_string(heard)?)
    }

    fn run_with_output(&self, command: &mut Command, output: File) -> Outcome {
        let status = self.end_of(command, output)?;
        if status.success() { Ok(()) } else { Err(format!("{}: {status}", show(command)).into()) }
    }

    /// The same, for one whose end says more than good or bad.
    pub(crate) fn run_to_end(&self, command: &mut Command) -> Outcome<ExitStatus> {
        self.end_of(command, self.file.try_clone()?)
    }

    fn end_of(&self, command: &mut Command, output: File) -> Outcome<ExitStatus> {
        let shown = show(command);
        self.note(&format!("$ {shown}"))?;
        if command.get_current_dir().is_none() {
            command.current_dir(workspace::root());
        }
        command.stdin(Stdio::null()).stdout(output).stderr(self.file.try_clone()?);
        let mut child = command.spawn().map_err(|error| format!("{shown}: {error}"))?;
        let deadline = Instant::now() + CHILD_TIME_MAX;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                child.kill()?;
                child.wait()?;
                return Err(format!("{shown}: still running after {} s", CHILD_TIME_MAX.as_secs()).into());
            }
            std::thread::sleep(POLL);
        }
    }

    /// Writes one line of our own into the log.
    pub(crate) fn note(&self, text: &str) -> Outcome {
        writeln!(&self.file, "{text}")?;
        Ok(())
    }

    /// The last of what was written, short enough to be read in a terminal, and where the whole of it is.
    pub(crate) fn end(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let shown = lines.iter().skip(lines.len().saturating_sub(LINES_SHOWN));
        let mut end = String::new();
        for line in shown {
            end.extend(line.chars().take(COLUMNS_SHOWN));
            end.push('\n');
        }
        end.push_str(&format!("(all {} lines: {})", lines.len(), self.path.display()));
        end
    }

    /// Everything that was written so far.
    pub(crate) fn text(&self) -> String {
        fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={}", name.to_string_lossy(), value.to_string_lossy()));
        }
    }
    words.push(command.get_program().to_string_lossy().into_owned());
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// A `cargo` command with these words.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.args(words);
    command
}

/// Whether a program can be started at all.
pub(crate) fn is_installed(program: &str, probe: &[&str]) -> bool {
    Command::new(program)
        .args(probe)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
