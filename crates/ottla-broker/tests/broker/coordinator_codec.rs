//! The codecs in which coordinators write their logs: `offsets.topic.compression.codec` and that of share groups.
//!
//! A build has the codecs that its features say; one that it does not have is refused.

use bytes::Bytes;
use ottla_broker::BrokerConfig;
use ottla_protocol::ErrorCode;
use ottla_protocol::records::{Batch, Compression};

use crate::committed_offsets::{code, commit, committed, find, kit_with, topic};
use crate::harness::{End, Kit};
use crate::share_groups::{self, ACCEPT, Member};

/// The codecs of the batches that the logs of a topic hold.
fn codecs(kit: &Kit, name: &str) -> Vec<Compression> {
    let mut codecs = Vec::new();
    for (path, content) in kit.disk.image() {
        if !path.contains(name) || !path.ends_with(".log") {
            continue;
        }
        let mut bytes = Bytes::from(content);
        while let Ok(Some(batch)) = Batch::split_first(&mut bytes) {
            codecs.push(batch.header().attributes.compression().unwrap());
        }
    }
    codecs
}

#[tokio::test(start_paused = true)]
async fn offsets_are_written_in_the_codec_of_their_topic() {
    for (id, codec) in Compression::ALL.into_iter().enumerate() {
        let (key, id) = ("offsets.topic.compression.codec", id.to_string());
        if !codec.is_enabled() {
            let refused = BrokerConfig::new().with(key, &id).unwrap_err().to_string();
            assert!(refused.contains("this build has no such codec"), "{refused}");
            continue;
        }
        let mut kit = kit_with(&[(key, &id)]).await;
        let response = kit.call(9, &commit("g", vec![topic("t", &[(0, 7)])])).await;
        assert_eq!(code(&response), ErrorCode::NONE);
        let written = codecs(&kit, "__consumer_offsets");
        assert!(!written.is_empty() && written.iter().all(|one| *one == codec), "{codec:?}: {written:?}");
        let mut kit = kit.reopened(End::Kill).await;
        find(&mut kit).await;
        assert_eq!(committed(&mut kit, "g").await, [("t".to_owned(), 0, 7)], "{codec:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn states_of_share_groups_are_written_in_the_codec_of_their_topic() {
    let key = "share.coordinator.state.topic.compression.codec";
    let codec = Compression::ALL.into_iter().rfind(|codec| codec.is_enabled()).unwrap();
    let (mut kit, topic) = share_groups::kit_with(&[(key, &codec.id().to_string())]).await;
    let mut member = Member::new("m");
    assert_eq!(member.fetch(&mut kit, topic, 3).await, [(0, 2, 1)]);
    assert_eq!(member.say(&mut kit, topic, &[(0, 2, ACCEPT)]).await, ErrorCode::NONE);
    let written = codecs(&kit, "__share_group_state");
    assert!(!written.is_empty() && written.iter().all(|one| *one == codec), "{codec:?}: {written:?}");
    let mut kit = kit.reopened(End::Kill).await;
    share_groups::join(&mut kit, "n").await;
    assert_eq!(Member::new("n").fetch(&mut kit, topic, 1).await, [(3, 3, 1)]);
}
