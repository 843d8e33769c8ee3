//! Consumer groups among the clients of a world: members that join, leave, die, stall and come back.
//!
//! [`plan`] draws who takes part, [`member`] is one member through its lives, [`raw`] one that repeats, loses and
//! reorders its requests, [`raw_assigned`] the same where the coordinator assigns, [`audit`] asks what is committed and who owns what.

pub(crate) mod audit;
pub(crate) mod member;
pub(crate) mod plan;
pub(crate) mod raw;
pub(crate) mod raw_assigned;
