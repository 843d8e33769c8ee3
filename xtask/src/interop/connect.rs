//! Kafka Connect in distributed mode, with its three internal topics: the lines of a file come to another file.

use super::cases_ecosystem::create;
use super::cases_tools::well;
use super::client::{PATIENCE, Stage};
use super::listening::Listening;
use super::programs::connect_worker;
use super::{holds, same};
use crate::brokers::free_port;
use crate::outcome::Outcome;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Topics that the worker makes for itself.
const INTERNAL: [&str; 3] = ["connect-configs", "connect-offsets", "connect-status"];

/// A worker, and how it is reached.
struct Worker<'a> {
    stage: &'a Stage<'a>,
    port: u16,
    folder: PathBuf,
    running: Listening,
}

impl<'a> Worker<'a> {
    fn start(stage: &'a Stage<'a>) -> Outcome<Self> {
        let folder = stage.folder.join("connect");
        fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let [configs, offsets, status] = INTERNAL;
        let settings = folder.join("worker.properties");
        let converter = "org.apache.kafka.connect.storage.StringConverter";
        fs::write(
            &settings,
            format!(
                "bootstrap.servers={}\ngroup.id=connect\nlisteners=http://127.0.0.1:{port}\n\
                 rest.advertised.host.name=127.0.0.1\nkey.converter={converter}\nvalue.converter={converter}\n\
                 config.storage.topic={configs}\noffset.storage.topic={offsets}\nstatus.storage.topic={status}\n\
                 config.storage.replication.factor=1\noffset.storage.replication.factor=1\n\
                 status.storage.replication.factor=1\noffset.storage.partitions=3\nstatus.storage.partitions=2\n\
                 offset.flush.interval.ms=500\nplugin.discovery=service_load\nsession.timeout.ms=10000\n\
                 exactly.once.source.support=enabled\nscheduled.rebalance.max.delay.ms=0\n",
                stage.bootstrap
            ),
        )?;
        let running = Listening::to("connect", &connect_worker(&settings), &stage.folder)?;
        let mut worker = Self { stage, port, folder, running };
        worker.until("that it serves", |worker| Ok(worker.ask("GET", "/connectors", None).is_ok()))?;
        Ok(worker)
    }

    /// Waits until something holds.
    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> Outcome<bool>) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self)? {
            if Instant::now() > deadline {
                return Err(self.running.failure(&format!("does not come to it {what}")));
            }
            self.running.listen()?;
        }
        Ok(())
    }

    /// Asks the worker over HTTP; an answer that is no success is an error.
    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Outcome<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n");
        stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            return Err(format!("{method} {path}: {status} {body}").into());
        }
        Ok(serde_json::from_str(body)?)
    }

    /// Configures a connector of files and waits until its task runs.
    fn connect(&mut self, name: &str, class: &str, settings: &[(&str, &str)]) -> Outcome {
        let mut config = json!({
            "connector.class": format!("org.apache.kafka.connect.file.{class}"), "tasks.max": "1",
        });
        for (key, value) in settings {
            config[key] = json!(value);
        }
        let path = format!("/connectors/{name}");
        self.ask("PUT", &format!("{path}/config"), Some(config))?;
        self.runs(name)
    }

    /// Waits until the task of a connector runs.
    fn runs(&mut self, name: &str) -> Outcome {
        let path = format!("/connectors/{name}/status");
        self.until(&format!("that the task of {name} runs"), |worker| {
            let status = worker.ask("GET", &path, None).unwrap_or_default();
            if status["tasks"][0]["state"] == "FAILED" {
                return Err(format!("{name}: {status}").into());
            }
            Ok(status["tasks"][0]["state"] == "RUNNING")
        })
    }

    /// Waits until the file that comes out has so many lines, and holds them against those that went in.
    fn comes_out(&mut self, lines: &[String]) -> Outcome {
        let path = self.folder.join("out.txt");
        let read = || fs::read_to_string(&path).unwrap_or_default();
        self.until(&format!("that {} lines come out", lines.len()), |_| {
            Ok(read().lines().count() >= lines.len())
        })?;
        let found: Vec<String> = read().lines().map(str::to_owned).collect();
        same("the lines that come out", found.as_slice(), lines)
    }

    /// Asks the worker to stop, as `kill` does.
    fn stop(mut self) -> Outcome {
        self.running.leave()
    }
}

/// Lines go on where they were after the worker was stopped and started.
pub(super) fn file_to_file(stage: &Stage) -> Outcome {
    create(stage, json!({"connected": 1}))?;
    let mut worker = Worker::start(stage)?;
    let (from, to) = (worker.folder.join("in.txt"), worker.folder.join("out.txt"));
    // The source counts characters where it should count bytes, and so goes on at the wrong place behind others.
    let lines: Vec<String> = (0..600).map(|number| format!("line {number} in plain characters")).collect();
    let add = |lines: &[String]| -> Outcome {
        let mut file = File::options().create(true).append(true).open(&from)?;
        Ok(file.write_all(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes())?)
    };
    add(&lines[..200])?;
    let (from_text, to_text) = (from.to_string_lossy(), to.to_string_lossy());
    let source = [("file", &*from_text), ("topic", "connected"), ("batch.size", "40")];
    worker.connect("source", "FileStreamSourceConnector", &source)?;
    worker.connect("sink", "FileStreamSinkConnector", &[("file", &*to_text), ("topics", "connected")])?;
    worker.comes_out(&lines[..200])?;
    worker.stop()?;
    add(&lines[200..400])?;
    let mut worker = Worker::start(stage)?;
    worker.runs("source")?;
    worker.comes_out(&lines[..400])?;
    add(&lines[400..])?;
    worker.comes_out(&lines)?;
    let offsets = worker.ask("GET", "/connectors/sink/offsets", None)?;
    holds("the offsets of the sink", &offsets.to_string(), "kafka_offset")?;
    let listed = well("TopicCommand", &["--bootstrap-server", &worker.stage.bootstrap, "--describe"], "")?;
    for topic in INTERNAL {
        let line = listed.lines().find(|line| line.starts_with(&format!("Topic: {topic}\t")));
        holds("an internal topic", line.unwrap_or_default(), "cleanup.policy=compact")?;
    }
    worker.stop()
}
