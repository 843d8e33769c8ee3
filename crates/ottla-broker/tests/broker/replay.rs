//! What the broker is after a restart: what it was before.

use std::collections::BTreeMap;
use std::path::Path;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use ottla_protocol::messages::delete_topics::DeleteTopicsRequest;
use ottla_protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use ottla_storage::disk::Disk;
use proptest::prelude::*;

use crate::fetch::{len, only, request};
use crate::harness::{End, Kit, batch, create_request, text, topic};

#[tokio::test(start_paused = true)]
async fn a_log_that_lost_its_topic_id_is_still_its_topics() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    assert_eq!(kit.produce("a", 0, batch(&["x"])).await.error_code, ErrorCode::NONE);
    kit = kit.reopened(End::Kill).await;
    kit.disk.remove_file(Path::new("a-0/partition.metadata")).unwrap();
    for offset in 1..3 {
        kit = kit.reopened(End::Kill).await;
        let answer = kit.produce("a", 0, batch(&["y"])).await;
        assert_eq!((answer.error_code, answer.base_offset), (ErrorCode::NONE, offset));
        let told = String::from_utf8(kit.disk.image()["a-0/partition.metadata"].clone()).unwrap();
        assert!(told.contains(&id.to_string()), "it is written down again: {told}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Create(u8, i32, Option<i32>),
    Delete(u8),
    Grow(u8, i32),
    /// Of a topic, or of all of them without one.
    Alter(Option<u8>, Option<i32>),
    Produce(u8),
    Restart(End),
}

fn any_end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Close), Just(End::Kill), any::<u64>().prop_map(End::PowerLoss)]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..5u8, 1..4i32, prop::option::of(1000..9000i32)).prop_map(|(n, p, b)| Step::Create(n, p, b)),
        2 => (0..5u8).prop_map(Step::Delete),
        2 => (0..5u8, 1..7i32).prop_map(|(n, p)| Step::Grow(n, p)),
        2 => (prop::option::weighted(0.8, 0..5u8), prop::option::of(1000..9000i32)).prop_map(|(n, b)| Step::Alter(n, b)),
        2 => (0..5u8).prop_map(Step::Produce),
        2 => any_end().prop_map(Step::Restart),
    ]
}

/// All that a client can see of the topics.
async fn seen(kit: &mut Kit) -> Vec<(String, String, usize, String, i64)> {
    let mut seen = Vec::new();
    for (name, id, partitions) in kit.topics().await {
        let mut resource = DescribeConfigsResource::default();
        resource.resource_type = 2;
        resource.resource_name = text(&name);
        resource.configuration_keys = Some(vec![text("max.message.bytes")]);
        let mut configs = DescribeConfigsRequest::default();
        configs.resources = vec![resource];
        let config = kit.call(4, &configs).await.results.remove(0).configs.remove(0).value.unwrap();
        let fetched = kit.call_now(18, &request(&[(id, 0, 0)]));
        seen.push((name, id.to_string(), partitions, config.to_string(), only(&fetched).high_watermark));
    }
    seen
}

/// Sets a key or takes its value back, and says how that went.
async fn alter(kit: &mut Kit, kind: i8, name: &str, key: &str, value: Option<&str>) -> ErrorCode {
    let mut config = AlterableConfig::default();
    config.name = text(key);
    config.config_operation = i8::from(value.is_none());
    config.value = value.map(text);
    let mut resource = AlterConfigsResource::default();
    resource.resource_type = kind;
    resource.resource_name = text(name);
    resource.configs = vec![config];
    let mut request = IncrementalAlterConfigsRequest::default();
    request.resources = vec![resource];
    kit.call(1, &request).await.responses[0].error_code
}

async fn grow(kit: &mut Kit, name: &str, count: i32) -> ErrorCode {
    let mut topic = CreatePartitionsTopic::default();
    topic.name = text(name);
    topic.count = count;
    topic.assignments = None;
    let mut request = CreatePartitionsRequest::default();
    request.topics = vec![topic];
    request.timeout_ms = 5000;
    kit.call(3, &request).await.results[0].error_code
}

