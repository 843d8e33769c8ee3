//! Changes of metadata that requests ask for: decided on, appended, and answered once they hold.
//!
//! What is decided is each API's own. Here is what they share: the wait, within the request's timeout, until what
//! was decided is durable and published, and what becomes of the answers when it never is.

use std::sync::Arc;
use std::time::Duration;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_storage::FileRange;
use tokio::time::Instant;

use super::Handling;
use crate::broker::Core;
use crate::metadata::image::Image;
use crate::metadata::record::MetadataRecord;

/// What is answered on one of the things that were asked for.
pub(super) trait Verdict: Send + 'static {
    /// Why it is refused, `NONE` if it is not.
    fn error_code(&self) -> ErrorCode;

    /// Refuses it after all.
    fn fail(&mut self, code: ErrorCode);
}

/// One request for a change.
pub(super) struct Change<Refuse, V> {
    /// How long the answer may wait until the change holds; a request whose API knows no timeout waits as long as
    /// it takes.
    pub(super) timeout_ms: Option<i32>,
    /// The answer on each thing that was asked for, when nothing is decided because of this.
    pub(super) refuse: Refuse,
    /// The whole answer.
    pub(super) respond: fn(Vec<V>) -> ResponseBody<FileRange>,
}

impl<Refuse: Fn(ErrorCode) -> Vec<V>, V: Verdict> Change<Refuse, V> {
    /// Refuses everything that was asked for.
    pub(super) fn refused(&self, code: ErrorCode) -> Handling {
        Handling::respond((self.respond)((self.refuse)(code)))
    }

    /// Decides on the state at the end of the metadata log, appends the records of the decision, and answers when
    /// they are published.
    pub(super) fn carry_out(
        self,
        core: &Arc<Core>,
        decide: impl FnOnce(&Image) -> (Vec<MetadataRecord>, Vec<V>),
    ) -> Handling {
        if self.timeout_ms.is_some_and(|timeout_ms| timeout_ms <= 0) {
            return self.refused(ErrorCode::REQUEST_TIMED_OUT);
        }
        let proposal = match core.journal.propose(core, decide) {
            Ok(proposal) => proposal,
            Err(code) => return self.refused(code),
        };
        let (mut verdicts, respond) = (proposal.outcome, self.respond);
        if core.journal.is_published(proposal.end) {
            return Handling::respond(respond(verdicts));
        }
        let timeout = self.timeout_ms.and_then(|timeout_ms| u64::try_from(timeout_ms).ok());
        let deadline = timeout.map(|timeout_ms| Instant::now() + Duration::from_millis(timeout_ms));
        let core = Arc::clone(core);
        Handling::later(async move {
            let published = core.journal.published(proposal.end);
            let published = match deadline {
                Some(deadline) => {
                    let in_time = tokio::time::timeout_at(deadline, published).await;
                    in_time.unwrap_or(Err(ErrorCode::REQUEST_TIMED_OUT))
                }
                None => published.await,
            };
            if let Err(code) = published {
                let decided = verdicts.iter_mut().filter(|verdict| verdict.error_code().is_none());
                decided.for_each(|verdict| verdict.fail(code));
            }
            respond(verdicts)
        })
    }
}
