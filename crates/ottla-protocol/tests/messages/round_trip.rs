//! What is encoded is decoded, and what is not a message is refused.

use bytes::Bytes;
use ottla_protocol::messages::{APIS, RequestBody, ResponseBody};
use ottla_protocol::wire::{
    Chunk, DecodeError, DecodeLimits, EncodeError, Length, Str, TaggedFields, Writer,
};
use ottla_protocol::{ApiKey, Encode};
use proptest::prelude::*;

use super::arbitrary;
use super::source::Source;

const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;

/// Every API with every version of it.
pub(crate) fn versions() -> impl Iterator<Item = (ApiKey, i16)> {
    APIS.iter().flat_map(|api| api.versions.clone().map(|version| (api.key, version)))
}

/// The body in one piece; asserts that the length was known before.
pub(crate) fn encode(message: &impl Encode, api: ApiKey, version: i16) -> Result<Bytes, EncodeError> {
    let mut length = Length::new(api.is_flexible(version));
    message.encode(&mut length, version)?;
    let mut writer: Writer = Writer::new(&length, 0);
    message.encode(&mut writer, version)?;
    let mut body = Vec::new();
    for chunk in writer.into_chunks() {
        match chunk {
            Chunk::Bytes(bytes) => body.extend_from_slice(&bytes),
            Chunk::External { source, .. } => match source {},
        }
    }
    assert_eq!(body.len() as u64, length.total());
    Ok(body.into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..1500)) {
        for (api, version) in versions() {
            let flexible = api.is_flexible(version);
            let request = arbitrary::request(&mut Source::random(&bytes, flexible), api, version);
            let body = encode(&request, api, version).unwrap();
            let decoded = RequestBody::decode(api, version, &body, &LIMITS).unwrap();
            prop_assert_eq!(&decoded, &request, "{} v{}", api, version);
            prop_assert_eq!(encode(&decoded, api, version).unwrap(), body, "{} v{}", api, version);

            let response = arbitrary::response(&mut Source::random(&bytes, flexible), api, version);
            let body = encode(&response, api, version).unwrap();
            let decoded = ResponseBody::decode(api, version, &body, &LIMITS).unwrap();
            prop_assert_eq!(&decoded, &response, "{} v{}", api, version);
            prop_assert_eq!(encode(&decoded, api, version).unwrap(), body, "{} v{}", api, version);
        }
    }

    #[test]
    fn a_message_that_is_cut_or_followed_by_more_is_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        cut in any::<prop::sample::Index>(),
    ) {
        for (api, version) in versions() {
            let source = &mut Source::random(&bytes, api.is_flexible(version));
            let body = encode(&arbitrary::response(source, api, version), api, version).unwrap();
            let mut longer = body.to_vec();
            longer.push(0);
            let refused = ResponseBody::<ottla_protocol::wire::NoFile>::decode(api, version, &longer.into(), &LIMITS);
            prop_assert_eq!(refused, Err(DecodeError::LeftOver { extra: 1 }));
            if !body.is_empty() {
                let shorter = body.slice(..cut.index(body.len()));
                let refused = ResponseBody::<ottla_protocol::wire::NoFile>::decode(api, version, &shorter, &LIMITS);
                prop_assert!(refused.is_err(), "{} v{}", api, version);
            }
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let body = Bytes::from(bytes);
        for (api, version) in versions() {
            if let Ok(request) = RequestBody::decode(api, version, &body, &LIMITS) {
                let again = encode(&request, api, version).unwrap();
                prop_assert_eq!(RequestBody::decode(api, version, &again, &LIMITS).unwrap(), request);
            }
            if let Ok(response) = ResponseBody::decode(api, version, &body, &LIMITS) {
                let again = encode(&response, api, version).unwrap();
                prop_assert_eq!(ResponseBody::decode(api, version, &again, &LIMITS).unwrap(), response);
            }
        }
    }

    #[test]
    fn one_changed_byte_is_decoded_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
    ) {
        for (api, version) in versions() {
            let source = &mut Source::random(&bytes, api.is_flexible(version));
            let mut body = encode(&arbitrary::request(source, api, version), api, version).unwrap().to_vec();
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = with;
            }
            if let Ok(request) = RequestBody::decode(api, version, &body.into(), &LIMITS) {
                prop_assert!(encode(&request, api, version).is_ok());
            }
        }
    }
}

