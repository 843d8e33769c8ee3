//! Bugs that are there on purpose, to show that the model test would find them.
//!
//! A normal build has none: [`is`] is `false` there, and what depends on it goes. `cargo xtask planted`
//! builds with `--cfg ottla_planted`, names one bug after the other, and wants `tests/histories` to fail with each.

/// Whether this bug is planted.
#[cfg(not(ottla_planted))]
pub(crate) const fn is(_bug: &str) -> bool {
    false
}

#[cfg(ottla_planted)]
static PLANTED: std::sync::OnceLock<String> = std::sync::OnceLock::new();

#[cfg(ottla_planted)]
pub(crate) fn is(bug: &str) -> bool {
    PLANTED.get().is_some_and(|planted| planted == bug)
}

/// Plants one bug, for as long as the process lives.
#[cfg(ottla_planted)]
pub fn plant(bug: String) {
    PLANTED.get_or_init(|| bug);
}
