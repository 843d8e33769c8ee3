//! Whether all transactions are over once all is calm, and whether each record that was read is there as one that was
//! made of it.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla::client::{Client, Error, IsolationLevel, TopicPartition};
use ottla::protocol::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};
use ottla::protocol::wire::Str;
use tokio::time::sleep;

use super::life::group_of;
use super::plan::{Task, TransactionsPlan};
use super::transform::{self, origin};
use crate::clients::{self, AGAIN, Seams};
use crate::groups::audit::committed;

/// The groups that offsets are committed of in transactions.
pub(crate) fn groups(plan: &TransactionsPlan) -> Vec<String> {
    let of = |id: &str, task| match task {
        Task::Writes(_) => group_of(id),
        Task::Transforms => transform::GROUP.to_owned(),
    };
    let mut groups: Vec<String> = plan.workers.iter().map(|worker| of(&worker.id, worker.task)).collect();
    groups.dedup();
    groups
}

/// Has the cluster agree on a transaction version, however often it takes.
pub(crate) async fn agree_on(seams: &Seams, version: i16) {
    let client = seams.client("operator").await;
    loop {
        match try_to_agree_on(&client, version).await {
            Ok(said) => return seams.history.note(&format!("transaction version {version}: {said}")),
            Err(error) => seams.history.note(&format!("transaction version {version}: {error}")),
        }
        sleep(AGAIN).await;
    }
}

async fn try_to_agree_on(client: &Client, version: i16) -> Result<String, Error> {
    const EITHER_WAY: [i8; 2] = [1, 2];
    let mut said = String::new();
    for way in EITHER_WAY {
        let mut update = FeatureUpdateKey::default();
        update.feature = Str::from_static("transaction.version");
        (update.max_version_level, update.upgrade_type) = (version, way);
        let request = UpdateFeaturesRequest::default().with_feature_updates(vec![update]);
        let cluster = client.refresh().await?;
        let Some(node) = cluster.nodes().next().map(|node| node.id) else { continue };
        let answer = client.call(node, &request).await?;
        if answer.error_code.is_retriable() {
            let subject = "features".to_owned();
            return Err(Error::Refused { subject, code: answer.error_code, message: None });
        }
        said = format!("{said} {} {:?}", answer.error_code, answer.results);
    }
    Ok(said)
}

/// Waits until no transaction is open, and all that can be read is transformed. `unsettled` says meanwhile what is
/// missing.
pub(crate) async fn settle(
    seams: &Seams,
    plan: &TransactionsPlan,
    ends: &BTreeMap<TopicPartition, i64>,
    unsettled: &mut String,
) {
    let client = seams.client("transaction auditor").await;
    while let Err(why) = is_over(seams, plan, &client, ends).await {
        *unsettled = why;
        sleep(Duration::from_millis(200)).await;
    }
    seams.history.note("transactions are over");
}

async fn is_over(
    seams: &Seams,
    plan: &TransactionsPlan,
    client: &Client,
    ends: &BTreeMap<TopicPartition, i64>,
) -> Result<(), String> {
    const WHO: &str = "transaction auditor";
    if plan.transforms() {
        let told = committed(seams, client, transform::GROUP).await.map_err(|error| error.to_string())?;
        for (place, end) in ends {
            let at = told.get(place).copied().unwrap_or(0);
            if at < *end {
                return Err(format!("{place} is transformed up to {at}, and ends at {end}"));
            }
        }
    }
    let stable = clients::ends(seams, client, WHO, &seams.outputs, IsolationLevel::ReadCommitted).await;
    let ends = clients::ends(seams, client, WHO, &seams.outputs, IsolationLevel::ReadUncommitted).await;
    if stable != ends || ends.len() != seams.outputs.len() {
        return Err(format!("partitions are stable up to {stable:?}, and end at {ends:?}"));
    }
    let listed = client.admin().list_transactions().await.map_err(|error| error.to_string())?;
    let is_open = |state: &str| !matches!(state, "Empty" | "CompleteCommit" | "CompleteAbort");
    match listed.transactions.iter().find(|one| is_open(&one.state)) {
        Some(open) => Err(format!("{} is {}", open.id, open.state)),
        None if !listed.failed.is_empty() => Err(format!("transactions are not told: {:?}", listed.failed)),
        None => Ok(()),
    }
}

/// What everybody sees in the end: each record that was read is there as one that was made of it.
pub(crate) async fn is_there_once(seams: &Seams, plan: &TransactionsPlan, read: &clients::All) {
    let client = seams.client("transaction auditor").await;
    for group in groups(plan) {
        while let Err(error) = committed(seams, &client, &group).await {
            seams.history.note(&format!("{group}: {error}"));
            sleep(AGAIN).await;
        }
    }
    if !plan.transforms() {
        return;
    }
    let mut made = BTreeMap::<String, Vec<String>>::new();
    for (place, offset, value) in read.0.iter().filter(|(place, ..)| seams.outputs.contains(place)) {
        if let Some(origin) = origin(value) {
            made.entry(origin).or_default().push(format!("{place}:{offset}"));
        }
    }
    for (place, offset, _) in read.0.iter().filter(|(place, ..)| seams.places.contains(place)) {
        let at = made.remove(&format!("{place}:{offset}")).unwrap_or_default();
        if at.len() != 1 {
            seams
                .history
                .problem(format!("exactly-once: of {place}:{offset} there was made what is at {at:?}"));
        }
    }
    for (origin, at) in made {
        seams
            .history
            .problem(format!("exactly-once: at {at:?} is what was made of {origin}, which nobody sees"));
    }
}
