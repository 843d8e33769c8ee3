//! Why ottla does not do as Kafka does, where several cases share the reason.

pub(super) const NULL_IS_MINUS_ONE: &str =
    "null is a length of -1 and no other; Kafka takes any below 0 for it";
pub(super) const TAGS_RISE: &str = "tags rise (KIP-482); Kafka does not look";
pub(super) const TEXT_IS_UTF_8: &str =
    "a name that is not UTF-8 cannot be told back; Kafka changes it and goes on";
pub(super) const STUMBLES: &str = "an exception inside Kafka, not a verdict on the request";
pub(super) const NEVER_ANSWERED: &str = "Kafka fails inside and never answers; ottla answers every request";
/// What Kafka does depends on how far it has started.
pub(super) const ANYTHING: &str = "*";
