//! Which version of each API to speak with one broker.
//!
//! A broker tells its ranges in answer to `ApiVersions`; of what both sides know, the highest is
//! spoken. Connections and the question itself live in `connection`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ottla_protocol::Message;
use ottla_protocol::messages::api_versions::ApiVersionsResponse;
use ottla_protocol::wire::Str;

/// The versions that one broker serves, by API, and the features of its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServedVersions {
    ranges: BTreeMap<i16, (i16, i16)>,
    features: BTreeMap<Str, i16>,
}

impl ServedVersions {
    /// What a broker told.
    pub fn new(response: &ApiVersionsResponse) -> Self {
        let ranges = response.api_keys.iter().map(|api| (api.api_key, (api.min_version, api.max_version)));
        let features = response
            .finalized_features
            .iter()
            .map(|feature| (feature.name.clone(), feature.max_version_level));
        Self { ranges: ranges.collect(), features: features.collect() }
    }

    /// The level of a feature that the whole cluster has agreed on (KIP-584), such as `transaction.version`; 0 where
    /// it is off or unheard of.
    pub fn feature(&self, name: &str) -> i16 {
        self.features.get(name).copied().unwrap_or(0)
    }

    /// The first and last version of each API, by its number, which may be one that nobody here knows.
    pub fn iter(&self) -> impl Iterator<Item = (i16, RangeInclusive<i16>)> {
        self.ranges.iter().map(|(key, (min, max))| (*key, *min..=*max))
    }

    /// The highest version of `R` that both sides know; `None` if there is none.
    pub fn choose<R: Message>(&self) -> Option<i16> {
        self.choose_at_most::<R>(i16::MAX)
    }

    /// As [`choose`](Self::choose), and no higher than `limit`.
    pub fn choose_at_most<R: Message>(&self, limit: i16) -> Option<i16> {
        let (min, max) = *self.ranges.get(&R::API_KEY.into())?;
        let highest = max.min(*R::VERSIONS.end()).min(limit);
        let lowest = min.max(*R::VERSIONS.start());
        (lowest <= highest).then_some(highest)
    }
}

#[cfg(test)]
mod tests {
    use ottla_protocol::api::ApiKey;
    use ottla_protocol::messages::api_versions::ApiVersion;
    use ottla_protocol::messages::metadata::MetadataRequest;

    use super::*;

    fn served(min: i16, max: i16) -> ServedVersions {
        let mut api = ApiVersion::default();
        (api.api_key, api.min_version, api.max_version) = (ApiKey::Metadata.into(), min, max);
        let mut response = ApiVersionsResponse::default();
        response.api_keys = vec![api];
        ServedVersions::new(&response)
    }

    #[test]
    fn the_highest_common_version_is_spoken() {
        let ours = MetadataRequest::VERSIONS;
        assert_eq!(served(0, 5).choose::<MetadataRequest>(), Some(5));
        assert_eq!(served(0, i16::MAX).choose::<MetadataRequest>(), Some(*ours.end()));
        assert_eq!(served(0, 9).choose_at_most::<MetadataRequest>(4), Some(4));
    }

    #[test]
    fn without_a_common_version_there_is_none() {
        let beyond = MetadataRequest::VERSIONS.end() + 1;
        assert_eq!(served(beyond, beyond).choose::<MetadataRequest>(), None);
        assert_eq!(served(5, 9).choose_at_most::<MetadataRequest>(4), None);
        assert_eq!(ServedVersions::default().choose::<MetadataRequest>(), None);
    }
}
