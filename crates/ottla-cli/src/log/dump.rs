//! `ottla log dump`: what the files of a folder hold.

use std::io::{BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use ottla::protocol::explain;
use ottla::protocol::records::{Attributes, Batch, TimestampType};
use ottla::protocol::wire::DecodeLimits;
use ottla::storage::inspect::{Entry, FileKind, Place, entries, kind_of};
use serde_json::{Value, json};

use super::Located;
use crate::arguments::Dump;
use crate::failure::{Failure, Failures};
use crate::record::Text;
use crate::{moments, output};

/// Prints what the files hold.
pub(super) fn run(words: &Dump) -> Result<(), Failure> {
    let located = Located::at(&words.folder.path)?;
    located.warn_if_held();
    let files = match (&located.file, &located.place) {
        (Some(file), _) => vec![file.clone()],
        (None, place) => place.files(located.disk.as_ref()).map_err(|error| located.failed(error))?,
    };
    let mut printer = Printer {
        words,
        output: BufWriter::new(std::io::stdout()),
        file: String::new(),
        topic: None,
        partition: None,
        failures: Failures::default(),
    };
    let is_one = located.file.is_some() && !matches!(located.place, Place::Data);
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if matches!(kind_of(&name), FileKind::Aside | FileKind::Foreign) && !is_one {
            continue;
        }
        printer.begin(&located, &path)?;
        let told: Result<(), Ended> =
            entries(&located.disk, &path, &mut |entry| printer.entry(&entry).map_err(Ended));
        told.map_err(|ended| ended.0)?;
    }
    printer.output.flush().map_err(output::failed)?;
    printer.failures.end()
}

/// Why a file was not read to its end.
struct Ended(Failure);

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self(Failure::Input(error))
    }
}

struct Printer<'a> {
    words: &'a Dump,
    output: BufWriter<Stdout>,
    file: String,
    /// Topic and partition that the folder is named after.
    topic: Option<String>,
    partition: Option<i32>,
    failures: Failures,
}

impl Printer<'_> {
    fn begin(&mut self, located: &Located, path: &Path) -> Result<(), Failure> {
        self.file = located.shown(path);
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let named = folder.to_str().and_then(ottla::storage::files::parse_folder_name);
        (self.topic, self.partition) = match named {
            Some((topic, partition)) => (Some(topic.to_owned()), Some(partition)),
            None => (None, None),
        };
        if !self.words.folder.is_json() {
            writeln!(self.output, "{}", self.file).map_err(output::failed)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        if let Entry::Batch { position, batch } = entry {
            return self.batch(*position, batch);
        }
        if let Entry::Damaged { position, len, flaw } = entry {
            let what = format!("{}: bytes {position} to {}: {flaw}", self.file, position + len);
            self.failures.well(Err::<(), _>(what));
        }
        if let Entry::Unreadable(why) = entry {
            self.failures.well(Err::<(), _>(format!("{}: {why}", self.file)));
        }
        if self.words.folder.is_json() {
            return self.line(as_json(entry));
        }
        writeln!(self.output, "  {}", as_text(entry)).map_err(output::failed)
    }

    fn line(&mut self, mut line: Value) -> Result<(), Failure> {
        line["file"] = json!(self.file);
        writeln!(self.output, "{line}").map_err(output::failed)
    }

    fn batch(&mut self, position: u64, batch: &Batch) -> Result<(), Failure> {
        if self.words.fields {
            let explained =
                explain::record_batches(batch.bytes(), self.topic.as_deref(), &DecodeLimits::DEFAULT);
            if self.words.folder.is_json() {
                let value =
                    serde_json::to_value(&explained).map_err(|error| Failure::Output(error.into()))?;
                return self.line(json!({"kind": "batch", "position": position, "explained": value}));
            }
            return writeln!(self.output, "  at byte {position}\n{explained}").map_err(output::failed);
        }
        if self.words.folder.is_json() {
            self.line(batch_json(position, batch))?;
        } else {
            writeln!(self.output, "  {}", batch_text(position, batch)).map_err(output::failed)?;
        }
        if self.words.batches {
            return Ok(());
        }
        self.records(position, batch)
    }

    fn records(&mut self, position: u64, batch: &Batch) -> Result<(), Failure> {
        let wrong =
            |error: &dyn std::fmt::Display, file: &str| format!("{file}: batch at byte {position}: {error}");
        let records = match batch.records(&DecodeLimits::DEFAULT) {
            Ok(records) => records,
            Err(error) => {
                self.failures.well(Err::<(), _>(wrong(&error, &self.file)));
                return Ok(());
            }
        };
        for record in &records {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.failures.well(Err::<(), _>(wrong(&error, &self.file)));
                    return Ok(());
                }
            };
            let headers: Vec<(&[u8], Option<&[u8]>)> =
                record.headers().filter_map(Result::ok).map(|header| (header.key, header.value)).collect();
            if self.words.folder.is_json() {
                let pairs: Vec<Option<Text<'_>>> = headers
                    .iter()
                    .flat_map(|(name, value)| [Some(Text::new(name)), value.map(Text::new)])
                    .collect();
                self.line(json!({
                    "kind": "record", "position": position, "topic": self.topic, "partition": self.partition,
                    "offset": record.offset, "ts": record.timestamp, "headers": pairs,
                    "key": record.key.map(Text::new), "payload": record.value.map(Text::new),
                }))?;
            } else {
                let mut line = format!("    {} {}", record.offset, moments::shown(record.timestamp));
                line += &format!(" {} = {}", shown(record.key), shown(record.value));
                for (name, value) in headers {
                    line += &format!(" [{}: {}]", name.escape_ascii(), shown(value));
                }
                writeln!(self.output, "{line}").map_err(output::failed)?;
            }
        }
        Ok(())
    }
}

