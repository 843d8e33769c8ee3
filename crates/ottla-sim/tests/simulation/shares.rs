//! Share groups among the clients of a world: members that acknowledge each record by itself, or do not (KIP-932).
//!
//! [`plan`] draws who takes part and under which terms, [`member`] is one member through its lives, [`session`] is what
//! it does on one connection, and [`audit`] asks how far groups are, and whether they come to the end.

pub(crate) mod audit;
pub(crate) mod member;
pub(crate) mod plan;
mod session;
