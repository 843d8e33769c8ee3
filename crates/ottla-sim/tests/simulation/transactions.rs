//! Transactions among the clients of a world: those who write in them, and those who read, write and commit what they
//! have read in one (consume, transform, produce).
//!
//! [`plan`] draws who takes part, [`worker`] is one transactional id through its lives, [`life`] one of its producers,
//! [`transform`] what one does that reads as well, and [`audit`] asks whether all is over and is there once.

pub(crate) mod audit;
mod life;
pub(crate) mod plan;
mod transform;
pub(crate) mod worker;
