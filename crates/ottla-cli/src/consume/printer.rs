//! Records on their way to standard output.

use std::io::{BufWriter, Stdout, Write};

use ottla::client::Offset;
use ottla::consumer::Batch;
use ottla::protocol::records::{Record, TimestampType};

use crate::arguments::Consume;
use crate::failure::Failure;
use crate::output;
use crate::record::{Content, Line};

/// Prints records, as many as are wanted.
pub(super) struct Printer<'a> {
    words: &'a Consume,
    output: BufWriter<Stdout>,
    /// How many are still wanted, if there is an end to it.
    left: Option<u64>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(words: &'a Consume) -> Self {
        Self { words, output: BufWriter::new(std::io::stdout()), left: words.count }
    }

    /// Whether all that were wanted are printed.
    pub(super) fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    /// Prints the records of a batch before `end`, as many as are still wanted. Gives the offset behind the last one,
    /// once whoever reads has them.
    pub(super) fn print(&mut self, batch: &Batch, end: i64) -> Result<Offset, Failure> {
        let mut next = batch.first_offset();
        let mut line = Vec::new();
        for record in batch {
            let record = record?;
            if self.is_done() || record.offset >= end {
                self.output.flush().map_err(output::failed)?;
                return Ok(next);
            }
            line.clear();
            self.line(&self.content(batch, &record)?, &mut line)?;
            self.output.write_all(&line).map_err(output::failed)?;
            self.left = self.left.map(|left| left - 1);
            next = Offset(record.offset + 1);
        }
        self.output.flush().map_err(output::failed)?;
        // What ends a batch may be no record: the end of a transaction, or one that was compacted away.
        Ok(batch.next_offset())
    }

    fn content<'r>(&self, batch: &'r Batch, record: &Record<'r>) -> Result<Content<'r>, Failure> {
        let mut content = Content {
            topic: batch.topic(),
            partition: batch.partition(),
            offset: record.offset,
            timestamp: record.timestamp,
            is_append_time: batch.timestamp_type() == TimestampType::LogAppendTime,
            key: record.key,
            value: record.value,
            headers: Vec::new(),
        };
        if self.words.json || self.words.format.shows_headers() {
            for header in record.headers() {
                let header = header.map_err(|source| Failure::Header { offset: record.offset, source })?;
                content.headers.push((header.key, header.value));
            }
        }
        Ok(content)
    }

    fn line(&self, content: &Content<'_>, line: &mut Vec<u8>) -> Result<(), Failure> {
        let words = self.words;
        if words.json {
            serde_json::to_writer(&mut *line, &Line::from(content))
                .map_err(|error| Failure::Output(error.into()))?;
            line.push(b'\n');
            return Ok(());
        }
        words.format.fill(content, words.null_value.as_bytes(), line);
        if !words.format.ends_in(words.delimiter.as_bytes()) {
            line.extend_from_slice(words.delimiter.as_bytes());
        }
        Ok(())
    }
}
