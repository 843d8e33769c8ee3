//! `ottla explain`: bytes that Kafka wrote, in every form in which they come to hand.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use etherparse::PacketBuilder;

use crate::support::{Broker, run, said};

/// Hexadecimal digits that Kafka's own classes wrote: the first example of a file. The files are copies of the codec's.
fn golden(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let lines = text.lines().skip_while(|line| line.starts_with('#'));
    lines.take_while(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let digits: String = digits.lines().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Runs it with any bytes on its standard input.
fn explain(words: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
    command.arg("explain").args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn well(words: &[&str], input: &[u8]) -> String {
    let output = explain(words, input);
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap()
}

/// A capture of one connection, whose sides say these things by turns.
fn capture(said: &[(bool, &[u8])]) -> Vec<u8> {
    let mut capture = bytes_of("d4c3b2a1020004000000000000000000ffff000001000000");
    let mut next = [1_000_u32, 9_000];
    let mut packet = |is_client: bool, data: &[u8], begins: bool| {
        let (from, to) = if is_client { (40_000, 9_092) } else { (9_092, 40_000) };
        let sequence = &mut next[usize::from(!is_client)];
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 1], 64)
            .tcp(from, to, *sequence, 65_535);
        let builder = match (begins, is_client) {
            (true, true) => builder.syn(),
            (true, false) => builder.syn().ack(1),
            _ => builder.ack(1),
        };
        let mut packet = Vec::new();
        builder.write(&mut packet, data).unwrap();
        *sequence += u32::try_from(data.len()).unwrap() + u32::from(begins);
        let length = u32::try_from(packet.len()).unwrap();
        for number in [1_763_800_000, 250_000, length, length] {
            capture.extend_from_slice(&number.to_le_bytes());
        }
        capture.extend_from_slice(&packet);
    };
    packet(true, &[], true);
    packet(false, &[], true);
    for (is_client, bytes) in said {
        for piece in bytes.chunks(100) {
            packet(*is_client, piece, false);
        }
    }
    capture
}

#[test]
fn a_request_is_explained_from_words_a_file_and_standard_input() {
    let digits = golden("metadata-request-v13.hex");
    let expected = well(&[], digits.as_bytes());
    assert!(
        expected.contains("MetadataRequest v13") && expected.contains("clientId: \"golden\""),
        "{expected}"
    );
    assert_eq!(well(&[], &bytes_of(&digits)), expected);
    assert_eq!(well(&["-"], digits.as_bytes()), expected);
    let words: Vec<&str> = digits.lines().collect();
    assert_eq!(well(&words, b""), expected);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("request");
    std::fs::write(&file, bytes_of(&digits)).unwrap();
    assert_eq!(well(&[file.to_str().unwrap()], b""), expected);
    // The size before it is no part of the frame.
    assert!(well(&["--as", "frame"], &bytes_of(&digits)[4..]).contains("MetadataRequest v13"));
    assert!(well(&["--docs"], &bytes_of(&digits)).contains("Number that the answer repeats."));
}

#[test]
fn an_answer_is_explained_once_it_is_said_what_it_answers() {
    let answer = bytes_of(&golden("metadata-response-v13.hex"));
    let words = ["--api", "metadata", "--api-version", "13", "--json"];
    let line = json(&well(&words, &answer));
    assert_eq!(line["title"], "MetadataResponse v13");
    assert!(line["response"]["brokers"][0]["host"].is_string(), "{line}");
    let alone = explain(&[], &answer);
    assert_eq!(alone.status.code(), Some(1));
    assert!(said(&alone).contains("--api-version"), "{}", said(&alone));
}

#[test]
fn every_request_and_answer_of_a_capture_is_explained() {
    let talk = [
        (true, "metadata-request-v13"),
        (true, "produce-request-v9"),
        (false, "metadata-response-v13"),
        (false, "produce-response-v9"),
        (true, "fetch-request-v12"),
        (false, "fetch-response-v12"),
    ];
    let frames: Vec<_> = talk
        .iter()
        .map(|(is_client, name)| (*is_client, bytes_of(&golden(&format!("{name}.hex")))))
        .collect();
    let said: Vec<_> = frames.iter().map(|(is_client, bytes)| (*is_client, bytes.as_slice())).collect();
    let lines = well(&["--json"], &capture(&said));
    let titles: Vec<_> = lines.lines().map(|line| json(line)["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        titles,
        [
            "MetadataRequest v13",
            "ProduceRequest v9",
            "MetadataResponse v13",
            "ProduceResponse v9",
            "FetchRequest v12",
            "FetchResponse v12",
        ]
    );
    let first = json(lines.lines().next().unwrap());
    assert_eq!(
        (&first["time"], &first["from"], &first["to"]),
        (&"2025-11-22T08:26:40.250Z".into(), &"10.0.0.1:40000".into(), &"10.0.0.1:9092".into())
    );
    let text = well(&[], &capture(&said));
    assert!(
        text.starts_with("2025-11-22T08:26:40.250Z  10.0.0.1:40000 > 10.0.0.1:9092\nMetadataRequest v13\n")
    );
}

#[test]
fn what_is_missing_from_a_capture_is_told_after_the_rest() {
    let request = bytes_of(&golden("metadata-request-v13.hex"));
    let mut cut = capture(&[(true, &request), (true, &request)]);
    cut.pop();
    let output = explain(&[], &cut);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("MetadataRequest v13"));
    assert!(said(&output).contains("ends within a packet"), "{}", said(&output));
    let other = explain(&[], &capture(&[(true, b"GET / HTTP/1.1\r\n\r\n")]));
    assert!(said(&other).contains("1 connection without Kafka"), "{}", said(&other));
}

#[test]
fn segments_of_a_broker_are_explained_batch_by_batch() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::in_folder(folder.path());
    let words = ["produce", "orders", "--key-separator", ":", "--header", "source=shell"];
    broker.well(&words, "o-17:paid\n");
    broker.well(&words, "o-18:sent\n");
    broker.well(&["consume", "orders", "--group", "billing", "--count", "2"], "");
    broker.until(&["group", "describe", "billing"], |text| text.contains("orders"));
    assert_eq!(broker.stop(), Some(0));
    let segments = |topic: &str| {
        let found = find(folder.path(), &|path| {
            let name = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            path.extension().is_some_and(|extension| extension == "log")
                && name.starts_with(topic)
                && path.metadata().unwrap().len() > 0
        });
        found.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let lines = well(&["--json", &segments("orders-")[0]], b"");
    let batches: Vec<_> = lines.lines().map(json).collect();
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[0]["position"], 0);
    assert!(batches[1]["position"].as_u64().unwrap() > 0);
    let record = &batches[1]["batches"][0]["records"][0];
    assert_eq!((&record["offset"], &record["key"]), (&1.into(), &"o-18".into()));
    // Several files are told apart, and one that is nothing does not keep the others from being explained.
    let file = &segments("orders-")[0];
    let odd = explain(&["--json", file, ".", file], b"");
    assert_eq!(odd.status.code(), Some(1));
    let from: Vec<_> =
        String::from_utf8(odd.stdout).unwrap().lines().map(|line| json(line)["file"].clone()).collect();
    assert_eq!(from, vec![serde_json::Value::from(file.as_str()); 4]);
    // What Kafka's internal topics hold is opened as well.
    let commits: String = segments("__consumer_offsets-").iter().map(|file| well(&[file], b"")).collect();
    assert!(commits.contains("group: \"billing\"") && commits.contains("topic: \"orders\""), "{commits}");
}

