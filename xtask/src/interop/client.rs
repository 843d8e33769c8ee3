//! A running client program: what it is told, what it says, and its end, by the contract of `clients/README.md`.

use super::environment::Environment;
use super::families::Family;
use super::records::Record;
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// How long a program may keep silent, and how long it may take to end.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Where the programs play: one broker, and a folder for what they complain about.
pub(super) struct Stage<'a> {
    /// Where the broker is.
    pub(super) bootstrap: String,
    /// What the programs need.
    pub(super) environment: &'a Environment,
    /// What the programs complain about goes there.
    pub(super) folder: PathBuf,
    started: AtomicUsize,
}

/// Something that a program said.
pub(super) enum Said {
    /// A record that it consumed, with the offset.
    Record(i64, Record),
    /// How many records were acknowledged so far.
    Written(usize),
    /// The partitions that it owns now.
    Owned(BTreeSet<i32>),
    /// Something that the contract does not know.
    Odd(String),
    /// It will say no more.
    End,
}

impl<'a> Stage<'a> {
    /// A stage whose programs complain into files of a folder.
    pub(super) fn new(bootstrap: String, environment: &'a Environment, folder: PathBuf) -> Outcome<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { bootstrap, environment, folder, started: AtomicUsize::new(0) })
    }

    /// Starts the program of a family; what it says goes to `said` under `number`.
    ///
    /// The order gets the address of the broker.
    pub(super) fn start(
        &self,
        family: &Family,
        command: &str,
        mut order: Value,
        (number, said): (usize, Sender<(usize, Said)>),
    ) -> Outcome<Client> {
        order["bootstrap"] = json!(self.bootstrap);
        let started = self.started.fetch_add(1, Ordering::Relaxed);
        let complaints = self.folder.join(format!("{started:03}-{}-{command}.log", family.slug()));
        let program = self.environment.command(family.program);
        let mut child = mortal(&program)
            .args([command, &order.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&complaints)?)
            .spawn()
            .map_err(|error| format!("{}: {error}", family.name))?;
        let output = child.stdout.take().ok_or("no standard output")?;
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if said.send((number, Said::parse(&line))).is_err() {
                    return; // nobody listens any more
                }
            }
            let _ = said.send((number, Said::End));
        });
        let name = format!("{} {command}", family.name);
        let input = child.stdin.take();
        Ok(Client { name, child, input, complaints })
    }

    /// Starts a program to talk with alone.
    pub(super) fn talk(&self, family: &Family, command: &str, order: Value) -> Outcome<Talk> {
        let (sender, said) = mpsc::channel();
        Ok(Talk { client: self.start(family, command, order, (0, sender))?, said })
    }

    /// Lets a family write records, and waits until all are acknowledged.
    pub(super) fn produce(&self, family: &Family, topic: &str, codec: &str, records: &[Record]) -> Outcome {
        let mut talk = self.talk(family, "produce", json!({"topic": topic, "codec": codec}))?;
        talk.client.say(records)?;
        talk.client.hang_up();
        talk.written(records.len())?;
        talk.end()
    }

    /// Lets a family read so many records of these partitions, from the earliest on.
    pub(super) fn consume(
        &self,
        family: &Family,
        topic: &str,
        partitions: &[i32],
        count: usize,
    ) -> Outcome<Vec<(i64, Record)>> {
        let order = json!({"topic": topic, "partitions": partitions, "count": count});
        let mut talk = self.talk(family, "consume", order)?;
        let records = talk.records(count)?;
        talk.end()?;
        Ok(records)
    }
}

