//! The group coordinator: groups of consumers, as records of `__consumer_offsets`.
//!
//! How members come and go is decided in [`classic`], which knows neither log nor clock.

#[expect(dead_code, reason = "no request comes here yet")]
pub(crate) mod classic;
#[expect(dead_code, reason = "no record is written or read yet")]
pub(crate) mod record;
