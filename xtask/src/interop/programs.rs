//! The programs that the cases run: kcat, the tools of Kafka, our command and our quickstart.

use crate::brokers::{self, Kind};
use crate::journal::{cargo, is_installed};
use crate::outcome::Outcome;
use crate::workspace;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long one program may run.
const PATIENCE: Duration = Duration::from_secs(120);

/// What cargo calls a profile, and the folder below `target` where its programs are.
pub(super) type Profile = (&'static str, &'static str);

/// As programs are released.
pub(super) const RELEASE: Profile = ("release", "release");

/// As they are built while one works on them.
pub(super) const DEBUG: Profile = ("dev", "debug");

/// Where the programs are.
#[derive(Clone)]
pub(super) struct Programs {
    /// Our command.
    pub(super) ottla: PathBuf,
    /// What starts a real Kafka.
    pub(super) kafka: PathBuf,
    /// Our quickstart.
    pub(super) quickstart: PathBuf,
    /// Our clients, by the contract of the client programs.
    pub(super) client: PathBuf,
    /// What plays bad input against a broker.
    pub(super) hostile: PathBuf,
    /// What compacts a folder that no broker has.
    pub(super) compact: PathBuf,
}

/// What a program left behind.
pub(super) struct Said {
    /// Its standard output.
    pub(super) out: String,
    /// Its standard error.
    pub(super) err: String,
    /// Whether it ended well.
    pub(super) well: bool,
}

/// A program that still runs.
pub(super) struct Running {
    shown: String,
    child: Child,
    input: JoinHandle<()>,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
}

impl Programs {
    /// Builds ours, the command with a profile, if one is named; and looks whether the others are there.
    pub(super) fn build(profile: Option<Profile>) -> Outcome<Self> {
        for (program, probe) in [("kcat", "-V"), ("java", "-version")] {
            if !is_installed(program, &[probe]) {
                return Err(format!("{program} is not installed").into());
            }
        }
        let root = workspace::root();
        let (cargo_name, folder) = profile.unwrap_or(RELEASE);
        if profile.is_some() {
            build(&["--profile", cargo_name, "--bin", "ottla"])?;
            // As tests are built, which has happened before where all of the gate runs.
            build(&["--example", "quickstart", "--example", "interop", "--example", "hostile"])?;
            build(&["-p", "ottla-storage", "--example", "compact"])?;
        }
        let built = root.join("target");
        let example = |name: &str| built.join("debug/examples").join(name);
        Ok(Self {
            ottla: built.join(folder).join("ottla"),
            kafka: brokers::kafka_script(),
            quickstart: example("quickstart"),
            client: example("interop"),
            hostile: example("hostile"),
            compact: example("compact"),
        })
    }

    /// What starts a broker of this kind.
    pub(super) fn starting(&self, kind: Kind) -> &Path {
        match kind {
            Kind::Ottla => &self.ottla,
            Kind::Kafka => &self.kafka,
        }
    }
}

/// Builds some of ours.
fn build(words: &[&str]) -> Outcome {
    let status = cargo(&["build", "--locked"]).args(words).current_dir(workspace::root()).status()?;
    if status.success() { Ok(()) } else { Err(format!("cargo build {}: {status}", words.join(" ")).into()) }
}

/// Runs kcat to its end, and fails when it does.
pub(super) fn kcat(bootstrap: &str, words: &[&str], input: &str) -> Outcome<String> {
    start_kcat(bootstrap, words, input)?.well()
}

/// Starts kcat.
pub(super) fn start_kcat(bootstrap: &str, words: &[&str], input: &str) -> Outcome<Running> {
    let mut command = Command::new("kcat");
    command.args(["-b", bootstrap, "-X", "socket.timeout.ms=20000"]).args(words);
    start(&mut command, input)
}

/// Runs one of Kafka's own tools to its end.
pub(super) fn tool(class: &str, words: &[&str], input: &str) -> Outcome<Said> {
    start(&mut kafka_tool(class, words), input)?.end()
}

/// A command that starts one of Kafka's own tools.
pub(super) fn kafka_tool(class: &str, words: &[&str]) -> Command {
    let mut command = Command::new(brokers::kafka_script());
    // One has not moved to where the others are.
    let class = match class.starts_with("kafka.") {
        true => class.to_owned(),
        false => format!("org.apache.kafka.tools.{class}"),
    };
    command.arg("tool").arg(class).args(words);
    command
}

/// A command that starts a worker of Kafka Connect in distributed mode.
pub(super) fn connect_worker(settings: &Path) -> Command {
    let mut command = Command::new(brokers::kafka_script());
    command.args(["tool", "org.apache.kafka.connect.cli.ConnectDistributed"]).arg(settings);
    command
}

/// Runs one of our programs to its end, and fails when it does.
pub(super) fn ours(program: &PathBuf, words: &[&str], input: &str) -> Outcome<String> {
    start(Command::new(program).args(words), input)?.well()
}

/// Starts a program with this on its standard input.
pub(super) fn start(command: &mut Command, input: &str) -> Outcome<Running> {
    let name = command.get_program().to_string_lossy().into_owned();
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let shown = format!("{name} {}", words.join(" "));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown}: {error}"))?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let stdout = child.stdout.take().ok_or("no standard output")?;
    let stderr = child.stderr.take().ok_or("no standard error")?;
    let input = input.to_owned();
    Ok(Running {
        shown,
        child,
        input: std::thread::spawn(move || {
            // A program may end before it has read everything; how it ended is what counts.
            let _ = stdin.write_all(input.as_bytes());
        }),
        out: collect(stdout),
        err: collect(stderr),
    })
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes); // cut short when the program is killed
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Running {
    /// Whether it is known to have ended by now: its outputs are closed.
    pub(super) fn has_ended(&self) -> bool {
        self.out.is_finished() && self.err.is_finished()
    }

    /// Waits until it ends; one that does not is killed, which is a failure.
    pub(super) fn end(self) -> Outcome<Said> {
        self.end_within(PATIENCE)
    }

    fn end_within(mut self, patience: Duration) -> Outcome<Said> {
        let deadline = Instant::now() + patience;
        let mut hung = false;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                hung = true;
                self.child.kill()?;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let lost = |_| "a thread that reads a pipe has died";
        self.input.join().map_err(lost)?;
        let out = self.out.join().map_err(lost)?;
        let err = self.err.join().map_err(lost)?;
        if hung {
            let said = format!("{out}\n{err}");
            return Err(format!("{}: did not end within {} s\n{said}", self.shown, patience.as_secs()).into());
        }
        Ok(Said { out, err, well: status.success() })
    }

    /// Waits until it ends well, for what it wrote.
    pub(super) fn well(self) -> Outcome<String> {
        self.well_within(PATIENCE)
    }

    /// The same, for one that takes longer or shorter than most.
    pub(super) fn well_within(self, patience: Duration) -> Outcome<String> {
        let shown = self.shown.clone();
        let said = self.end_within(patience)?;
        if said.well {
            Ok(said.out)
        } else {
            Err(format!("{shown}: failed\n{}\n{}", said.err, said.out).into())
        }
    }
}
