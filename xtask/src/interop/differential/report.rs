//! What was seen of a play, and what is said of it in the end.

use super::meant::{LEFT_OUT, MEANT};
use crate::outcome::Outcome;
use std::collections::BTreeMap;

/// What was seen of one play or several.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How often an API was asked.
    asked: BTreeMap<String, usize>,
    /// How often a difference that is meant was met, by its place in the list.
    met: BTreeMap<usize, usize>,
    /// Differences that are not meant.
    pub(super) wrong: Vec<String>,
}

impl Seen {
    /// One request to this API goes out.
    pub(super) fn asks(&mut self, api: &str) {
        match self.asked.get_mut(api) {
            Some(count) => *count += 1,
            None => drop(self.asked.insert(api.to_owned(), 1)),
        }
    }

    /// A difference that is meant has come up.
    pub(super) fn meets(&mut self, place: usize) {
        *self.met.entry(place).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: Self) {
        for (api, count) in other.asked {
            *self.asked.entry(api).or_default() += count;
        }
        for (place, count) in other.met {
            *self.met.entry(place).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }

    fn requests(&self) -> usize {
        self.asked.values().sum()
    }

    /// Prints what was asked and what differed on purpose, and fails with what differed without. With `all`, a
    /// difference that is listed and was not met is wrong too, unless it is seldom met.
    pub(super) fn report(mut self, all: bool) -> Outcome {
        let asked: Vec<_> = self.asked.iter().map(|(api, count)| format!("{api} {count}")).collect();
        println!("{} generated requests: {}", self.requests(), asked.join(", "));
        for (place, meant) in MEANT.iter().enumerate() {
            let count = self.met.get(&place).copied().unwrap_or_default();
            println!("{count:>5} times on purpose: {meant}");
            if all && count == 0 && !meant.is_seldom() {
                self.wrong.push(format!("listed, but it did not come up: {meant}"));
            }
        }
        for (what, why) in LEFT_OUT {
            println!("not asked: {what}: {why}");
        }
        if self.wrong.is_empty() {
            println!("{} generated requests: the answers agree", self.requests());
            return Ok(());
        }
        Err(format!("{}\n{} answers differ", self.wrong.join("\n"), self.wrong.len()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen with every difference that is listed met once.
    fn all_met() -> Seen {
        let mut seen = Seen::default();
        (0..MEANT.len()).for_each(|place| seen.meets(place));
        seen
    }

    #[test]
    fn a_listed_difference_that_does_not_come_up_is_told() {
        assert!(all_met().report(true).is_ok());
        let place = MEANT.iter().position(|meant| !meant.is_seldom()).unwrap();
        let mut seen = all_met();
        seen.met.remove(&place);
        let said = seen.report(true).unwrap_err().to_string();
        assert!(said.contains("did not come up") && said.contains(&MEANT[place].to_string()), "{said}");
        assert!(Seen::default().report(false).is_ok(), "one seed alone need not meet all");
    }

    #[test]
    fn a_difference_that_is_not_meant_fails_whatever_else_agrees() {
        let mut seen = all_met();
        let mut other = Seen::default();
        other.wrong.push("request 7: Fetch".to_owned());
        seen.add(other);
        let said = seen.report(true).unwrap_err().to_string();
        assert_eq!(said, "request 7: Fetch\n1 answers differ");
    }
}
