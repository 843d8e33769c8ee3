//! Differences that are meant, each with its reason.
//!
//! One that is not here fails the test. What is said of `ottla-broker` in its README under "Where it differs" is
//! here in the terms of single fields.

use super::compare::Difference;
use super::generate::Request;
use std::cmp::Ordering;
use std::fmt::{self, Display};

/// A difference that is meant.
pub(super) struct Meant {
    /// The API, or `*` for any.
    api: &'static str,
    /// Where in its answer.
    at: &'static str,
    /// What ottla and Kafka say there, or `*` for anything. For ottla also `less`: a smaller number than Kafka's, and `more`.
    ottla: &'static str,
    kafka: &'static str,
    /// What the request must hold besides, as it is shown; empty for any.
    given: &'static str,
    why: &'static str,
    /// Whether it may not come up, since it hangs on how long something takes.
    seldom: bool,
}

const fn meant(
    api: &'static str,
    at: &'static str,
    ottla: &'static str,
    kafka: &'static str,
    why: &'static str,
) -> Meant {
    Meant { api, at, ottla, kafka, given: "", why, seldom: false }
}

impl Meant {
    const fn given(mut self, given: &'static str) -> Self {
        self.given = given;
        self
    }

    const fn seldom(mut self) -> Self {
        self.seldom = true;
        self
    }

    pub(super) fn is_seldom(&self) -> bool {
        self.seldom
    }
}

/// What differs and why, in a line.
impl Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, at, ottla, kafka, given, why, .. } = self;
        let given = if given.is_empty() { String::new() } else { format!(" with {given:?}") };
        write!(f, "{api}{given} {at}: {ottla} here, {kafka} there; {why}")
    }
}

const STUMBLES: &str = "Kafka stumbles over it and says UNKNOWN_SERVER_ERROR (-1); ottla says what is wrong";

const STUMBLES_ON: &str =
    "what Kafka stumbles over takes no room, so that the next partition's records find some";

const KEPT: &str = "the session keeps a negative size of an earlier request, over which Kafka stumbles";

const OVERFLOWS: &str = "Kafka adds the size of the page to the cursor's partition, past the end of the type";

const LAST_PLACE: &str = "partition_index: 2147483647}";

const ELR: &str = "formatting a new Kafka sets this key for all brokers, and it cannot be removed";

const PLACES: &str = "each broker has ports and a folder of its own";

const SYNCED: &str =
    "what is acknowledged is on stable storage, which takes longer than no time; Kafka's is not";

const ECHO: &str = "Kafka says again what it was given, ottla what holds";

const DELETED: &str = "Kafka also finds a record that was deleted, as long as it is in the file";

const LEAVES: &str = "segments below the start of the log leave at once; Kafka removes them minutes later";

const CLASSES: &str =
    "no classes are loaded here, so that there is one value to accept; Kafka looks for the class";

const NOT_SERVED: &str =
    "security, quotas, tokens, streams groups and Raft voters are not served by this release";

const FEATURES: &str = "a feature is supported at the levels of which the broker serves what they stand for";

const METADATA_LOG: &str = "each has a log of metadata of its own, with what it keeps there";

const CONTROLLER: &str = "there is no listener for controllers alone";

const LOGGERS: &str = "levels of loggers belong to whoever embeds the broker; it has none to list";
const ASKED: &str = "a member's epoch grows when it is asked to give partitions up, not when it has done so";
const AGAIN: &str =
    "a member is told its partitions until it says that it has them, since an answer may get lost";
const TWICE_WRONG: &str = "of an unknown transactional id with an epoch of the past ottla says the former, and Kafka the latter where its \
     partition knows of it";
const BEGINS: &str = "where a group begins is kept as soon as it is known; Kafka's leader keeps it with the first acknowledgement";
const LATER: &str = "who leads is shown as soon as it is known; Kafka shows it with the next snapshot";
const NOT_HELD: &str = "where nothing is held any more, ottla says that the record is not; Kafka may remember the end of what was";
const OWN_TIME: &str = "the time of a marker is that of the broker that writes it";

