//! A broker to talk to, and commands that talk.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A broker as a child process, killed if a test fails before it stopped it.
pub(crate) struct Broker {
    child: Child,
    address: String,
}

impl Broker {
    pub(crate) fn serve(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(words).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("ottla listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { address: address.trim_end().to_owned(), child }
    }

    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::serve(&["--data", folder.to_str().unwrap()])
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    /// Runs a command against this broker, with lines on its standard input.
    pub(crate) fn run(&self, words: &[&str], input: &str) -> Output {
        run(&[words, &["--bootstrap", &self.address]].concat(), input)
    }

    /// Runs a command that has to end well, for what it prints.
    pub(crate) fn well(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Broker {
    /// Starts a command against this broker.
    pub(crate) fn spawn(&self, words: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.args(words).args(["--bootstrap", &self.address]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = child.stdout.take().map(BufReader::new);
        let told = BufReader::new(child.stderr.take().unwrap());
        Running { child, input, output, told }
    }

    /// Runs a command again and again until what it prints is as expected, for at most a minute.
    pub(crate) fn until(&self, words: &[&str], is_expected: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let output = self.run(words, "");
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            if is_expected(&printed) {
                return printed;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{words:?}: {printed}{}", said(&output));
        }
    }
}

/// A command that runs, killed at the end of the test.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    told: BufReader<ChildStderr>,
}

impl Running {
    /// Asks it to stop as ctrl-c does; it has to end well.
    pub(crate) fn interrupt(self) -> Output {
        self.stop("INT")
    }

    /// Asks it to stop by this signal; it has to end well. Gives what it printed and told since it was last asked.
    pub(crate) fn stop(mut self, signal: &str) -> Output {
        self.signal(signal);
        self.end()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends its input, and waits until it ends well.
    pub(crate) fn end(&mut self) -> Output {
        self.input = None;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        self.output.as_mut().unwrap().read_to_end(&mut stdout).unwrap();
        self.told.read_to_end(&mut stderr).unwrap();
        let status = self.child.wait().unwrap();
        let output = Output { status, stdout, stderr };
        assert!(status.success(), "{status}: {}", said(&output));
        output
    }

    /// Waits until it ends by itself; gives its exit code.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Reads nothing more that it prints.
    pub(crate) fn hang_up(&mut self) {
        self.output = None;
    }

    /// Tells it a line.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line that it prints; waits for it.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    /// The next line that it tells on standard error; waits for it.
    pub(crate) fn told(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command, with lines on its standard input.
pub(crate) fn run(words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that ends before it read everything is judged by how it ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a command said on standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
