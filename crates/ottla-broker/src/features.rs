//! The features that the cluster agreed on (KIP-584): which levels there are, and which one each is at.
//!
//! The names and levels are those of Kafka 4.3.1. A level is supported once what it stands for is served, so the highest
//! of each is a constant here, for who serves more to raise. Where nobody chose, each is at its highest, as after
//! formatting a Kafka; a choice is a metadata record. Which changes are legal is decided here, and by whom they are asked
//! for in [`crate::api::update_features`].

use std::sync::atomic::{AtomicI16, Ordering};

use ottla_protocol::wire::Str;

use crate::metadata::record::FeatureRecord;

/// The newer protocol of consumer groups (KIP-848) is level 1.
const GROUP_VERSION_MAX: i16 = 1;

/// The log format of the quorum. Level 1 would be voters that come and go.
const KRAFT_VERSION_MAX: i16 = 0;

/// What the metadata of the cluster can say: level 30 is that of Kafka 4.3. There is no way back from it.
const METADATA_VERSION: i16 = 30;

/// Share groups (KIP-932) are level 1.
const SHARE_VERSION_MAX: i16 = 1;

/// The newer protocol of streams groups (KIP-1071) is level 1.
const STREAMS_VERSION_MAX: i16 = 0;

/// Transactions: level 1 is the records that may have unknown fields, level 2 an epoch for each (KIP-890).
const TRANSACTION_VERSION_MAX: i16 = 2;

/// A feature and the levels of it that are supported; level 0 is that it is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) min: i16,
    pub(crate) max: i16,
}

/// All features, by name.
pub(crate) const FEATURES: [Feature; 7] = [
    // Which replicas may lead (KIP-966): of the one that there is, the answer is always the same.
    Feature { name: "eligible.leader.replicas.version", min: 0, max: 1 },
    Feature { name: "group.version", min: 0, max: GROUP_VERSION_MAX },
    Feature { name: "kraft.version", min: 0, max: KRAFT_VERSION_MAX },
    Feature { name: "metadata.version", min: 7, max: METADATA_VERSION },
    Feature { name: "share.version", min: 0, max: SHARE_VERSION_MAX },
    Feature { name: "streams.version", min: 0, max: STREAMS_VERSION_MAX },
    Feature { name: "transaction.version", min: 0, max: TRANSACTION_VERSION_MAX },
];

const GROUP: usize = place("group.version");
const SHARE: usize = place("share.version");
const TRANSACTION: usize = place("transaction.version");

/// The levels that all requests go by.
#[derive(Debug)]
pub(crate) struct Features {
    levels: [AtomicI16; FEATURES.len()],
}

impl Features {
    /// The features of a cluster of which nobody chose another level.
    pub(crate) fn new() -> Self {
        Self { levels: FEATURES.map(|feature| AtomicI16::new(feature.max)) }
    }

    /// Has a choice hold. A level that another release was able to serve is as near to it as this one can.
    pub(crate) fn publish(&self, record: &FeatureRecord) {
        let Some(place) = FEATURES.iter().position(|feature| feature.name == record.name.as_str()) else {
            tracing::warn!(feature = %record.name, "the cluster has a feature that is not known here");
            return;
        };
        let level = record.level.clamp(FEATURES[place].min, FEATURES[place].max);
        self.levels[place].store(level, Ordering::Release);
    }

    /// All features, each with its level.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Feature, i16)> {
        FEATURES.iter().zip(&self.levels).map(|(feature, level)| (*feature, level.load(Ordering::Acquire)))
    }

    /// How transactions work: at level 2, partitions are added by producing to them, and each transaction has its epoch.
    pub(crate) fn transaction_version(&self) -> i16 {
        self.level(TRANSACTION)
    }

    /// Whether groups can be of the newer consumer protocol: at level 1.
    pub(crate) fn group_version(&self) -> i16 {
        self.level(GROUP)
    }

    /// Whether there can be share groups: at level 1.
    pub(crate) fn share_version(&self) -> i16 {
        self.level(SHARE)
    }

    fn level(&self, place: usize) -> i16 {
        self.levels[place].load(Ordering::Acquire)
    }
}

/// Which of the features this is.
const fn place(name: &str) -> usize {
    let mut place = 0;
    while !is(FEATURES[place].name, name) {
        place += 1;
    }
    place
}

const fn is(name: &str, other: &str) -> bool {
    let (name, other) = (name.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < name.len() && at < other.len() && name[at] == other[at] {
        at += 1;
    }
    at == name.len() && at == other.len()
}

/// Which way a level may go, as requests number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpgradeType {
    Up,
    DownIfNothingIsLost,
    Down,
}

impl UpgradeType {
    /// The type of this number.
    pub(crate) fn from_wire(number: i8) -> Option<Self> {
        match number {
            1 => Some(Self::Up),
            2 => Some(Self::DownIfNothingIsLost),
            3 => Some(Self::Down),
            _ => None,
        }
    }
}

