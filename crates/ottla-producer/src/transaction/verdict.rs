//! What a coordinator's code means for a transaction, as the Java client of Kafka 4.3 has it (KIP-1050).

use ottla_protocol::api::ErrorCode;

use super::machine::Request;
use crate::error::Error;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Init,
    AddPartitions,
    AddOffsets,
    CommitOffsets,
    End,
}

impl Step {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Init(_) => Self::Init,
            Request::AddPartitions(..) => Self::AddPartitions,
            Request::AddOffsets(..) => Self::AddOffsets,
            Request::CommitOffsets(..) => Self::CommitOffsets,
            Request::End(..) => Self::End,
        }
    }
}

/// What follows; the worst is last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Fine,
    /// It passes: the same again, after a while.
    Again,
    /// The transaction must be aborted; the producer goes on after that.
    Broken,
    /// The producer can do no more.
    Fatal,
    /// Another producer has taken over the transactional id.
    Fenced,
}

pub(super) fn verdict(step: Step, code: ErrorCode) -> Verdict {
    match code {
        ErrorCode::NONE => Verdict::Fine,
        // Another partition has the reason.
        ErrorCode::OPERATION_NOT_ATTEMPTED if step == Step::AddPartitions => Verdict::Fine,
        ErrorCode::PRODUCER_FENCED | ErrorCode::INVALID_PRODUCER_EPOCH => Verdict::Fenced,
        ErrorCode::TRANSACTION_ABORTABLE
        | ErrorCode::GROUP_AUTHORIZATION_FAILED
        | ErrorCode::TOPIC_AUTHORIZATION_FAILED
        | ErrorCode::FENCED_INSTANCE_ID
        | ErrorCode::UNKNOWN_MEMBER_ID
        | ErrorCode::ILLEGAL_GENERATION
        | ErrorCode::STALE_MEMBER_EPOCH => Verdict::Broken,
        // The coordinator has forgotten the producer, which the next epoch heals (KIP-360).
        ErrorCode::UNKNOWN_PRODUCER_ID | ErrorCode::INVALID_PRODUCER_ID_MAPPING if step != Step::Init => {
            Verdict::Broken
        }
        ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED | ErrorCode::INVALID_TXN_STATE => Verdict::Fatal,
        code if code.is_retriable() => Verdict::Again,
        _ if step == Step::AddPartitions => Verdict::Broken,
        _ => Verdict::Fatal,
    }
}

/// What the failure of a batch means for its transaction. An old epoch that a partition's leader refuses is no
/// proof of another producer: the coordinator is asked when the transaction is aborted.
pub(super) fn verdict_of_batch(error: &Error) -> Verdict {
    let Error::Rejected { code, .. } = error else { return Verdict::Broken };
    match *code {
        ErrorCode::PRODUCER_FENCED => Verdict::Fenced,
        ErrorCode::CLUSTER_AUTHORIZATION_FAILED
        | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        | ErrorCode::INVALID_PRODUCER_ID_MAPPING
        | ErrorCode::UNSUPPORTED_VERSION => Verdict::Fatal,
        _ => Verdict::Broken,
    }
}
