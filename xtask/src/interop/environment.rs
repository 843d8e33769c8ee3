//! What the client programs need, installed under `target/interop/env`, and how each is started.
//!
//! Everything is pinned by the files in `xtask/interop/clients` and kept from run to run: an installation is
//! repeated when one of the files that it came from has changed.

use super::programs::{Programs, start};
use crate::brokers::kafka_script;
use crate::journal::{cargo, is_installed};
use crate::outcome::Outcome;
use crate::workspace;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program that speaks for a family.
#[derive(Clone, Copy)]
pub(super) enum Program {
    /// A file of `clients/python`.
    Python(&'static str),
    /// A command of `clients/go`.
    Go(&'static str),
    /// `clients/kafkajs`.
    Node,
    /// `clients/java`.
    Java,
    /// `clients/rskafka`.
    Rskafka,
    /// The example `interop` of this workspace, with our own clients.
    Ours,
}

/// Where everything is.
pub(super) struct Environment {
    clients: PathBuf,
    installed: PathBuf,
    kafka_jars: String,
    programs: Programs,
}

/// One thing to install: its folder among the clients, the files of it that count, and how.
struct Installation {
    name: &'static str,
    needs: &'static [(&'static str, &'static str)],
    sources: &'static [&'static str],
    install: fn(&Environment, &Path) -> Outcome,
}

const INSTALLATIONS: &[Installation] = &[
    Installation {
        name: "python",
        needs: &[("python3", "--version")],
        sources: &["requirements.txt"],
        install: python,
    },
    Installation {
        name: "kafkajs",
        needs: &[("node", "--version"), ("npm", "--version")],
        sources: &["package.json", "package-lock.json"],
        install: kafkajs,
    },
    Installation {
        name: "go",
        needs: &[("go", "version")],
        sources: &[
            "go.mod",
            "go.sum",
            "contract/contract.go",
            "franz/main.go",
            "franz/transform.go",
            "sarama/main.go",
            "sarama/transform.go",
        ],
        install: go,
    },
    Installation {
        name: "rskafka",
        needs: &[],
        sources: &["Cargo.toml", "Cargo.lock", "src/main.rs"],
        install: rskafka,
    },
    Installation {
        name: "java",
        needs: &[("javac", "--version")],
        sources: &["Client.java", "Transform.java", "Count.java"],
        install: java,
    },
];

impl Environment {
    /// Installs what is missing or stale, all side by side.
    pub(super) fn install(programs: &Programs) -> Outcome<Self> {
        let root = workspace::root();
        let mut script = Command::new(kafka_script());
        let environment = Self {
            clients: root.join("xtask/interop/clients"),
            installed: root.join("target/interop/env"),
            kafka_jars: start(script.arg("classpath"), "")?.well()?.trim().to_owned(),
            programs: programs.clone(),
        };
        fs::create_dir_all(&environment.installed)?;
        let ends = std::thread::scope(|scope| {
            let environment = &environment;
            let started: Vec<_> = INSTALLATIONS
                .iter()
                .map(|one| scope.spawn(move || environment.bring(one).map_err(|failure| failure.to_string())))
                .collect();
            let lost = || Err("a thread that installs has died".to_owned());
            started.into_iter().map(|one| one.join().unwrap_or_else(|_| lost())).collect::<Vec<_>>()
        });
        let failures: Vec<String> = ends.into_iter().filter_map(Result::err).collect();
        if failures.is_empty() { Ok(environment) } else { Err(failures.join("\n").into()) }
    }

    /// Brings one thing up to date; a stamp beside it holds the files it came from.
    fn bring(&self, one: &Installation) -> Outcome {
        for (program, probe) in one.needs {
            if !is_installed(program, &[probe]) {
                return Err(format!("{program} is not installed").into());
            }
        }
        let source = self.clients.join(one.name);
        let mut came_from = String::new();
        for file in one.sources {
            came_from.push_str(&fs::read_to_string(source.join(file))?);
        }
        let stamp = self.installed.join(format!("{}.stamp", one.name));
        if fs::read_to_string(&stamp).is_ok_and(|found| found == came_from) {
            return Ok(());
        }
        println!("installing the {} clients ...", one.name);
        (one.install)(self, &source).map_err(|failure| format!("installing {}: {failure}", one.name))?;
        fs::write(stamp, came_from)?;
        Ok(())
    }

    /// Which version of its library a program has.
    pub(super) fn version(&self, program: Program) -> Outcome<String> {
        let said: Value = serde_json::from_str(&start(self.command(program).arg("about"), "")?.well()?)?;
        let version = said["version"].as_str().ok_or_else(|| format!("{said} tells no version"))?;
        Ok(version.trim_start_matches('v').to_owned())
    }

    /// A command that starts a program.
    pub(super) fn command(&self, program: Program) -> Command {
        match program {
            Program::Python(name) => {
                let mut command = Command::new(self.installed.join("python/bin/python"));
                // It would write compiled files beside the sources.
                command.arg("-B").arg(self.clients.join("python").join(format!("{name}.py")));
                command.env("OTTLA", &self.programs.ottla);
                command
            }
            Program::Go(name) => Command::new(self.installed.join("go").join(name)),
            Program::Node => {
                let mut command = Command::new("node");
                command.arg(self.clients.join("kafkajs/main.js"));
                command.env("NODE_PATH", self.installed.join("kafkajs/node_modules"));
                command
            }
            Program::Java => {
                let mut command = Command::new("java");
                command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"]);
                command.arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn").arg("-cp");
                command.arg(format!("{}:{}", self.installed.join("java").display(), self.kafka_jars));
                command.arg("Client");
                command
            }
            Program::Rskafka => Command::new(self.installed.join("rskafka/release/ottla-interop-rskafka")),
            Program::Ours => Command::new(&self.programs.client),
        }
    }
}

/// Runs a step of an installation to its end.
fn step(command: &mut Command) -> Outcome {
    start(command, "")?.well_within(INSTALLING).map(|_| ())
}

/// How long one step of an installation may take.
const INSTALLING: std::time::Duration = std::time::Duration::from_secs(600);

fn python(environment: &Environment, source: &Path) -> Outcome {
    let venv = environment.installed.join("python");
    step(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
    step(pip.arg("--requirement").arg(source.join("requirements.txt")))
}

fn kafkajs(environment: &Environment, source: &Path) -> Outcome {
    let folder = environment.installed.join("kafkajs");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), folder.join(file))?;
    }
    step(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))
}

fn go(environment: &Environment, source: &Path) -> Outcome {
    let folder = environment.installed.join("go");
    fs::create_dir_all(&folder)?;
    let mut build = Command::new("go");
    build.args(["build", "-mod=readonly", "-o"]).arg(&folder).args(["./franz", "./sarama"]);
    step(build.current_dir(source))
}

fn rskafka(environment: &Environment, source: &Path) -> Outcome {
    let mut build = cargo(&["build", "--release", "--locked", "--quiet", "--target-dir"]);
    build.arg(environment.installed.join("rskafka"));
    step(build.arg("--manifest-path").arg(source.join("Cargo.toml")).current_dir(workspace::root()))
}

fn java(environment: &Environment, source: &Path) -> Outcome {
    let mut compile = Command::new("javac");
    compile.arg("-d").arg(environment.installed.join("java")).args(["-cp", &environment.kafka_jars]);
    step(compile.args(["Client.java", "Transform.java", "Count.java"].map(|file| source.join(file))))
}
