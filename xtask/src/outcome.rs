//! How a task ends: well, or with a sentence that says what went wrong.

/// Why a task failed. Tasks are read by people, so an error is its message.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a task, or a step of one, returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;
