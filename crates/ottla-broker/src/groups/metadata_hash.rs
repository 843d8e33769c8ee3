//! What changes when a topic that a group reads does: a hash of its topics, as Kafka computes and keeps it.
//!
//! XXH3 with 64 bits, over numbers in little endian and text in UTF-16 with its length behind it. A topic is a byte 0, its
//! id, its name, the count of its partitions, and each of these with the racks of its replicas; a group is the hashes of its
//! topics, by their names. As it is in the records, a Kafka that goes on with them sees nothing new.

use ottla_protocol::wire::Str;
use twox_hash::XxHash3_64;

use super::share::TopicView;

/// The hash of the topics of a group, in the order of their names; 0 for none. All replicas are on one node, in one rack
/// or in none.
pub(super) fn metadata_hash<'a>(
    topics: impl Iterator<Item = (&'a Str, TopicView)>,
    rack: Option<&str>,
) -> i64 {
    let mut bytes = Vec::new();
    for (name, topic) in topics {
        bytes.extend(topic_hash(name, &topic, rack).to_le_bytes());
    }
    if bytes.is_empty() { 0 } else { XxHash3_64::oneshot(&bytes).cast_signed() }
}

fn topic_hash(name: &str, topic: &TopicView, rack: Option<&str>) -> u64 {
    let mut bytes = vec![0];
    // A half is a number of Java, which is turned round.
    let (first, second) = topic.id.0.split_at(8);
    bytes.extend(first.iter().rev());
    bytes.extend(second.iter().rev());
    put_text(&mut bytes, name);
    bytes.extend(topic.partitions.to_le_bytes());
    for partition in 0..topic.partitions {
        bytes.extend(partition.to_le_bytes());
        if let Some(rack) = rack {
            bytes.extend(length(rack).to_le_bytes());
            put_text(&mut bytes, rack);
        }
    }
    XxHash3_64::oneshot(&bytes)
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend(length(text).to_le_bytes());
}

fn length(text: &str) -> i32 {
    i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the log of a Kafka 4.3.1, with no rack and one topic.
    #[test]
    fn the_hash_of_topics_is_that_of_kafka() {
        let topic = TopicView { id: "hsiYIwTBRlOaTs-oF3I-Rw".parse().unwrap(), partitions: 3 };
        let name = Str::from("t");
        let hash = metadata_hash([(&name, topic)].into_iter(), None);
        assert_eq!(hash, -5_655_957_550_814_650_834);
        assert_eq!(metadata_hash(std::iter::empty(), None), 0);
    }

    /// Likewise, of one whose `broker.rack` is more than ASCII.
    #[test]
    fn the_rack_of_the_replicas_counts_as_in_kafka() {
        let topic = TopicView { id: "q3-5gGNtTPqfIWiUw1Meeg".parse().unwrap(), partitions: 4 };
        let name = Str::from("t");
        let hash = metadata_hash([(&name, topic)].into_iter(), Some("rack-\u{c3}\u{a9}"));
        assert_eq!(hash, -8_046_045_255_278_029_188);
    }
}
