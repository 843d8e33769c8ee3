//! `ottla log adopt`: topics of logs that belong to none.

use ottla::broker::adopt::{AdoptedTopic, Adoption, adopt};
use ottla::storage::blocking;
use ottla::storage::files::parse_folder_name;
use ottla::storage::inspect::Place;
use serde_json::{Value, json};

use super::Located;
use crate::arguments::Adopt;
use crate::failure::Failure;
use crate::output::{counted, print};

/// Adopts what the words name, and tells what it came to.
pub(super) async fn run(words: &Adopt) -> Result<(), Failure> {
    let located = Located::at(&words.folder.path)?;
    let topics = match &located.place {
        Place::Data => None,
        Place::Log(dir) => {
            let named = dir.to_str().and_then(parse_folder_name);
            let (topic, _) = named.ok_or(Failure::Nonsense(
                "the folder of a log is named after its topic and partition, as orders-0",
            ))?;
            Some(vec![topic.to_owned()])
        }
        Place::Segment(_) => return Err(Failure::Nonsense("a folder is adopted, not a file of it")),
    };
    let mut adoption = Adoption::default();
    adoption.topics = topics;
    adoption.partitions = words.partitions;
    adoption.config.clone_from(&words.config);
    let adopted = adopt(&located.root, blocking::env(), &adoption).await?;
    let mut lines = String::new();
    for topic in &adopted {
        match words.folder.is_json() {
            true => lines += &format!("{}\n", as_json(topic)),
            false => lines += &as_text(topic),
        }
    }
    if adopted.is_empty() && !words.folder.is_json() {
        lines += "every log belongs to a topic\n";
    }
    print(&lines)
}

fn as_text(topic: &AdoptedTopic) -> String {
    let partitions = counted(i64::from(topic.partitions), "partition");
    let mut lines = format!("adopted topic {}, id {}, {partitions}", topic.name, topic.id);
    for (key, value) in &topic.config {
        lines += &format!(", {key}={value}");
    }
    lines.push('\n');
    for (partition, log) in &topic.logs {
        let records = counted(log.records, "record");
        lines += &format!(
            "  {}-{partition}: {records}, offsets {} to {}\n",
            topic.name, log.log_start, log.log_end
        );
    }
    lines
}

fn as_json(topic: &AdoptedTopic) -> Value {
    let logs = topic.logs.iter().map(|(partition, log)| {
        json!({
            "partition": partition, "records": log.records,
            "log_start": log.log_start.0, "log_end": log.log_end.0,
        })
    });
    let config: serde_json::Map<String, Value> =
        topic.config.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    json!({
        "topic": topic.name, "topic_id": topic.id.to_string(), "partitions": topic.partitions,
        "config": config, "logs": logs.collect::<Vec<_>>(),
    })
}
