//! Which names a topic may bear.
//!
//! The rules and their words are Kafka's. Whether a name is taken is known to the metadata.

/// The longest name, in bytes; with `-` and a partition number it still fits a folder's name.
pub const TOPIC_NAME_BYTES_MAX: usize = 249;

/// The topic that keeps the cluster's metadata: never listed, never fetched, never created by a client.
pub(crate) const METADATA_TOPIC: &str = "__ottla_metadata";

/// The topic that keeps groups and their offsets.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The topic that keeps transactional ids and their transactions.
pub(crate) const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// The topic that keeps the states of share groups.
pub(crate) const SHARE_TOPIC: &str = "__share_group_state";

/// Topics that belong to coordinators, which alone create and write them.
const INTERNAL_TOPICS: [&str; 3] = [OFFSETS_TOPIC, SHARE_TOPIC, TRANSACTIONS_TOPIC];

/// Why a name is refused, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTopicName {
    /// It has no character.
    #[error("Topic name is invalid: the empty string is not allowed")]
    Empty,
    /// It is `.` or `..`, which a file system would misread.
    #[error("Topic name is invalid: '{0}' is not allowed")]
    Dots(String),
    /// It is longer than [`TOPIC_NAME_BYTES_MAX`].
    #[error("Topic name is invalid: the length of '{0}' is longer than the max allowed length 249")]
    TooLong(String),
    /// It holds a character that is not allowed.
    #[error(
        "Topic name is invalid: '{0}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    )]
    Characters(String),
}

/// Checks a name for a new topic: 1 to 249 of `a-z A-Z 0-9 . _ -`, and not `.` or `..`.
///
/// # Errors
/// [`InvalidTopicName`], in Kafka's words.
pub fn validate(name: &str) -> Result<(), InvalidTopicName> {
    match name {
        "" => Err(InvalidTopicName::Empty),
        "." | ".." => Err(InvalidTopicName::Dots(name.to_owned())),
        _ if name.len() > TOPIC_NAME_BYTES_MAX => Err(InvalidTopicName::TooLong(name.to_owned())),
        _ if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) => {
            Err(InvalidTopicName::Characters(name.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Whether a topic is a coordinator's own.
pub fn is_internal(name: &str) -> bool {
    INTERNAL_TOPICS.contains(&name)
}

/// Whether a name is kept from clients: coordinators' topics, and the logs of metadata.
pub(crate) fn is_reserved(name: &str) -> bool {
    is_internal(name) || matches!(name, METADATA_TOPIC | "__cluster_metadata")
}

/// The name as metrics spell it, where `.` and `_` cannot be told apart: two topics must not share it.
pub(crate) fn collision_key(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was tried on Kafka 4.3.1.
    #[test]
    fn names_are_refused_in_the_words_of_kafka() {
        let refused = [
            ("", "Topic name is invalid: the empty string is not allowed"),
            (".", "Topic name is invalid: '.' is not allowed"),
            ("..", "Topic name is invalid: '..' is not allowed"),
            (
                "a b",
                "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            ),
            (
                "ä",
                "Topic name is invalid: 'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            ),
        ];
        for (name, words) in refused {
            assert_eq!(validate(name).unwrap_err().to_string(), words);
        }
        assert!(
            validate(&"x".repeat(250))
                .unwrap_err()
                .to_string()
                .ends_with("is longer than the max allowed length 249")
        );
        assert_eq!(validate(&"x".repeat(249)), Ok(()));
        assert_eq!(validate("My.topic_1-a"), Ok(()));
    }

    #[test]
    fn dots_and_underscores_collide() {
        assert_eq!(collision_key("my.topic"), collision_key("my_topic"));
        assert_ne!(collision_key("my-topic"), collision_key("my_topic"));
    }
}
