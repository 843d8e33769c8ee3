//! The seams that every ottla crate shares: wall clock, random seeds and spawning, handed in instead of reached for.
