//! A program, most often a tool of Kafka, that goes on until it is told otherwise, and what it has said so far.

use super::client::{PATIENCE, mortal};
use super::programs::kafka_tool;
use crate::brokers::signal;
use crate::outcome::{Failure, Outcome};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A program that runs; it is killed when dropped, and dies with the thread that started it.
pub(super) struct Listening {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Every line it has said and that was waited for.
    pub(super) said: Vec<String>,
    complaints: PathBuf,
}

impl Listening {
    /// Starts a tool; what it complains of goes to a file of its own in a folder.
    pub(super) fn start(class: &str, words: &[&str], folder: &Path) -> Outcome<Self> {
        Self::to(class, &kafka_tool(class, words), folder)
    }

    /// Starts a program of any other kind under a name.
    pub(super) fn to(name: &str, program: &Command, folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let of_name = |number: &usize| folder.join(format!("{name}-{number}.log"));
        let complaints =
            (0..).map(|number| of_name(&number)).find(|path| !path.exists()).ok_or("no name is left")?;
        let mut child = mortal(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&complaints)?)
            .spawn()?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return; // nobody listens any more
                }
            }
        });
        let input = child.stdin.take();
        Ok(Self { name: name.to_owned(), child, input, lines, said: Vec::new(), complaints })
    }

    /// Tells it something.
    pub(super) fn say(&mut self, text: &str) -> Outcome {
        let input = self.input.as_mut().ok_or("it was told that there is no more")?;
        input.write_all(text.as_bytes())?;
        Ok(input.flush()?)
    }

    /// Takes in what it has said by now, and waits a moment for more if that is nothing.
    pub(super) fn listen(&mut self) -> Outcome {
        let mut patience = Duration::from_millis(100);
        loop {
            match self.lines.recv_timeout(patience) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) if patience.is_zero() => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(self.failure("has ended")),
            }
            patience = Duration::ZERO;
        }
    }

    /// Waits until what it has said is what is waited for.
    pub(super) fn until(&mut self, what: &str, mut enough: impl FnMut(&[String]) -> bool) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while !enough(&self.said) {
            if Instant::now() > deadline {
                return Err(self.failure(&format!("has not told {what}")));
            }
            self.listen().map_err(|failure| format!("before {what}: {failure}"))?;
        }
        Ok(())
    }

    /// Tells it that there is no more, and waits until it ends well; all that it said.
    pub(super) fn end(mut self) -> Outcome<Vec<String>> {
        self.input = None;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                return Err(self.failure("does not end"));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.said.extend(self.lines.iter());
        if status.success() {
            return Ok(std::mem::take(&mut self.said));
        }
        Err(self.failure(&format!("ended with {status}")))
    }

    /// Asks it to stop, as `kill` does, and waits until it has.
    pub(super) fn leave(&mut self) -> Outcome {
        signal("TERM", self.child.id())?;
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                return Err(self.failure("does not stop when asked to"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Kills it, as a crash would.
    pub(super) fn kill(&mut self) -> Outcome {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What went wrong, with the end of what it said and of its complaints.
    pub(super) fn failure(&self, what: &str) -> Failure {
        let complaints = fs::read_to_string(&self.complaints).unwrap_or_default();
        let complaints: Vec<&str> = complaints.lines().collect();
        let end = |lines: &[&str]| lines[lines.len().saturating_sub(8)..].join("\n");
        let said: Vec<&str> = self.said.iter().map(String::as_str).collect();
        format!("{} {what}; it said\n{}\nand complained\n{}", self.name, end(&said), end(&complaints)).into()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.kill(); // it may have ended long ago
    }
}
