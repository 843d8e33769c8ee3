//! Moves a million records through a broker in this process.

fn main() {}