/// Bytes as text in which nothing breaks a line, or the word for nothing.
fn shown(bytes: Option<&[u8]>) -> String {
    match bytes.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
        None => "null".to_owned(),
        Some((Ok(text), _)) => format!("{text:?}"),
        Some((Err(_), bytes)) => format!("\"{}\"", bytes.escape_ascii()),
    }
}

fn codec(attributes: Attributes) -> &'static str {
    attributes.compression().map_or("unknown codec", |codec| codec.name())
}

fn batch_text(position: u64, batch: &Batch) -> String {
    let header = batch.header();
    let mut line = format!(
        "batch at byte {position}: offsets {} to {}, {}, {}, {}, {} {}, leader epoch {}",
        header.base_offset,
        header.last_offset(),
        output::counted(i64::from(header.records_count), "record"),
        output::counted(header.size() as u64, "byte"),
        codec(header.attributes),
        match header.attributes.timestamp_type() {
            TimestampType::CreateTime => "created by",
            TimestampType::LogAppendTime => "appended at",
        },
        moments::shown(header.max_timestamp),
        header.partition_leader_epoch,
    );
    if header.has_producer_id() {
        let (id, epoch, sequence) = (header.producer_id, header.producer_epoch, header.base_sequence);
        line += &format!(", producer {id} epoch {epoch} sequence {sequence}");
    }
    for (is_so, word) in [
        (header.attributes.is_transactional(), "transactional"),
        (header.attributes.is_control(), "control"),
        (header.attributes.has_delete_horizon(), "with a delete horizon"),
    ] {
        if is_so {
            line += &format!(", {word}");
        }
    }
    line
}

fn batch_json(position: u64, batch: &Batch) -> Value {
    let header = batch.header();
    json!({
        "kind": "batch", "position": position, "size": header.size(), "crc": header.crc,
        "base_offset": header.base_offset, "last_offset": header.last_offset(), "records": header.records_count,
        "codec": codec(header.attributes), "base_timestamp": header.base_timestamp,
        "max_timestamp": header.max_timestamp,
        "is_append_time": header.attributes.timestamp_type() == TimestampType::LogAppendTime,
        "leader_epoch": header.partition_leader_epoch, "producer_id": header.producer_id,
        "producer_epoch": header.producer_epoch, "base_sequence": header.base_sequence,
        "is_transactional": header.attributes.is_transactional(), "is_control": header.attributes.is_control(),
        "has_delete_horizon": header.attributes.has_delete_horizon(),
    })
}

