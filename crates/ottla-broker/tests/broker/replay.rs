//! What the broker is after a restart: what it was before.

use std::collections::BTreeMap;
use std::path::Path;

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::delete_topics::DeleteTopicsRequest;
use ottla_protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
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

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut kit = Kit::new().await;
    let mut model: BTreeMap<String, (usize, String, i64)> = BTreeMap::new();
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
                let bytes = bytes.unwrap_or_else(|| "1048588".to_owned());
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
        prop_assert_eq!(known, model.clone().into_iter().collect::<Vec<_>>());
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