/// A topic as it ought to be: its partitions, the limit of a batch if one was set, and the end of partition 0.
type Known = (usize, Option<String>, i64);

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut kit = Kit::new().await;
    let mut model: BTreeMap<String, Known> = BTreeMap::new();
    let mut for_all = "1048588".to_owned();
    for step in steps {
        match step {
            Step::Create(number, partitions, bytes) => {
                let name = format!("topic-{number}");
                let bytes = bytes.map(|bytes| bytes.to_string());
                let configs: Vec<_> =
                    bytes.iter().map(|bytes| ("max.message.bytes", bytes.as_str())).collect();
                let created = kit.call(7, &create_request(&[topic(&name, partitions, &configs)])).await;
                let expected = match model.contains_key(&name) {
                    true => ErrorCode::TOPIC_ALREADY_EXISTS,
                    false => ErrorCode::NONE,
                };
                prop_assert_eq!(created.topics[0].error_code, expected);
                let partitions = usize::try_from(partitions).unwrap();
                model.entry(name).or_insert((partitions, bytes, 0));
            }
            Step::Delete(number) => {
                let mut delete = DeleteTopicsRequest::default();
                delete.timeout_ms = 1000;
                delete.topic_names = vec![text(&format!("topic-{number}"))];
                let deleted = kit.call(5, &delete).await.responses[0].error_code;
                prop_assert_eq!(deleted.is_none(), model.remove(&format!("topic-{number}")).is_some());
            }
            Step::Grow(number, count) => {
                let name = format!("topic-{number}");
                let wanted = usize::try_from(count).unwrap();
                let expected = match model.get_mut(&name) {
                    Some((partitions, ..)) if *partitions < wanted => {
                        *partitions = wanted;
                        ErrorCode::NONE
                    }
                    Some(_) => ErrorCode::INVALID_PARTITIONS,
                    None => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                };
                prop_assert_eq!(grow(&mut kit, &name, count).await, expected);
            }
            Step::Alter(Some(number), bytes) => {
                let name = format!("topic-{number}");
                let bytes = bytes.map(|bytes| bytes.to_string());
                let done = alter(&mut kit, 2, &name, "max.message.bytes", bytes.as_deref()).await;
                match model.get_mut(&name) {
                    Some((_, known, _)) => {
                        prop_assert_eq!(done, ErrorCode::NONE);
                        *known = bytes;
                    }
                    None => prop_assert_eq!(done, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                }
            }
            Step::Alter(None, bytes) => {
                let bytes = bytes.map(|bytes| bytes.to_string());
                let done = alter(&mut kit, 4, "", "message.max.bytes", bytes.as_deref()).await;
                prop_assert_eq!(done, ErrorCode::NONE);
                for_all = bytes.unwrap_or_else(|| "1048588".to_owned());
            }
            Step::Produce(number) => {
                let name = format!("topic-{number}");
                let answer = kit.produce(&name, 0, batch(&["x"])).await;
                match model.get_mut(&name) {
                    Some((_, _, end)) => {
                        prop_assert_eq!((answer.error_code, answer.base_offset), (ErrorCode::NONE, *end));
                        *end += 1;
                    }
                    None => prop_assert_eq!(answer.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                }
            }
            Step::Restart(end) => {
                let before = seen(&mut kit).await;
                kit = kit.reopened(end).await;
                prop_assert_eq!(seen(&mut kit).await, before);
            }
        }
        let all = seen(&mut kit).await;
        let known: Vec<_> =
            all.into_iter().map(|(name, _, p, config, end)| (name, (p, config, end))).collect();
        let expected = model.iter().map(|(name, (partitions, bytes, end))| {
            (name.clone(), (*partitions, bytes.clone().unwrap_or_else(|| for_all.clone()), *end))
        });
        prop_assert_eq!(known, expected.collect::<Vec<_>>());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn replay_comes_to_the_live_state(steps in prop::collection::vec(any_step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps))?;
    }
}

#[tokio::test(start_paused = true)]
async fn records_and_the_cluster_id_survive_a_loss_of_power() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.produce("a", 0, batch(&["x", "y"])).await;
    let cluster_id = kit.broker.cluster_id().to_owned();
    let mut kit = kit.reopened(End::PowerLoss(3)).await;
    assert_eq!(kit.broker.cluster_id(), cluster_id);
    let response = kit.call(18, &request(&[(id, 0, 0)])).await;
    assert_eq!((only(&response).high_watermark, len(only(&response))), (2, batch(&["x", "y"]).len()));
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_closed_takes_no_more() {
    let mut kit = Kit::new().await;
    let id = kit.create("a", 1, &[]).await;
    kit.broker.close().await.unwrap();
    let refused = kit.produce("a", 0, batch(&["x"])).await;
    assert!(refused.error_code.is_err());
    assert!(only(&kit.call(18, &request(&[(id, 0, 0)])).await).error_code.is_err());
    let created = kit.call(7, &create_request(&[topic("b", 1, &[])])).await;
    assert!(created.topics[0].error_code.is_err());
}