/// Differences that are met and let pass.
pub(super) const MEANT: &[Meant] = &[
    meant("ApiVersions", "api_keys[*", "missing", "there", NOT_SERVED),
    meant("ApiVersions", "api_keys.length", "*", "*", NOT_SERVED),
    meant("ApiVersions", "supported_features[].max_version", "less", "*", FEATURES),
    meant("ApiVersions", "finalized_features[*", "missing", "there", FEATURES),
    meant("ApiVersions", "finalized_features.length", "*", "*", FEATURES),
    meant("ApiVersions", "finalized_features_epoch", "*", "*", METADATA_LOG),
    meant("DescribeQuorum", "topics[].partitions[].high_watermark", "*", "*", METADATA_LOG),
    meant("DescribeQuorum", "topics[].partitions[].leader_epoch", "*", "*", METADATA_LOG),
    meant("DescribeQuorum", "topics[].partitions[].current_voters[].log_end_offset", "*", "*", METADATA_LOG),
    meant("DescribeQuorum", "nodes[].listeners[].name", "*", "*", CONTROLLER),
    meant("AlterConfigs", "responses[].error_code", "40", "42", CLASSES).given("principal.builder.class"),
    meant("IncrementalAlterConfigs", "responses[].error_code", "40", "42", CLASSES)
        .given("principal.builder.class"),
    meant("IncrementalAlterConfigs", "responses[].error_code", "42", "-1", STUMBLES)
        .given("config_operation"),
    meant("ListConfigResources", "*resource_type: 8}]", "missing", "there", LOGGERS),
    meant("ListConfigResources", "config_resources.length", "*", "*", LOGGERS),
    meant("*", "*error_message", "<words>", "null", "ottla says why where Kafka does not"),
    meant("*", "*.configs[min.insync.replicas]", "missing", "there", ELR),
    meant("Produce", "responses[].partition_responses[].error_code", "7", "0", SYNCED)
        .given("timeout_ms: 0")
        .seldom(),
    meant("CreateTopics", "topics[].configs[preallocate].value", "\"false\"", "\"FALSE\"", ECHO),
    meant("CreateTopics", "topics[].configs[min.cleanable.dirty.ratio].value", "\"1.0\"", "\"1\"", ECHO),
    meant("ListOffsets", "topics[].partitions[].timestamp", "*", "*", DELETED)
        .given("timestamp: -3")
        .seldom(),
    meant("ListOffsets", "topics[].partitions[].offset", "*", "*", DELETED).given("timestamp: -3").seldom(),
    meant("ListOffsets", "topics[].partitions[].leader_epoch", "-1", "*", DELETED)
        .given("timestamp: -3")
        .seldom(),
    meant("DescribeLogDirs", "results[].topics[].partitions[].partition_size", "less", "*", LEAVES).seldom(),
    meant("DescribeTopicPartitions", "next_cursor", "*", "null", STUMBLES).given("name: \"\""),
    meant("DescribeTopicPartitions", "topics[*", "there", "missing", OVERFLOWS).given(LAST_PLACE),
    meant("DescribeTopicPartitions", "topics.length", "*", "*", OVERFLOWS).given(LAST_PLACE),
    meant("DescribeTopicPartitions", "next_cursor", "null", "*", OVERFLOWS).given(LAST_PLACE),
    meant("CreateTopics", "topics[].configs[max.message.bytes].value", "\"300000\"", "\" 300000 \"", ECHO),
    meant("*", "*.configs[durability]", "there", "missing", "a key of ottla's own"),
    meant("*", "*.configs[log.scrubber.enable]", "there", "missing", "a key of ottla's own"),
    meant("*", "*.configs[log.scrubber.interval.ms]", "there", "missing", "a key of ottla's own"),
    meant("*", "*.configs[log.scrubber.io.max.bytes.per.second]", "there", "missing", "a key of ottla's own"),
    meant("*", "*.configs[min.insync.replicas].*", "*", "*", ELR),
    meant("DescribeConfigs", "results[].configs[listeners].*", "*", "*", PLACES),
    meant("DescribeConfigs", "results[].configs[advertised.listeners].*", "*", "*", PLACES),
    meant("DescribeConfigs", "results[].configs[controller.quorum.voters].*", "*", "*", PLACES),
    meant("DescribeConfigs", "results[].configs[log.dirs].*", "*", "*", PLACES),
    meant("Fetch", "responses[].partitions[].error_code", "0", "-1", STUMBLES).given("max_bytes: -").seldom(),
    meant("Fetch", "responses[].partitions[].records", "*", "*", STUMBLES_ON).given("max_bytes: -").seldom(),
    meant("Fetch", "responses[].partitions[].error_code", "0", "-1", KEPT)
        .given("session_id: <session>")
        .seldom(),
    meant("Fetch", "error_code", "0", "-1", STUMBLES).given("topic_id: 00000000000000000000000000000000"),
    meant("TxnOffsetCommit", "topics[].partitions[].error_code", "49", "47", TWICE_WRONG).seldom(),
    meant("OffsetFetch", "groups[].error_code", "25", "-1", STUMBLES).given("member_id: null").seldom(),
    meant("ConsumerGroupHeartbeat", "assignment", "*", "null", AGAIN).seldom(),
    meant("ConsumerGroupHeartbeat", "member_epoch", "more", "*", ASKED).seldom(),
    meant("ConsumerGroupDescribe", "groups[].members[].member_epoch", "more", "*", ASKED).seldom(),
    meant("DescribeProducers", "topics[].partitions[].active_producers[].last_timestamp", "*", "*", OWN_TIME)
        .seldom(),
    meant("DescribeShareGroupOffsets", "groups[].error_code", "0", "-1", STUMBLES)
        .given("group_id: \"\"")
        .seldom(),
    meant("DescribeShareGroupOffsets", "groups[].topics[].partitions[].start_offset", "*", "-1", BEGINS)
        .seldom(),
    meant("DescribeShareGroupOffsets", "groups[].topics[].partitions[].lag", "*", "-1", BEGINS).seldom(),
    meant("ReadShareGroupStateSummary", "results[].partitions[].leader_epoch", "more", "*", LATER).seldom(),
    meant("FindCoordinator", "*error_message", "<words>", "\"\"", "ottla says why where Kafka does not")
        .seldom(),
    meant("ShareFetch", "error_code", "0", "-1", STUMBLES).given("acknowledgement_batches: [{").seldom(),
    meant("ShareFetch", "responses[].partitions[].error_code", "42", "-1", STUMBLES).seldom(),
    meant("ShareFetch", "responses[].partitions[].acknowledge_error_code", "121", "42", NOT_HELD).seldom(),
    meant("ShareAcknowledge", "responses[].partitions[].error_code", "121", "42", NOT_HELD).seldom(),
    meant("DescribeTopicPartitions", "topics[*", "*", "*", STUMBLES).given("name: \"\""),
    meant("DescribeTopicPartitions", "topics.length", "*", "*", STUMBLES).given("name: \"\""),
];