/// Checks that a feature, which is at `level` now if it is one, may be changed so.
///
/// # Errors
/// What is wrong with it, in the words of Kafka.
pub(crate) fn check(
    node_id: i32,
    name: &str,
    level: impl FnOnce(&Feature) -> i16,
    wanted: i16,
    upgrade_type: Option<UpgradeType>,
) -> Result<(), String> {
    let invalid = |why: &str| Err(format!("Invalid update version {wanted} for feature {name}. {why}"));
    let Some(upgrade_type) = upgrade_type else {
        return invalid("The controller does not support the given upgrade type.");
    };
    if wanted < 0 {
        return invalid("A feature version cannot be less than 0.");
    }
    let Some(feature) = FEATURES.iter().find(|feature| feature.name == name) else {
        return match wanted {
            0 => invalid(&format!("Feature {name} not found.")),
            _ => invalid(&format!("Local controller {node_id} does not support this feature.")),
        };
    };
    let Feature { min, max, .. } = *feature;
    if !(min..=max).contains(&wanted) {
        return invalid(&format!("Local controller {node_id} only supports versions {min}-{max}"));
    }
    let level = level(feature);
    match upgrade_type {
        UpgradeType::Up if wanted < level => invalid(
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe \
             downgrade.",
        ),
        UpgradeType::DownIfNothingIsLost | UpgradeType::Down if wanted > level => {
            invalid("Can't downgrade to a newer version.")
        }
        UpgradeType::DownIfNothingIsLost if wanted < level && name == "metadata.version" => Err(format!(
            "Unsupported metadata.version downgrade from {level} to {wanted}. Refusing to perform the requested \
             downgrade because it might delete metadata information."
        )),
        UpgradeType::Down if wanted < level && name == "metadata.version" => Err(format!(
            "Unsupported metadata.version downgrade from {level} to {wanted}. Unsafe metadata downgrade is not \
             supported in this version."
        )),
        _ => Ok(()),
    }
}

/// The level of a feature for which this was chosen, if anything was.
pub(crate) fn level_of(feature: &Feature, chosen: Option<i16>) -> i16 {
    chosen.map_or(feature.max, |level| level.clamp(feature.min, feature.max))
}

/// The record of a choice.
pub(crate) fn chosen(name: &Str, level: i16) -> FeatureRecord {
    FeatureRecord { name: name.clone(), level }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_at_their_highest_level_until_another_is_chosen() {
        let features = Features::new();
        assert!(features.all().all(|(feature, level)| level == feature.max && feature.min <= feature.max));
        features.publish(&chosen(&Str::from("metadata.version"), 29));
        features.publish(&chosen(&Str::from("kraft.version"), 9));
        features.publish(&chosen(&Str::from("of.a.later.release"), 1));
        let level = |name: &str| features.all().find(|(feature, _)| feature.name == name).unwrap().1;
        assert_eq!((level("metadata.version"), level("kraft.version")), (29, KRAFT_VERSION_MAX));
        assert_eq!(FEATURES[GROUP].name, "group.version");
        assert!(FEATURES.is_sorted_by_key(|feature| feature.name));
    }

    #[test]
    fn a_level_goes_down_only_when_it_is_asked_to() {
        let check =
            |name, wanted, kind| check(1, name, |feature| feature.max, wanted, UpgradeType::from_wire(kind));
        const ELR: &str = "eligible.leader.replicas.version";
        assert_eq!(check(ELR, 1, 1), Ok(()));
        assert_eq!((check(ELR, 0, 2), check(ELR, 0, 3), check(ELR, 1, 3)), (Ok(()), Ok(()), Ok(())));
        assert!(check(ELR, 0, 1).unwrap_err().contains("Can't downgrade the version"));
        assert!(check(ELR, 2, 1).unwrap_err().ends_with("Local controller 1 only supports versions 0-1"));
        assert!(check(ELR, 0, 0).unwrap_err().contains("upgrade type"));
        assert!(check("metadata.version", 29, 2).unwrap_err().contains("from 30 to 29. Refusing"));
        assert!(check("metadata.version", 29, 3).unwrap_err().contains("from 30 to 29. Unsafe"));
        assert!(check("metadata.version", 6, 3).unwrap_err().contains("only supports versions 7-30"));
        assert!(check("nope", 0, 1).unwrap_err().contains("not found"));
        assert!(check("nope", 1, 1).unwrap_err().contains("does not support"));
        assert!(check("nope", -1, 1).unwrap_err().contains("less than 0"));
        let newer = super::check(1, ELR, |_| 0, 1, UpgradeType::from_wire(2));
        assert!(newer.unwrap_err().contains("to a newer version"));
    }
}