impl Said {
    fn parse(line: &str) -> Self {
        let parsed = serde_json::from_str::<Value>(line).ok().and_then(|value| {
            if let Some(count) = value["written"].as_u64() {
                return Some(Self::Written(usize::try_from(count).ok()?));
            }
            if let Some(owned) = value["owned"].as_array() {
                let number = |value: &Value| i32::try_from(value.as_i64()?).ok();
                return Some(Self::Owned(owned.iter().map(number).collect::<Option<_>>()?));
            }
            let (offset, record) = Record::from_json(&value)?;
            Some(Self::Record(offset, record))
        });
        parsed.unwrap_or_else(|| Self::Odd(line.to_owned()))
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(offset, record) => write!(f, "{record:?} at {offset}"),
            Self::Written(count) => write!(f, "{count} are written"),
            Self::Owned(owned) => write!(f, "it owns {owned:?}"),
            Self::Odd(line) => write!(f, "{line:?}"),
            Self::End => write!(f, "nothing more"),
        }
    }
}

/// The same command, made to die with the thread that starts it: a program that nobody hears would try for ever
/// to reach a broker that is gone.
pub(super) fn mortal(program: &Command) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

/// A program that runs; it is killed when dropped.
pub(super) struct Client {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    complaints: PathBuf,
}

impl Client {
    /// Tells it records.
    pub(super) fn say(&mut self, records: &[Record]) -> Outcome {
        let lines: String = records.iter().map(|record| format!("{}\n", record.to_json())).collect();
        let input = self.input.as_mut().ok_or("it was told that there is no more")?;
        input.write_all(lines.as_bytes())?;
        Ok(input.flush()?)
    }

    /// Tells it that there is no more: a producer then ends, and a member leaves its group.
    pub(super) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Waits until it ends well.
    pub(super) fn end(&mut self) -> Outcome {
        self.hang_up();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.failure(&format!("ended with {status}"))),
                None if Instant::now() > deadline => return Err(self.failure("did not end")),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Kills it, as a crash would.
    pub(super) fn kill(&mut self) -> Outcome<ExitStatus> {
        self.child.kill()?;
        Ok(self.child.wait()?)
    }

    /// What went wrong, with the end of its complaints.
    pub(super) fn failure(&self, what: &str) -> crate::outcome::Failure {
        let complaints = fs::read(&self.complaints).unwrap_or_default();
        let text = String::from_utf8_lossy(&complaints);
        let lines: Vec<&str> = text.lines().collect();
        let end: Vec<String> = lines[lines.len().saturating_sub(12)..]
            .iter()
            .map(|line| line.chars().take(300).collect())
            .collect();
        format!("{} {what}; {}\n{}", self.name, self.complaints.display(), end.join("\n")).into()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.kill(); // it may have ended long ago
    }
}

/// A program that is talked with alone.
pub(super) struct Talk {
    pub(super) client: Client,
    said: Receiver<(usize, Said)>,
}

impl Talk {
    /// The next thing it says.
    fn hear(&self) -> Outcome<Said> {
        match self.said.recv_timeout(PATIENCE) {
            Ok((_, said)) => Ok(said),
            Err(RecvTimeoutError::Timeout) => Err(self.client.failure("said nothing more")),
            Err(RecvTimeoutError::Disconnected) => Ok(Said::End),
        }
    }

    /// Waits until it has said that so many records were acknowledged, no more and no less.
    pub(super) fn written(&mut self, count: usize) -> Outcome {
        let mut written = 0;
        while written < count {
            match self.hear()? {
                Said::Written(so_far) => written = so_far,
                other => {
                    return Err(self.client.failure(&format!("wrote {written} of {count}, then {other}")));
                }
            }
        }
        super::same("records acknowledged", written, count)
    }

    /// Waits for so many records.
    pub(super) fn records(&mut self, count: usize) -> Outcome<Vec<(i64, Record)>> {
        let mut records = Vec::new();
        while records.len() < count {
            match self.hear()? {
                Said::Record(offset, record) => records.push((offset, record)),
                other => {
                    let read = records.len();
                    return Err(self.client.failure(&format!("read {read} of {count}, then {other}")));
                }
            }
        }
        Ok(records)
    }

    /// Waits until it ends well, with nothing more to say.
    pub(super) fn end(mut self) -> Outcome {
        self.client.end()?;
        match self.hear()? {
            Said::End => Ok(()),
            other => Err(self.client.failure(&format!("went on with {other}"))),
        }
    }
}