fn as_text(entry: &Entry) -> String {
    match entry {
        Entry::Damaged { position, len, flaw } => {
            format!("DAMAGED bytes {position} to {}: {flaw}", position + len)
        }
        Entry::Offset { offset, position } => format!("offset {offset} in the batch at byte {position}"),
        Entry::Time { timestamp, offset } => {
            format!("{} ({timestamp}) is the newest up to offset {offset}", moments::shown(*timestamp))
        }
        Entry::Aborted { producer_id, first_offset, last_offset, last_stable_offset } => format!(
            "aborted: producer {producer_id}, offsets {first_offset} to {last_offset}; last stable offset {last_stable_offset}"
        ),
        Entry::Producer {
            producer_id,
            epoch,
            batches,
            last_timestamp,
            coordinator_epoch,
            transaction_start,
        } => {
            let each = batches
                .iter()
                .map(|batch| format!("sequence {} at offset {}", batch.last_sequence, batch.last_offset));
            let each: Vec<String> = each.collect();
            let open = transaction_start.map(|start| format!(", transaction open since offset {start}"));
            format!(
                "producer {producer_id} epoch {epoch}: {}; last heard of {}, coordinator epoch {coordinator_epoch}{}",
                if each.is_empty() { "no batch".to_owned() } else { each.join(", ") },
                moments::shown(*last_timestamp),
                open.unwrap_or_default()
            )
        }
        Entry::Log { log, offset } => format!("{log} {offset}"),
        Entry::Epoch { epoch, start_offset } => format!("leader epoch {epoch} from offset {start_offset} on"),
        Entry::Property { name, value } => format!("{name} = {value}"),
        Entry::Unreadable(why) => format!("UNREADABLE: {why}"),
        other => format!("{other:?}"),
    }
}

fn as_json(entry: &Entry) -> Value {
    match entry {
        Entry::Damaged { position, len, flaw } => {
            json!({"kind": "damaged", "position": position, "size": len, "problem": flaw.to_string()})
        }
        Entry::Offset { offset, position } => {
            json!({"kind": "offset", "offset": offset, "position": position})
        }
        Entry::Time { timestamp, offset } => json!({"kind": "time", "ts": timestamp, "offset": offset}),
        Entry::Aborted { producer_id, first_offset, last_offset, last_stable_offset } => json!({
            "kind": "aborted", "producer_id": producer_id, "first_offset": first_offset,
            "last_offset": last_offset, "last_stable_offset": last_stable_offset,
        }),
        Entry::Producer {
            producer_id,
            epoch,
            batches,
            last_timestamp,
            coordinator_epoch,
            transaction_start,
        } => {
            let batch = |batch: &ottla::storage::inspect::ProducerBatch| {
                json!({
                    "last_sequence": batch.last_sequence, "last_offset": batch.last_offset,
                    "offset_delta": batch.offset_delta, "ts": batch.timestamp,
                })
            };
            json!({
                "kind": "producer", "producer_id": producer_id, "producer_epoch": epoch,
                "batches": batches.iter().map(batch).collect::<Vec<_>>(), "last_ts": last_timestamp,
                "coordinator_epoch": coordinator_epoch, "transaction_start": transaction_start,
            })
        }
        Entry::Log { log, offset } => json!({"kind": "log", "log": log, "offset": offset}),
        Entry::Epoch { epoch, start_offset } => {
            json!({"kind": "epoch", "epoch": epoch, "start_offset": start_offset})
        }
        Entry::Property { name, value } => json!({"kind": "property", "name": name, "value": value}),
        Entry::Unreadable(why) => json!({"kind": "unreadable", "problem": why}),
        other => json!({"kind": "other", "entry": format!("{other:?}")}),
    }
}
