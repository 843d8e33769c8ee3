//! Getting an id for an idempotent producer, which any broker gives.

use std::pin::Pin;
use std::task::Poll;

use ottla_client::{Client, Error};
use ottla_protocol::messages::init_producer_id::InitProducerIdRequest;

use crate::sender::ProducerIdentity;

type Asking = Pin<Box<dyn Future<Output = Result<ProducerIdentity, Error>> + Send>>;

/// The question for an id, while it is under way.
#[derive(Default)]
pub(super) struct IdentityQuestion {
    asking: Option<Asking>,
}

impl IdentityQuestion {
    /// Asks, unless that is under way.
    pub(super) fn ask(&mut self, client: &Client) {
        self.asking.get_or_insert_with(|| Box::pin(ask(client.clone())));
    }

    /// The answer to the question that is under way; without one it never comes. Cancel safe.
    pub(super) async fn answer(&mut self) -> Result<ProducerIdentity, Error> {
        std::future::poll_fn(|cx| {
            let Some(asking) = &mut self.asking else { return Poll::Pending };
            let outcome = asking.as_mut().poll(cx);
            if outcome.is_ready() {
                self.asking = None;
            }
            outcome
        })
        .await
    }
}

/// Gets an id from the cluster; fails only with what time does not heal.
async fn ask(client: Client) -> Result<ProducerIdentity, Error> {
    let mut request = InitProducerIdRequest::default();
    request.transactional_id = None;
    request.transaction_timeout_ms = i32::MAX;
    let mut backoff = client.config().backoff_of_retries();
    loop {
        let answer = client.call_any(&request).await.and_then(|answer| {
            Error::check("producer id", answer.error_code, None)?;
            Ok(ProducerIdentity { id: answer.producer_id, epoch: answer.producer_epoch })
        });
        match answer {
            Err(error) if error.is_retriable() => {
                tracing::debug!(%error, "no producer id yet");
                tokio::time::sleep(backoff.next_wait(&mut client.env().rng())).await;
            }
            other => return other,
        }
    }
}
