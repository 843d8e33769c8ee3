//! The layout of each file, told a second time: apart from the code that writes it, and held against what that wrote.

use ottla_protocol::records::crc32c;

use crate::draw::Drawing;

/// A file of batches.
pub(crate) fn log(bytes: &[u8]) -> String {
    let mut draw = Drawing::new(bytes);
    while draw.has_more() {
        batch(&mut draw);
    }
    draw.whole()
}

fn batch(draw: &mut Drawing<'_>) {
    let start = draw.at();
    let base_offset = i64::from_be_bytes(draw.between(start, start + 8).try_into().unwrap());
    draw.title(format!("batch at {start}, from offset {base_offset} on"));
    draw.number(8, "base_offset", "of the first record");
    let len = draw.number(4, "batch_length", "bytes behind this field");
    let end = draw.at() + usize::try_from(len).unwrap();
    draw.number(4, "leader_epoch", "");
    draw.number(1, "magic", "version of the format");
    let crc = draw.field(4, "crc", "CRC-32C of all behind it");
    assert_eq!(crc, crc32c(draw.between(draw.at(), end)).to_be_bytes());
    let attributes = {
        let says = "bits 0-2 codec, 3 time of append, 4 transactional, 5 control, 6 delete horizon";
        draw.number(2, "attributes", says)
    };
    assert_eq!(attributes & 7, 0, "the sample is not compressed");
    draw.number(4, "last_offset_delta", "");
    draw.number(8, "base_timestamp", "Unix milliseconds");
    draw.number(8, "max_timestamp", "");
    draw.number(8, "producer_id", "-1: of no producer that numbers its batches");
    draw.number(2, "producer_epoch", "");
    draw.number(4, "base_sequence", "");
    let count = draw.number(4, "records_count", "");
    assert_eq!(draw.at(), start + 61);
    for _ in 0..count {
        record(draw, attributes & 0x20 != 0);
    }
    assert_eq!(draw.at(), end);
}

fn record(draw: &mut Drawing<'_>, is_control: bool) {
    draw.title(if is_control { "  control record" } else { "  record" });
    let len = draw.varint("length", "bytes behind this field");
    let end = draw.at() + usize::try_from(len).unwrap();
    draw.number(1, "attributes", "always 0");
    draw.varint("timestamp_delta", "");
    draw.varint("offset_delta", "");
    if is_control {
        draw.varint("key_length", "");
        draw.number(2, "key: version", "");
        draw.number(2, "key: type", "0: the transaction was aborted; 1: committed");
        draw.varint("value_length", "");
        draw.number(2, "value: version", "");
        draw.number(4, "value: epoch", "of the coordinator that ended it");
    } else {
        draw.sized("key");
        draw.sized("value");
    }
    let count = draw.varint("headers_count", "");
    for _ in 0..count {
        draw.sized("header_key");
        draw.sized("header_value");
    }
    assert_eq!(draw.at(), end);
}

/// The index of offsets.
pub(crate) fn index(bytes: &[u8]) -> String {
    let mut draw = Drawing::new(bytes);
    while draw.has_more() {
        draw.number(4, "relative_offset", "of the last record of a batch, from the base offset");
        draw.number(4, "position", "of this batch in the `.log`");
    }
    draw.whole()
}

/// The index of timestamps.
pub(crate) fn time_index(bytes: &[u8]) -> String {
    let mut draw = Drawing::new(bytes);
    while draw.has_more() {
        draw.number(8, "timestamp", "no batch up to there is newer");
        draw.number(4, "relative_offset", "of the last record of the first batch that has it");
    }
    draw.whole()
}

/// The index of aborted transactions.
pub(crate) fn txn_index(bytes: &[u8]) -> String {
    let mut draw = Drawing::new(bytes);
    while draw.has_more() {
        draw.number(2, "version", "");
        draw.number(8, "producer_id", "");
        draw.number(8, "first_offset", "of its records in this log");
        draw.number(8, "last_offset", "that of the marker");
        draw.number(8, "last_stable_offset", "below it nothing was open any more");
    }
    draw.whole()
}

