// Generated from schema/ by `cargo xtask codegen`: change the schemas and run it again.
//! Structures of `ProducerSnapshot` out of random bytes.

use ottla_protocol::internal::producer_snapshot;

use crate::source::Source;

pub(crate) fn producer_snapshot(s: &mut Source<'_>, version: i16) -> producer_snapshot::ProducerSnapshot {
    let mut value = producer_snapshot::ProducerSnapshot::default();
    value.crc = s.uint32("crc");
    value.producer_entries = s.array(|s| producer_entry(s, version));
    value.unknown_tags = s.tags();
    value
}

fn producer_entry(s: &mut Source<'_>, _version: i16) -> producer_snapshot::ProducerEntry {
    let mut value = producer_snapshot::ProducerEntry::default();
    value.producer_id = s.int64("producer_id");
    value.epoch = s.int16("epoch");
    value.last_sequence = s.int32("last_sequence");
    value.last_offset = s.int64("last_offset");
    value.offset_delta = s.int32("offset_delta");
    value.timestamp = s.int64("timestamp");
    value.coordinator_epoch = s.int32("coordinator_epoch");
    value.current_txn_first_offset = s.int64("current_txn_first_offset");
    value.unknown_tags = s.tags();
    value
}