#[test]
fn a_version_that_does_not_exist_is_refused_in_both_directions() {
    for api in APIS {
        for version in [*api.versions.start() - 1, *api.versions.end() + 1, i16::MIN, i16::MAX] {
            let unknown = DecodeError::UnsupportedVersion { api_key: api.key, api_version: version };
            assert_eq!(RequestBody::decode(api.key, version, &Bytes::new(), &LIMITS), Err(unknown));
            let unknown = EncodeError::UnsupportedVersion { api_key: api.key, api_version: version };
            let request = arbitrary::request(&mut Source::random(&[], false), api.key, *api.versions.end());
            assert_eq!(encode(&request, api.key, version), Err(unknown));
        }
    }
    let unknown = DecodeError::UnknownApiKey { api_key: 52, api_version: 0 };
    assert_eq!(RequestBody::decode(ApiKey::Vote, 0, &Bytes::new(), &LIMITS), Err(unknown));
}

#[test]
fn unknown_tags_survive_between_known_ones() {
    use ottla_protocol::messages::fetch::FetchRequest;
    let mut tags = TaggedFields::new();
    tags.set(7, Bytes::from_static(b"newer"));
    let mut request = FetchRequest::default().with_cluster_id(Some(Str::from("c")));
    request.unknown_tags = tags;
    let request = RequestBody::from(request);
    let body = encode(&request, ApiKey::Fetch, 17).unwrap();
    assert_eq!(RequestBody::decode(ApiKey::Fetch, 17, &body, &LIMITS).unwrap(), request);
    assert_eq!(
        encode(&request, ApiKey::Fetch, 11),
        Err(EncodeError::NotInVersion { field: "unknown_tags", version: 11 })
    );
}

#[test]
fn an_unknown_tag_with_a_known_number_is_refused() {
    use ottla_protocol::messages::fetch::FetchRequest;
    let mut request = FetchRequest::default().with_cluster_id(Some(Str::from("c")));
    request.unknown_tags.set(0, Bytes::from_static(b"mine"));
    assert_eq!(encode(&request, ApiKey::Fetch, 17), Err(EncodeError::TagTaken { tag: 0 }));
}

#[test]
fn a_set_field_that_a_version_cannot_carry_is_refused_unless_it_may_be_dropped() {
    use ottla_protocol::messages::metadata::{MetadataRequest, MetadataResponse};
    let request = MetadataRequest::default().with_allow_auto_topic_creation(false);
    let field = "allow_auto_topic_creation";
    assert_eq!(encode(&request, ApiKey::Metadata, 3), Err(EncodeError::NotInVersion { field, version: 3 }));
    assert!(encode(&request, ApiKey::Metadata, 4).is_ok());

    let request = MetadataRequest::default().with_topics(None);
    assert_eq!(
        encode(&request, ApiKey::Metadata, 0),
        Err(EncodeError::NullNotInVersion { field: "topics", version: 0 })
    );

    let response = MetadataResponse::default().with_throttle_time_ms(5);
    let body = encode(&response, ApiKey::Metadata, 2).unwrap();
    let ResponseBody::<ottla_protocol::wire::NoFile>::Metadata(decoded) =
        ResponseBody::decode(ApiKey::Metadata, 2, &body, &LIMITS).unwrap()
    else {
        panic!("another message");
    };
    assert_eq!(decoded.throttle_time_ms, 0);
}

#[test]
fn elements_take_no_more_memory_than_the_limit_allows() {
    // A million empty names: 1 byte each on the wire.
    let mut body = vec![0xc1, 0x84, 0x3d];
    body.extend(vec![1; 1_000_000]);
    body.extend([0, 0, 0, 0, 0]);
    let body = Bytes::from(body);
    let request = RequestBody::decode(ApiKey::DeleteTopics, 5, &body, &LIMITS);
    assert!(request.is_ok(), "{:?}", request.err());
    let limits = LIMITS.with_elements_bytes_max(1_000_000);
    let refused = RequestBody::decode(ApiKey::DeleteTopics, 5, &body, &limits);
    assert!(matches!(refused, Err(DecodeError::TooManyElements { limit: 1_000_000, .. })), "{refused:?}");
}
