//! What is explained, as it is printed: text, or an object of JSON a line.

use std::io::{BufWriter, Stdout, Write};

use ottla::protocol::explain::Explained;
use serde::Serialize;

use super::streams::Told;
use crate::failure::{Failure, Failures};
use crate::{moments, output};

/// Prints what is explained, and counts what could not be.
pub(super) struct Printer {
    json: bool,
    docs: bool,
    output: BufWriter<Stdout>,
    /// Which of several files is explained.
    file: Option<String>,
    failures: Failures,
}

/// A line of JSON: where the bytes come from, and what they are.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Place of the first byte in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(flatten)]
    explained: &'a Explained,
}

impl Printer {
    pub(super) fn new(json: bool, docs: bool) -> Self {
        Self {
            json,
            docs,
            output: BufWriter::new(std::io::stdout()),
            file: None,
            failures: Failures::default(),
        }
    }

    /// Goes on with one of several files.
    pub(super) fn begin(&mut self, file: &str) -> Result<(), Failure> {
        self.file = Some(file.to_owned());
        if !self.json {
            writeln!(self.output, "{file}").map_err(output::failed)?;
        }
        Ok(())
    }

    /// Prints one thing, which may be one of several in a file.
    pub(super) fn explained(&mut self, position: Option<u64>, explained: &Explained) -> Result<(), Failure> {
        if self.json {
            let file = self.file.clone();
            self.line(&Line {
                file: file.as_deref(),
                position,
                time: None,
                from: None,
                to: None,
                explained,
            })?;
        } else {
            if let Some(position) = position {
                writeln!(self.output, "at byte {position}").map_err(output::failed)?;
            }
            self.text(explained)?;
        }
        self.count("", explained);
        Ok(())
    }

    /// Prints what went by on a connection.
    pub(super) fn told(&mut self, told: &Told, micros: Option<i64>) -> Result<(), Failure> {
        match told {
            Told::Message { from, to, explained } => {
                let time = micros.map(|micros| moments::shown(micros.div_euclid(1_000)));
                if self.json {
                    let (from, to) = (Some(from.to_string()), Some(to.to_string()));
                    let file = self.file.clone();
                    self.line(&Line { file: file.as_deref(), position: None, time, from, to, explained })?;
                } else {
                    let time = time.unwrap_or_default();
                    writeln!(self.output, "{time}  {from} > {to}").map_err(output::failed)?;
                    self.text(explained)?;
                }
                self.count(&format!("{from} > {to}: "), explained);
            }
            Told::Gap { from, to, bytes } => {
                let missing = format!("{bytes} bytes are missing from the capture");
                self.wrong(&format!(
                    "{from} > {to}: {missing}; it goes on at the next frame that is seen to begin"
                ));
            }
            Told::Broken { from, to, what } => self.wrong(&format!("{from} > {to}: {what}")),
            Told::Unfinished { from, to, bytes } => {
                self.wrong(&format!("{from} > {to}: the capture ends after {bytes} bytes of a frame"));
            }
        }
        // Whoever captures as we print wants to see it now.
        self.output.flush().map_err(output::failed)
    }

    /// Tells why there are no more pieces.
    pub(super) fn broken(&mut self, at: u64, what: &str) -> Result<(), Failure> {
        self.output.flush().map_err(output::failed)?;
        self.wrong(&format!("byte {at}: {what}"));
        Ok(())
    }

    /// Tells what could not be explained.
    pub(super) fn wrong(&mut self, what: &str) {
        self.failures.well(Err::<(), _>(what));
    }

    fn line(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        // Not through `to_writer`: an error of the output would come out as one of JSON.
        let line = serde_json::to_string(line).map_err(|error| Failure::Output(error.into()))?;
        writeln!(self.output, "{line}").map_err(output::failed)
    }

    fn text(&mut self, explained: &Explained) -> Result<(), Failure> {
        let written = match self.docs {
            true => writeln!(self.output, "{explained:#}"),
            false => writeln!(self.output, "{explained}"),
        };
        written.map_err(output::failed)
    }

    fn count(&mut self, whose: &str, explained: &Explained) {
        let outcome = match &explained.trouble {
            None => Ok(()),
            Some(trouble) => {
                Err(format!("{whose}{}: byte {}: {}", explained.title, trouble.at, trouble.what))
            }
        };
        self.failures.well(outcome);
    }

    /// Prints what is left, and ends as well as everything was explained.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        self.output.flush().map_err(output::failed)?;
        self.failures.end()
    }
}
