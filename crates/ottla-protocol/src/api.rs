//! The numbers that Kafka gives to APIs and errors.
//!
//! The messages of an API are in [`crate::messages`].

mod error_code;
mod key;

pub use self::error_code::ErrorCode;
pub use self::key::ApiKey;
