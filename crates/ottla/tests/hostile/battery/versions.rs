//! API keys and versions that are not served, and bodies that are not what their header says.

use std::collections::BTreeSet;

use bytes::BufMut;
use ottla::protocol::api::ApiKey;
use ottla::protocol::messages::APIS;

use super::Case;
use super::making::{frame, written};
use super::reasons::{NULL_IS_MINUS_ONE, TAGS_RISE, TEXT_IS_UTF_8};
use super::summary::TRIED;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = keys();
    for api in APIS.iter().filter(|api| TRIED.contains(&api.key)) {
        let (key, name) = (api.key.to_i16(), format!("{:?}", api.key));
        let answered = api.key == ApiKey::ApiVersions;
        let expected = if answered { "UNSUPPORTED_VERSION" } else { "closed" };
        let above = api.stable_versions.end() + 1;
        for version in [-1, above, i16::MAX] {
            let tags = api.key.is_flexible(version);
            let case = Case::new(format!("{name} in version {version}"), expected);
            cases.push(case.whole(api.key, 0, &frame(key, version, tags, &[0; 16])));
        }
        for version in BTreeSet::from([*api.stable_versions.start(), *api.stable_versions.end()]) {
            if answered && version == 0 {
                continue; // it has no body
            }
            let bytes = frame(key, version, api.key.is_flexible(version), &[]);
            let empty = Case::new(format!("{name} in version {version} without a body"), "closed");
            let empty = empty.whole(api.key, version, &bytes);
            cases.push(match (api.key, version) {
                (ApiKey::ListGroups, 0) => Case { expected: "NONE: ", ..empty }, // it has none
                _ => empty,
            });
            let bytes = frame(key, version, api.key.is_flexible(version), &[0xff; 64]);
            let noise = Case::new(format!("{name} in version {version} with 64 bytes of ones"), "closed");
            let noise = noise.whole(api.key, version, &bytes);
            // Null for what may be null, a number, and a lot that is left over: whole requests, as it turns out.
            cases.push(match (api.key, version) {
                (ApiKey::InitProducerId, 0) => Case { expected: "NONE", ..noise },
                (ApiKey::ListGroups, 0) => Case { expected: "NONE: ", ..noise },
                (ApiKey::ElectLeaders, 0) => Case { expected: "NONE: nothing", ..noise },
                (ApiKey::DescribeLogDirs, 1) => Case { expected: "NONE NONE", ..noise },
                _ => noise,
            });
        }
    }
    for version in 0..3 {
        let case = Case::new(format!("Produce in version {version}, which is gone"), "closed");
        cases.push(case.whole(ApiKey::Produce, version, &frame(0, version, false, &[0; 16])));
    }
    cases.extend(arrays());
    cases.extend(strings());
    cases
}

fn keys() -> Vec<Case> {
    [-1, 4, 5, 6, 7, 9_999, i16::MAX, i16::MIN]
        .into_iter()
        .map(|key| Case::new(format!("API key {key}"), "closed").raw(&frame(key, 0, false, &[0; 16])))
        .collect()
}

/// A body of `Metadata`: version 12 is flexible, 8 is not.
/// What Kafka says of all topics: those of `world` and the one that it makes for itself.
const EVERY_TOPIC: &str = "NONE, NONE, NONE, NONE, NONE, NONE";

fn metadata(name: &str, expected: &'static str, version: i16, body: impl FnOnce(&mut Vec<u8>)) -> Case {
    Case::new(format!("Metadata with {name}"), expected).body(ApiKey::Metadata, version, &written(body))
}