/// What is not asked at all, because of what Kafka does then, and why; `sense` keeps it out.
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("Produce of null records, or with a negative timeout", "Kafka never answers; ottla does"),
    ("Produce of a partition twice", "Kafka drops the first records and answers once; ottla takes both"),
    ("Produce with a timeout of less than 5 s but not 0", "what is in time hangs on the disk"),
    (
        "batches with a producer's id",
        "the records are old, and when to forget old producers is each broker's own",
    ),
    ("Produce with acks=0", "there is no answer to compare"),
    ("states and offsets of share groups that name a partition twice", "Kafka tells of it once"),
    (
        "ShareFetch and ShareAcknowledge that name a partition twice, or the id of no topic",
        "Kafka stumbles over it",
    ),
    ("states of share groups that begin before -1", "Kafka keeps such an offset"),
    (
        "ShareFetch of fewer records than there are",
        "how far a limit is exceeded, up to the end of what was handed out together, is each broker's own",
    ),
    (
        "a mode of acquiring that there is not, negative partitions and sizes of share groups",
        "Kafka stumbles over it",
    ),
    (
        "offsets that are altered or deleted under a session",
        "Kafka's leader goes on with what it remembers; ottla with what is so now",
    ),
    (
        "share sessions whose connection is closed",
        "of several that were begun on one, Kafka ends the last, and ottla all",
    ),
    ("offsets of share groups in partitions that are not there", "Kafka never answers where others are"),
    (
        "two live members in a share group, and members of several partitions",
        "which of them is given first is each broker's own",
    ),
    (
        "names in one CreateTopics that differ in dots and underscores alone",
        "Kafka creates all of them; ottla the first",
    ),
    ("creation of a topic by asking for it", "Kafka says once that it is unknown, ottla creates it at once"),
    (
        "a fetch with a session id of many digits",
        "Kafka looks for it outside of its list of caches and stumbles",
    ),
    (
        "a topic id of zeros in a fetch session",
        "Kafka stumbles when it looks for its name; without a session that is asked",
    ),
    ("a fetch that waits", "for the time that it takes"),
    ("several errors beside an unknown operation in one IncrementalAlterConfigs", "Kafka says any of them"),
    ("dynamic broker keys that nobody knows", "Kafka keeps them for good; ottla refuses them"),
    ("UpdateFeatures that is carried out", "what a lower level takes away is missing in all that follows"),
    ("UnregisterBroker of the broker itself", "Kafka does it, and has none left; ottla refuses"),
    ("AlterConfigs of all brokers", "formatting Kafka has set a key there that cannot be removed"),
    ("AlterConfigs of a resource twice", "Kafka never answers; ottla refuses both"),
    ("WriteTxnMarkers of a partition twice", "Kafka never answers; ottla writes one marker"),
    ("WriteTxnMarkers for several partitions", "Kafka answers in the order of their hashes"),
    ("OffsetDelete of a partition twice", "Kafka counts it off twice, and keeps that for good"),
    (
        "two live members in a group of the consumer protocol",
        "who gets which partition, and at which heartbeat, is each broker's own",
    ),
    (
        "a member that goes on with hardly any time to give partitions up, or less than none",
        "it is thrown out before or after its next request",
    ),
    ("patterns of topics that a member subscribes to", "Kafka matches them a while after the heartbeat"),
    ("JoinGroup with a protocol twice", "Kafka never answers, nor anybody of that group from then on"),
    ("Metadata with neither name nor id", "Kafka stumbles and tells nothing of any topic"),
    (
        "names twice in changes of topics that have no time",
        "Kafka says that they come twice, or that time is over",
    ),
    ("partitions by the thousand", "for the time that it takes; Kafka keeps some of what it refuses"),
    (
        "ListOffsets of a partition twice in an unknown isolation level",
        "Kafka stumbles over each, in any order",
    ),
];