fn find(folder: &std::path::Path, wanted: &dyn Fn(&std::path::Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(find(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found
}

#[test]
fn batches_that_kafka_wrote_are_recognised() {
    for name in ["batch-none", "batch-log-append-time", "batch-transactional", "batch-legacy-v1-none"] {
        let digits = golden(&format!("{name}.hex"));
        let text = well(&[], &bytes_of(&digits));
        assert!(text.starts_with("at byte 0\nrecord batches\n"), "{name}: {text}");
    }
    let whole = bytes_of(&golden("batch-none.hex"));
    let torn = explain(&[], &[&whole[..], &whole[..20]].concat());
    assert_eq!(torn.status.code(), Some(1));
    let expected = format!("byte {}: the batch that begins here is cut off: 20 bytes", whole.len());
    assert!(said(&torn).contains(&expected), "{}", said(&torn));
}

#[test]
fn structures_inside_of_messages_are_explained_by_name() {
    let value = golden("group-metadata-value-v3.hex");
    let text = well(&["--structure", "GroupMetadataValue"], value.as_bytes());
    assert!(text.contains("protocolType: \"protocoltype0\""), "{text}");
    let unknown = explain(&["--structure", "Nothing"], value.as_bytes());
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn what_cannot_be_explained_is_told_with_its_place() {
    let wrong = |words: &[&str], input: &[u8], code: i32, part: &str| {
        let output = explain(words, input);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", said(&output));
        assert!(said(&output).contains(part), "{words:?}: {}", said(&output));
    };
    wrong(&["no-such-file"], b"", 2, "neither a file nor hexadecimal digits");
    wrong(&["."], b"", 1, "directory");
    wrong(&[], b"", 1, "no bytes came in");
    wrong(&[], b"hello\n", 1, "line 1: \"hello\"");
    wrong(&["--as", "capture"], b"abcdefghijklmnopqrstuvwxyz", 1, "neither as pcap nor as pcapng");
    wrong(&["--as", "batches"], &[0; 20], 1, "byte 0: no batch has a length of 0 bytes");
    let request = bytes_of(&golden("metadata-request-v13.hex"));
    wrong(&["--as", "frame"], &request[4..30], 1, "MetadataRequest v13: byte");
    wrong(&["--as", "frames"], &request[..30], 1, "cut off: 30 bytes of 101");
    assert_eq!(run(&["explain", "--api", "metadata"], "").status.code(), Some(2));
}