fn arrays() -> Vec<Case> {
    let flags = [0, 0, 0];
    vec![
        metadata("2^31-1 topics", "closed", 8, |b| b.put_i32(i32::MAX)),
        metadata("-2 topics", "closed", 8, |b| {
            b.put_i32(-2);
            b.put_slice(&flags);
        })
        .kafka(EVERY_TOPIC, NULL_IS_MINUS_ONE),
        metadata("one topic more than there are", "closed", 8, |b| {
            b.put_slice(&[0, 0, 0, 2, 0, 1, b't', 0, 0, 0])
        }),
        metadata("2^31-1 topics, compact", "closed", 12, |b| {
            b.put_slice(&[0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0])
        }),
        metadata("2^32-1 topics, compact", "closed", 12, |b| {
            b.put_slice(&[0xff, 0xff, 0xff, 0xff, 15, 0, 0, 0])
        })
        .kafka(EVERY_TOPIC, NULL_IS_MINUS_ONE),
        metadata("a count of six bytes, compact", "closed", 12, |b| {
            b.put_slice(&[0x81, 0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0])
        }),
        metadata("a count longer than it must be, compact", "nothing", 12, |b| {
            b.put_slice(&[0x81, 0, 0, 0, 0])
        }),
        metadata("bytes after the end", "nothing", 8, |b| {
            b.put_i32(0);
            b.put_slice(&flags);
            b.put_slice(b"trailing");
        }),
        metadata("bytes after the tags", "nothing", 12, |b| b.put_slice(&[1, 0, 0, 0, 0xde, 0xad])),
        metadata("an unknown tag", "nothing", 12, |b| b.put_slice(&[1, 0, 0, 1, 5, 2, 0xaa, 0xbb])),
        metadata("a tag longer than the frame", "closed", 12, |b| b.put_slice(&[1, 0, 0, 1, 5, 100, 0xaa])),
        metadata("tags that are announced and missing", "closed", 12, |b| b.put_slice(&[1, 0, 0, 3])),
        metadata("the same tag twice", "closed", 12, |b| b.put_slice(&[1, 0, 0, 2, 5, 0, 5, 0]))
            .kafka("nothing", TAGS_RISE),
        metadata("tags out of order", "closed", 12, |b| b.put_slice(&[1, 0, 0, 2, 5, 0, 4, 0]))
            .kafka("nothing", TAGS_RISE),
        metadata("2^31-1 tags", "closed", 12, |b| b.put_slice(&[1, 0, 0, 0xff, 0xff, 0xff, 0xff, 7])),
        metadata("a boolean of 7", "nothing", 8, |b| b.put_slice(&[0, 0, 0, 0, 7, 7, 7])),
    ]
}

fn strings() -> Vec<Case> {
    vec![
        metadata("a name that is not UTF-8", "closed", 8, |b| {
            b.put_slice(&[0, 0, 0, 1, 0, 2, 0xff, 0xfe, 0, 0, 0])
        })
        .kafka("INVALID_TOPIC_EXCEPTION", TEXT_IS_UTF_8),
        metadata("a name longer than the frame", "closed", 8, |b| {
            b.put_slice(&[0, 0, 0, 1, 0x7f, 0xff, b't', 0, 0, 0])
        }),
        metadata("a name of -1 bytes where none may be", "closed", 8, |b| {
            b.put_slice(&[0, 0, 0, 1, 0xff, 0xff, 0, 0, 0])
        }),
        metadata("a name of -2 bytes", "closed", 8, |b| b.put_slice(&[0, 0, 0, 1, 0xff, 0xfe, 0, 0, 0])),
        metadata("a compact name longer than the frame", "closed", 12, |b| {
            b.put_slice(&[2]);
            b.put_slice(&[0; 16]);
            b.put_slice(&[0xff, 0xff, 3, b't', 0, 0, 0, 0]);
        }),
        metadata("a compact name of 32,768 bytes", "closed", 12, |b| {
            b.put_slice(&[2]);
            b.put_slice(&[0; 16]);
            b.put_slice(&[0x81, 0x80, 2]);
            b.put_slice(&[b't'; 32_768]);
            b.put_slice(&[0, 0, 0, 0]);
        }),
        metadata("a compact name that is not UTF-8", "closed", 12, |b| {
            b.put_slice(&[2]);
            b.put_slice(&[0; 16]);
            b.put_slice(&[3, 0xff, 0xfe, 0, 0, 0, 0]);
        })
        .kafka("INVALID_TOPIC_EXCEPTION", TEXT_IS_UTF_8),
    ]
}