/// Whether a place is as its pattern, in which `*` at an end stands for whatever is there.
fn is_at(pattern: &str, at: &str) -> bool {
    let (open_start, rest) = pattern.strip_prefix('*').map_or((false, pattern), |rest| (true, rest));
    let (open_end, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
    match (open_start, open_end) {
        (false, false) => at == rest,
        (true, false) => at.ends_with(rest),
        (false, true) => at.starts_with(rest),
        (true, true) => at.contains(rest),
    }
}

/// How both compare, if both say a number.
fn compared(difference: &Difference) -> Option<Ordering> {
    let (ottla, kafka) = (difference.ottla.parse::<i64>().ok()?, difference.kafka.parse::<i64>().ok()?);
    Some(ottla.cmp(&kafka))
}

/// Whether both say a number, and ottla the smaller one.
fn is_less(difference: &Difference) -> bool {
    compared(difference) == Some(Ordering::Less)
}

/// Whether both say a number, and ottla the greater one.
fn is_more(difference: &Difference) -> bool {
    compared(difference) == Some(Ordering::Greater)
}

/// The one that says so, by its place.
pub(super) fn find(request: &Request<'_>, difference: &Difference) -> Option<usize> {
    let is = |pattern: &str, text: &str| pattern == "*" || pattern == text;
    let shown = request.body.to_string();
    MEANT.iter().position(|meant| {
        is(meant.api, &request.api.name)
            && is_at(meant.at, &difference.at)
            && (is(meant.ottla, &difference.ottla)
                || meant.ottla == "less" && is_less(difference)
                || meant.ottla == "more" && is_more(difference))
            && is(meant.kafka, &difference.kafka)
            && shown.contains(meant.given)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_open_where_it_has_a_star() {
        assert!(is_at("a[].b", "a[].b") && !is_at("a[].b", "a[].bc"));
        assert!(is_at("*.b", "a[].b") && !is_at("*.b", "a[].c"));
        assert!(is_at("a[*", "a[x].b") && !is_at("a[*", "b[x]"));
        assert!(is_at("*[x]*", "a[x].b") && !is_at("*[x]*", "a[y].b"));
    }

    #[test]
    fn less_is_a_smaller_number_and_nothing_else() {
        let said = |ottla: &str, kafka: &str| Difference {
            at: "size".to_owned(),
            of: String::new(),
            ottla: ottla.to_owned(),
            kafka: kafka.to_owned(),
        };
        assert!(is_less(&said("0", "75")));
        assert!(is_more(&said("76", "75")) && !is_more(&said("75", "75")));
        assert!(
            !is_less(&said("75", "75")) && !is_less(&said("76", "75")) && !is_less(&said("missing", "75"))
        );
    }

    #[test]
    fn every_difference_has_a_reason_and_is_listed_once() {
        let lines: Vec<_> = MEANT.iter().map(Meant::to_string).collect();
        for (place, meant) in MEANT.iter().enumerate() {
            assert!(!meant.why.is_empty() && !lines[..place].contains(&lines[place]), "{meant}");
        }
        assert!(LEFT_OUT.iter().all(|(what, why)| !what.is_empty() && !why.is_empty()));
    }
}
