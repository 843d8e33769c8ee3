//! `ottla explain`: bytes of Kafka's protocol and log, field by field.
//!
//! What the fields are is known to `ottla_protocol::explain`; here bytes are read, recognised and taken out of what
//! they came in. No more is held in memory than a frame or a batch, whatever the size of a capture or a segment.

mod capture;
mod hex;
mod printer;
mod reassembly;
mod recognise;
mod source;
mod streams;
mod tcp;

use std::path::Path;

use bytes::Bytes;
use ottla::protocol::explain::{self, Explained};
use ottla::protocol::wire::DecodeLimits;

use crate::arguments::{Explain, Kind};
use crate::failure::Failure;
use crate::output::counted;
use capture::Capture;
pub(crate) use capture::Problem as CaptureProblem;
pub(crate) use hex::Problem as HexProblem;
use printer::Printer;
use recognise::Piece;
use source::Source;
use streams::Streams;

/// How much of what a peer or a file says is believed.
const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;

/// The largest frame or batch that is read.
const FRAME_BYTES_MAX: usize = 100 << 20;

/// Explains what the words name.
pub(crate) fn run(words: &Explain) -> Result<(), Failure> {
    let mut printer = Printer::new(words.json, words.docs);
    let files: Vec<_> = words.input.chunks(1).collect();
    if files.len() > 1 && words.input.iter().all(|name| Path::new(name).exists()) {
        for file in files {
            printer.begin(&file[0])?;
            // What is wrong with one of several is told, and the others are explained all the same.
            match Source::open(file).and_then(|source| source_explained(source, words, &mut printer)) {
                Err(failure @ (Failure::NobodyReads | Failure::Output(_))) => return Err(failure),
                Err(failure) => printer.wrong(&format!("{}: {failure}", file[0])),
                Ok(()) => {}
            }
        }
    } else {
        source_explained(Source::open(&words.input)?, words, &mut printer)?;
    }
    printer.end()
}

fn source_explained(mut source: Source, words: &Explain, printer: &mut Printer) -> Result<(), Failure> {
    if let Some(name) = &words.structure {
        let bytes = source.undump()?.into_bytes(FRAME_BYTES_MAX)?;
        let known = explain::structure(name, &bytes, &LIMITS);
        return printer.explained(None, &known.ok_or_else(|| Failure::NoStructure(name.clone()))?);
    }
    if words.kind != Kind::Capture && !capture::is_one(source.look(4)?) {
        source = source.undump()?;
    }
    match recognise::kind(&mut source, words.kind)? {
        Kind::Capture => captured(source, words, printer),
        Kind::Batches => batches(source, words, printer),
        Kind::Frames => frames(source, words, printer),
        Kind::Frame | Kind::Auto => {
            // The size before it is no part of a frame.
            let frame = source.into_bytes(FRAME_BYTES_MAX + 4)?;
            if frame.is_empty() {
                return Err(Failure::NothingToExplain);
            }
            printer.explained(None, &frame_explained(&frame, words))
        }
    }
}

fn frame_explained(frame: &Bytes, words: &Explain) -> Explained {
    match words.api.zip(words.api_version) {
        Some((api, version)) => explain::response(frame, api, version, &LIMITS),
        None => {
            let mut explained = explain::request(frame, &LIMITS);
            let is_request = explained.get("request").is_ok();
            if let Some(trouble) = explained.trouble.as_mut().filter(|_| !is_request) {
                trouble.what.push_str(" (if this is an answer, say to what with --api and --api-version)");
            }
            explained
        }
    }
}

fn frames(source: Source, words: &Explain, printer: &mut Printer) -> Result<(), Failure> {
    for piece in recognise::frames(source) {
        match piece? {
            Piece::Whole { at, bytes } => printer.explained(Some(at), &frame_explained(&bytes, words))?,
            Piece::Broken { at, what } => printer.broken(at, &what)?,
        }
    }
    Ok(())
}

fn batches(source: Source, words: &Explain, printer: &mut Printer) -> Result<(), Failure> {
    let topic = words.topic.clone().or_else(|| source.topic());
    for piece in recognise::batches(source) {
        match piece? {
            Piece::Whole { at, bytes } => {
                printer.explained(Some(at), &explain::record_batches(&bytes, topic.as_deref(), &LIMITS))?;
            }
            Piece::Broken { at, what } => printer.broken(at, &what)?,
        }
    }
    Ok(())
}

fn captured(source: Source, words: &Explain, printer: &mut Printer) -> Result<(), Failure> {
    let mut streams = Streams::new(words.port.clone());
    let mut capture = Capture::open(source)?;
    let mut cut_packets = 0_u64;
    let ended = loop {
        let packet = match capture.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break Ok(()),
            Err(problem) => break Err(problem),
        };
        cut_packets += u64::from(packet.is_cut);
        let Some(segment) = tcp::segment(packet.link, packet.data) else { continue };
        for told in streams.take(&segment) {
            printer.told(&told, Some(packet.micros))?;
        }
    };
    for told in streams.end() {
        printer.told(&told, None)?;
    }
    if cut_packets > 0 {
        printer.wrong(&format!(
            "{} in the capture in part only (tcpdump -s 0 keeps them whole)",
            counted(cut_packets, "packet")
        ));
    }
    let others = streams.others();
    if others > 0 {
        eprintln!(
            "ottla: {} without Kafka that can be read: another protocol, TLS, or the beginning is missing",
            counted(others, "connection")
        );
    }
    ended
}
