//! Finding out where places are: the earliest or latest offset of a partition, or that of a time.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::Poll;

use ottla_client::{Client, Error, IsolationLevel, ListedOffset, TopicPartition};

use crate::fetcher::Find;

/// What was asked, and what came of it.
pub(super) type Found = (Vec<Find>, BTreeMap<TopicPartition, Result<ListedOffset, Error>>);

/// The questions that are under way.
#[derive(Default)]
pub(super) struct Finding {
    under_way: Vec<Pin<Box<dyn Future<Output = Found> + Send>>>,
}

impl Finding {
    /// Finds out where places are.
    pub(super) fn find(&mut self, finds: Vec<Find>, client: &Client, isolation: IsolationLevel) {
        if finds.is_empty() {
            return;
        }
        let admin = client.admin();
        self.under_way.push(Box::pin(async move {
            let places = finds.iter().map(|find| (find.partition.clone(), find.spec));
            let outcomes = admin.list_offsets(places, isolation).await;
            (finds, outcomes)
        }));
    }

    /// The next answer; with nothing under way it never comes. Cancel safe.
    pub(super) async fn next(&mut self) -> Found {
        std::future::poll_fn(|cx| {
            for index in 0..self.under_way.len() {
                if let Poll::Ready(found) = self.under_way[index].as_mut().poll(cx) {
                    drop(self.under_way.swap_remove(index));
                    return Poll::Ready(found);
                }
            }
            Poll::Pending
        })
        .await
    }
}