/// The last batch of each producer.
pub(crate) fn snapshot(bytes: &[u8]) -> String {
    let mut draw = Drawing::new(bytes);
    draw.number(2, "version", "");
    let crc = draw.field(4, "crc", "CRC-32C of all behind it");
    assert_eq!(crc, crc32c(&bytes[6..]).to_be_bytes());
    let count = draw.number(4, "producers_count", "");
    for _ in 0..count {
        draw.title("  producer");
        draw.number(8, "producer_id", "");
        draw.number(2, "epoch", "");
        draw.number(4, "last_sequence", "-1: no batch");
        draw.number(8, "last_offset", "-1: no batch");
        draw.number(4, "offset_delta", "from its first record to its last");
        draw.number(8, "timestamp", "");
        draw.number(4, "coordinator_epoch", "-1: no transaction has ended");
        draw.number(8, "transaction_start", "-1: none is open");
    }
    draw.whole()
}

/// The batches before those.
pub(crate) fn producers(bytes: &[u8], snapshot: &[u8], log: &str) -> String {
    let mut draw = Drawing::new(bytes);
    assert_eq!(draw.field(4, "magic", "OTPR"), b"OTPR");
    draw.number(2, "version", "");
    let crc = draw.field(4, "crc", "CRC-32C of all behind it");
    assert_eq!(crc, crc32c(&bytes[10..]).to_be_bytes());
    let of = draw.field(4, "log", "CRC-32C of directory.id, a space and the folder of the log");
    assert_eq!(of, crc32c(log.as_bytes()).to_be_bytes());
    let of = draw.field(4, "snapshot", "the crc in the `.snapshot` of the same offset");
    assert_eq!(of, &snapshot[2..6]);
    draw.title("  the segment that ends here, or goes on");
    draw.number(8, "base_offset", "-1: nothing is known of it");
    draw.number(4, "aborted", "entries of its `.txnindex` so far");
    draw.field(4, "aborted_crc", "CRC-32C of these");
    draw.number(8, "open_from", "where the oldest open transaction began; -1: none");
    let count = draw.number(4, "producers_count", "those with more than one batch");
    for _ in 0..count {
        draw.title("  producer");
        draw.number(8, "producer_id", "");
        draw.number(2, "epoch", "");
        let batches = draw.number(1, "batches_count", "up to 4, the oldest first");
        for _ in 0..batches {
            draw.number(4, "last_sequence", "");
            draw.number(8, "last_offset", "");
            draw.number(4, "offset_delta", "");
            draw.number(8, "timestamp", "");
        }
    }
    draw.whole()
}

/// What the last sync of each log covered: the sectors of two logs, without the zeros behind them.
pub(crate) fn synced_offsets(bytes: &[u8], directory_id: &str) -> String {
    let mut drawing = String::new();
    for (number, sector) in bytes.chunks(512).enumerate() {
        let len = 18 + usize::from(u16::from_be_bytes([sector[16], sector[17]]));
        assert!(sector[len..].iter().all(|byte| *byte == 0));
        let mut draw = Drawing::new(&sector[..len]);
        draw.title(format!("sector at {}", number * 512));
        assert_eq!(draw.field(4, "magic", "OTSY"), b"OTSY");
        let crc = draw.field(4, "crc", "CRC-32C of directory.id and all behind it");
        assert_eq!(crc, crc32c(&[directory_id.as_bytes(), &sector[8..len]].concat()).to_be_bytes());
        draw.number(8, "offset", "a sync has covered everything below");
        let name = draw.number(2, "name_length", "");
        draw.field(usize::try_from(name).unwrap(), "name", "of the log's folder, as text");
        drawing.push_str(&draw.whole());
        drawing.push('\n');
    }
    drawing.trim_end().to_owned() + "\n"
}
