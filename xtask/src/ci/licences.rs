//! Licences, sources, bans and advisories of every dependency, by `cargo deny` and `deny.toml`.

use super::{Reason, Verdict, missing};
use crate::journal::{Journal, cargo, is_installed};
use crate::outcome::Outcome;
use crate::workspace;

/// Checks what needs no network, and then the advisories, whose database has to be fetched.
pub(super) fn check(log: &Journal) -> Outcome<Verdict> {
    if !is_installed(&workspace::cargo(), &["deny", "--version"]) {
        return missing("cargo-deny is not installed (cargo install --locked cargo-deny)");
    }
    log.run(&mut cargo(&["deny", "--all-features", "--locked", "check", "bans", "licenses", "sources"]))?;
    let advisories = log.run(&mut cargo(&["deny", "--all-features", "--locked", "check", "advisories"]));
    match advisories {
        Ok(()) => Ok(Verdict::Passed),
        Err(_) if log.text().contains("failed to fetch advisory database") => {
            Ok(Verdict::Skipped(Reason::Toolchain(
                "advisories not checked, their database cannot be fetched from here".to_owned(),
            )))
        }
        Err(failure) => Err(failure),
    }
}
