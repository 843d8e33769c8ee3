//! Trying a call again, with growing waits, until its time is up.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::client::Client;
use crate::error::Error;

/// The patience of one call.
pub(crate) struct Retries<'a> {
    client: &'a Client,
    what: &'a str,
    limit: Duration,
    deadline: Instant,
    backoff: Backoff,
}

impl<'a> Retries<'a> {
    /// Starts the time of `default.api.timeout.ms`.
    pub(crate) fn new(client: &'a Client, what: &'a str) -> Self {
        let config = client.config();
        let limit = config.default_api_timeout;
        let backoff = config.backoff_of_retries();
        Self { client, what, limit, deadline: Instant::now() + limit, backoff }
    }

    /// Waits a while after a try failed with `error`, or gives up with it.
    pub(crate) async fn after(&mut self, error: Error) -> Result<(), Error> {
        if !error.is_retriable() {
            return Err(error);
        }
        if self.wait(&error).await { Ok(()) } else { Err(self.out_of_time(error)) }
    }

    /// Waits a while after a try failed with `error`; says at once if there is no time for another.
    pub(crate) async fn wait(&mut self, error: &Error) -> bool {
        let wait = self.backoff.next_wait(&mut self.client.env().rng());
        if Instant::now() + wait >= self.deadline {
            return false;
        }
        tracing::debug!(what = self.what, %error, ?wait, "trying again");
        tokio::time::sleep(wait).await;
        true
    }

    /// That there was no time for another try after one that failed with `last`.
    pub(crate) fn out_of_time(&self, last: Error) -> Error {
        Error::Timeout { what: self.what.to_owned(), limit: self.limit, last: Some(Box::new(last)) }
    }
}
