//! The command as it is typed: a broker that serves and stops, and the commands that talk to it.
#![expect(clippy::unwrap_used, reason = "what the tests share fails as the tests do")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A broker as a child process, killed if a test fails before it stopped it.
struct Broker {
    child: Child,
    address: String,
}

impl Broker {
    fn serve(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(words).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("ottla listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { address: address.trim_end().to_owned(), child }
    }

    fn in_folder(folder: &Path) -> Self {
        Self::serve(&["--data", folder.to_str().unwrap()])
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    /// Runs a command against this broker, with lines on its standard input.
    fn run(&self, words: &[&str], input: &str) -> Output {
        run(&[words, &["--bootstrap", &self.address]].concat(), input)
    }

    /// Runs a command that has to end well, for what it prints.
    fn well(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(words: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that ends before it read everything is judged by how it ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn topics_are_created_listed_described_and_deleted() {
    let broker = Broker::serve(&["--memory"]);
    let created = ["topic", "create", "orders", "--partitions", "3", "--config", "max.message.bytes=5000"];
    assert!(broker.well(&created, "").starts_with("created orders with 3 partitions"));
    assert_eq!(broker.well(&["topic", "list"], ""), "orders\t3 partitions\n");
    let described = broker.well(&["topic", "describe", "orders"], "");
    assert!(
        described.contains("max.message.bytes=5000") && described.contains("partition 2\tleader 1"),
        "{described}"
    );
    let again = broker.run(&["topic", "create", "orders"], "");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("orders"));
    assert_eq!(broker.well(&["topic", "delete", "orders"], ""), "deleted orders\n");
    assert_eq!(broker.well(&["topic", "list"], ""), "");
    assert_eq!(broker.run(&["topic", "describe", "orders"], "").status.code(), Some(1));
}

#[test]
fn lines_go_in_and_come_out() {
    let broker = Broker::serve(&["--memory"]);
    let words = ["produce", "lines", "--key-separator", ":", "--null-value", "NULL", "--header", "from=test"];
    broker.well(&words, "a:1\nb:NULL\na:2:3\n");
    let words = ["consume", "lines", "--count", "3", "--format", "%t %p %o %k=%v %h"];
    assert_eq!(
        broker.well(&words, ""),
        "lines 0 0 a=1 from=test\nlines 0 1 b= from=test\nlines 0 2 a=2:3 from=test\n"
    );
    assert_eq!(broker.well(&["consume", "lines", "--from", "2", "--count", "1"], ""), "2:3\n");
    assert_eq!(broker.well(&["consume", "lines", "--from", "-1", "--count", "1"], ""), "2:3\n");
    let refused = broker.run(&words.map(|word| if word == "lines" { "not/a/topic" } else { word }), "");
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn what_is_not_there_is_neither_waited_for_nor_created() {
    let broker = Broker::serve(&["--memory"]);
    let output = broker.run(&["consume", "typo"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("UNKNOWN_TOPIC_OR_PARTITION"));
    assert_eq!(broker.well(&["topic", "list"], ""), "");
    broker.well(&["topic", "create", "one"], "");
    let output = broker.run(&["consume", "one", "--partition", "7"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no partition 7"));
}

#[test]
fn a_broker_that_is_asked_to_stop_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let first = Broker::in_folder(folder.path());
    first.well(&["produce", "kept"], "before\n");
    assert_eq!(first.stop(), Some(0));
    assert!(folder.path().join(".kafka_cleanshutdown").exists());

    let second = Broker::in_folder(folder.path());
    second.well(&["produce", "kept"], "after\n");
    assert_eq!(second.well(&["consume", "kept", "--count", "2"], ""), "before\nafter\n");
    second.signal("KILL");
    drop(second);

    let third = Broker::in_folder(folder.path());
    assert_eq!(third.well(&["consume", "kept", "--count", "2"], ""), "before\nafter\n");
    assert_eq!(third.stop(), Some(0));
}

#[test]
fn settings_are_taken_from_a_file_and_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    std::fs::write(&file, "num.partitions=5\nauto.create.topics.enable=false\n").unwrap();
    let broker =
        Broker::serve(&["--memory", "--config", file.to_str().unwrap(), "--set", "num.partitions=2"]);
    assert!(broker.well(&["topic", "create", "orders"], "").starts_with("created orders with 2 partitions"));
    assert_eq!(
        broker.run(&["produce", "unknown", "--set", "max.block.ms=1000"], "x\n").status.code(),
        Some(1)
    );
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let said = |words: &[&str], code: i32| {
        let output = run(words, "");
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["serve", "--set", "num.partition=1"], 1).contains("did you mean num.partitions?"));
    assert!(said(&["serve", "--memory", "--listen", "0.0.0.0:0"], 1).contains("--advertise"));
    assert!(said(&["serve", "--listen", "nonsense"], 2).contains("--listen"));
    assert!(said(&["consume"], 2).contains("TOPIC"));
}
