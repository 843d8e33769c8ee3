//! The README's account of what was played: clients by features, mixed groups, and Kafka's tools.
//!
//! It says what ran in this run, and nothing else: a cell stands for a case that passed, failed, or cannot be
//! expressed by the client, with the reason in a note below.

use super::families::Family;
use super::rows::Row;
use super::{consumer_groups, exactly_once, matrix, mixed, tools};
use crate::brokers::Kind;
use crate::outcome::Outcome;
use crate::workspace;
use std::collections::BTreeMap;
use std::fs;

/// What surrounds the account in the README.
const BEGIN: &str = "<!-- cargo xtask interop --write: begin -->\n";
const END: &str = "<!-- cargo xtask interop --write: end -->\n";

/// What a cell says of its case.
const YES: &str = "yes";
const NO: &str = "**no**";
const NOT_RUN: &str = "not run";

/// The cases that were played, by name.
pub(super) struct Account<'a> {
    passed: BTreeMap<&'a str, bool>,
    notes: Vec<&'static str>,
    text: String,
}

impl<'a> Account<'a> {
    /// Nothing is told yet.
    pub(super) fn new(rows: &'a [Row]) -> Self {
        let passed = rows.iter().map(|row| (row.name.as_str(), row.passed())).collect();
        Self { passed, notes: Vec::new(), text: String::new() }
    }

    fn cell(&self, name: &str) -> &'static str {
        match self.passed.get(name) {
            Some(true) => YES,
            Some(false) => NO,
            None => NOT_RUN,
        }
    }

    /// The table of clients by features; a client is a family and its version.
    pub(super) fn clients(&mut self, title: &str, kind: Kind, clients: &[(&Family, String)]) {
        self.text.push_str(&format!("| {title} |"));
        for column in matrix::columns() {
            self.text.push_str(&format!(" {column} |"));
        }
        self.text.push_str(&format!("\n|---|{}\n", "---|".repeat(matrix::columns().count())));
        for (family, version) in clients {
            self.text.push_str(&format!("| {} {version} |", family.name));
            for column in matrix::columns() {
                let cell = match family.lack(column) {
                    Some(reason) => format!("n/a [{}]", self.note(reason)),
                    None => self.cell(&matrix::name(kind, family, column)).to_owned(),
                };
                self.text.push_str(&format!(" {cell} |"));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// The number of a note below the tables.
    fn note(&mut self, reason: &'static str) -> usize {
        if let Some(at) = self.notes.iter().position(|note| *note == reason) {
            return at + 1;
        }
        self.notes.push(reason);
        self.notes.len()
    }

    /// The table of mixed groups: assignors, who shares them, and how that went.
    pub(super) fn mixed(&mut self, kinds: &[(Kind, &str)]) {
        self.text.push_str("| members of one group | assignor |");
        for (_, name) in kinds {
            self.text.push_str(&format!(" on {name} |"));
        }
        self.text.push_str(&format!("\n|---|---|{}\n", "---|".repeat(kinds.len())));
        for assignor in mixed::ASSIGNORS {
            let names: Vec<&str> = mixed::members(assignor).map(|family| family.name).collect();
            self.text.push_str(&format!("| {} | {assignor} |", names.join(", ")));
            for (kind, _) in kinds {
                self.text.push_str(&format!(" {} |", self.cell(&matrix::mixed_name(*kind, assignor))));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// The table of clients by what they do exactly once; a client is a family and its version.
    pub(super) fn exactly_once(&mut self, title: &str, kind: Kind, clients: &[(&Family, String)]) {
        self.lives(title, &exactly_once::FEATURES, clients, |family, feature| {
            exactly_once::name(kind, family, feature)
        });
    }

    /// The table of clients by what their groups of the new protocol go through.
    pub(super) fn consumer_groups(&mut self, title: &str, kind: Kind, clients: &[(&Family, String)]) {
        let columns: Vec<&str> = consumer_groups::columns().collect();
        self.lives(title, &columns, clients, |family, feature| consumer_groups::name(kind, family, feature));
    }

    /// A line for each client, a cell for each case of it.
    fn lives(
        &mut self,
        title: &str,
        columns: &[&str],
        clients: &[(&Family, String)],
        case: impl Fn(&Family, &str) -> String,
    ) {
        self.text.push_str(&format!("| {title} | {} |\n", columns.join(" | ")));
        self.text.push_str(&format!("|---|{}\n", "---|".repeat(columns.len())));
        for (family, version) in clients {
            self.text.push_str(&format!("| {} {version} |", family.name));
            for column in columns {
                let cell = match family.lack(column) {
                    Some(reason) => format!("n/a [{}]", self.note(reason)),
                    None => self.cell(&case(family, column)).to_owned(),
                };
                self.text.push_str(&format!(" {cell} |"));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// The table of Kafka's tools by what they were asked to do.
    pub(super) fn tools(&mut self, title: &str, kind: Kind) {
        self.text.push_str(&format!("| {title} | {} |\n", tools::COLUMNS.join(" | ")));
        self.text.push_str(&format!("|---|{}\n", "---|".repeat(tools::COLUMNS.len())));
        for tool in tools::TOOLS {
            self.text.push_str(&format!("| {} |", tool.name));
            for cell in tool.cells {
                let cell = match cell {
                    tools::Cell::Lacks(reason) => format!("n/a [{}]", self.note(reason)),
                    tools::Cell::Cases(names) => self.cell_of_all(kind, names).to_owned(),
                };
                self.text.push_str(&format!(" {cell} |"));
            }
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    /// What a cell says that stands for several cases: the worst that became of one.
    fn cell_of_all(&self, kind: Kind, names: &[&str]) -> &'static str {
        let cells: Vec<&str> =
            names.iter().map(|name| self.cell(&format!("{}: {name}", kind.name()))).collect();
        match cells {
            _ if cells.contains(&NO) => NO,
            _ if cells.contains(&NOT_RUN) => NOT_RUN,
            _ => YES,
        }
    }

    /// How many of the other cases of a broker passed, and which failed.
    pub(super) fn others(&mut self, kind: Kind, what: &str) {
        let begin = format!("{}: ", kind.name());
        let others: Vec<(&str, bool)> = self
            .passed
            .iter()
            .filter_map(|(name, passed)| Some((name.strip_prefix(&begin)?, *passed)))
            .filter(|(name, _)| !name.contains(": "))
            .collect();
        let failed: Vec<&str> = others.iter().filter(|(_, passed)| !passed).map(|(name, _)| *name).collect();
        let passed = others.len() - failed.len();
        self.text.push_str(&format!("{what}: {passed} of {} cases pass", others.len()));
        match failed.is_empty() {
            true => self.text.push_str(".\n\n"),
            false => self.text.push_str(&format!("; these do not: {}.\n\n", failed.join("; "))),
        }
    }

    /// All of it, with the notes.
    pub(super) fn end(mut self) -> String {
        for (number, note) in self.notes.iter().enumerate() {
            self.text.push_str(&format!("{}. {note}.\n", number + 1));
        }
        self.text
    }
}

/// Puts the account into the README, between its two marks.
pub(super) fn write(account: &str) -> Outcome {
    let path = workspace::root().join("README.md");
    let readme = fs::read_to_string(&path)?;
    Ok(fs::write(path, replaced(&readme, account)?)?)
}

fn replaced(readme: &str, account: &str) -> Outcome<String> {
    let (before, rest) = readme.split_once(BEGIN).ok_or("the README has no mark where the account begins")?;
    let (_, after) = rest.split_once(END).ok_or("the README has no mark where the account ends")?;
    Ok(format!("{before}{BEGIN}\n{account}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interop::environment::Program;

    const NOTE: &str = "it has no groups";

    fn family(name: &'static str, lacks: &'static [(&'static str, &'static str)]) -> Family {
        Family {
            name,
            program: Program::Ours,
            assignors: &[],
            assignor: "default",
            joins_in_turn: false,
            lacks,
        }
    }

    fn row(name: String, passed: bool) -> Row {
        Row::play(name, || if passed { Ok(()) } else { Err("it failed".into()) })
    }

    /// The cells of the line of a table that begins with this one.
    fn cells(text: &str, first: &str) -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_matches('|').split('|').map(str::trim));
        let mut lines = lines.map(|cells| cells.map(str::to_owned).collect::<Vec<_>>());
        lines.find(|cells| cells[0] == first).unwrap_or_else(|| panic!("no line {first} in:\n{text}"))
    }

    #[test]
    fn a_cell_says_how_its_own_case_ended() {
        let (one, other) = (family("one", &[]), family("other", &[]));
        let rows = [
            row(matrix::name(Kind::Ottla, &one, "gzip"), true),
            row(matrix::name(Kind::Ottla, &one, "lz4"), false),
            row(matrix::name(Kind::Kafka, &one, "zstd"), true),
            row(matrix::name(Kind::Ottla, &other, "zstd"), true),
        ];
        let mut account = Account::new(&rows);
        account.clients("client", Kind::Ottla, &[(&one, "1.2".to_owned())]);
        let text = account.end();
        let (heads, found) = (cells(&text, "client"), cells(&text, "one 1.2"));
        let cell = |head: &str| {
            let at = heads.iter().position(|found| found == head).expect("a column");
            found[at].as_str()
        };
        assert_eq!((cell("gzip"), cell("lz4"), cell("zstd")), ("yes", "**no**", "not run"));
    }

    #[test]
    fn every_line_of_a_table_has_a_cell_for_each_column() {
        let one = family("one", &[("restart", NOTE)]);
        let mut account = Account::new(&[]);
        account.clients("client", Kind::Ottla, &[(&one, "1".to_owned())]);
        let text = account.end();
        let columns = matrix::columns().count();
        let lines: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 3);
        for line in lines {
            assert_eq!(line.matches('|').count(), columns + 2, "{line}");
        }
    }

    #[test]
    fn what_is_done_exactly_once_has_a_line_for_each_client() {
        let one = family("one", &[]);
        let [two, _, killed] = exactly_once::FEATURES;
        let rows = [
            row(exactly_once::name(Kind::Ottla, &one, two), true),
            row(exactly_once::name(Kind::Ottla, &one, killed), false),
        ];
        let mut account = Account::new(&rows);
        account.exactly_once("exactly once", Kind::Ottla, &[(&one, "1.2".to_owned())]);
        assert_eq!(cells(&account.end(), "one 1.2")[1..], ["yes", "not run", "**no**"]);
    }

    #[test]
    fn what_a_client_cannot_express_has_its_reason_below_once() {
        let one = family("one", &[("group of 3", NOTE), ("one dies", NOTE), ("by key", "it has no keys")]);
        let other = family("other", &[("one leaves", NOTE)]);
        let passed = [row(matrix::name(Kind::Ottla, &one, "group of 3"), true)];
        let mut account = Account::new(&passed);
        account.clients("client", Kind::Ottla, &[(&one, "1".to_owned()), (&other, "2".to_owned())]);
        let text = account.end();
        let noted = |first: &str| {
            cells(&text, first).into_iter().filter(|cell| cell.starts_with("n/a")).collect::<Vec<_>>()
        };
        assert_eq!(noted("one 1"), ["n/a [1]", "n/a [2]", "n/a [2]"]);
        assert_eq!(noted("other 2"), ["n/a [2]"]);
        assert!(text.ends_with("\n1. it has no keys.\n2. it has no groups.\n"), "{text}");
    }

    #[test]
    fn a_mixed_group_names_its_members_and_has_a_cell_for_each_broker() {
        let rows = [
            row(matrix::mixed_name(Kind::Ottla, "sticky"), true),
            row(matrix::mixed_name(Kind::Kafka, "sticky"), false),
        ];
        let mut account = Account::new(&rows);
        account.mixed(&[(Kind::Ottla, "ottla"), (Kind::Kafka, "Kafka")]);
        let text = account.end();
        let members: Vec<&str> = mixed::members("sticky").map(|family| family.name).collect();
        assert!(members.len() > 1);
        let line = text.lines().find(|line| line.contains("| sticky |")).expect("a line");
        assert_eq!(line, format!("| {} | sticky | yes | **no** |", members.join(", ")));
    }

    #[test]
    fn a_cell_of_a_tool_is_as_good_as_the_worst_of_its_cases() {
        let name = |name: &str| format!("ottla: {name}");
        let rows = [row(name("one"), true), row(name("two"), true), row(name("three"), false)];
        let account = Account::new(&rows);
        let cell = |names: &[&str]| account.cell_of_all(Kind::Ottla, names);
        assert_eq!(cell(&["one", "two"]), YES);
        assert_eq!(cell(&["one", "not played", "two"]), NOT_RUN);
        assert_eq!(cell(&["three", "not played", "one"]), NO);
        assert_eq!(account.cell_of_all(Kind::Kafka, &["one"]), NOT_RUN);
    }

    #[test]
    fn the_table_of_tools_has_a_line_for_each_and_a_cell_for_each_column() {
        let mut account = Account::new(&[]);
        account.tools("tool", Kind::Ottla);
        let text = account.end();
        let lines: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 2 + tools::TOOLS.len());
        for line in &lines {
            assert_eq!(line.matches('|').count(), tools::COLUMNS.len() + 2, "{line}");
        }
        assert!(text.contains("\n1. "), "{text}");
    }

    #[test]
    fn every_case_that_the_table_of_tools_names_is_played() {
        let played = crate::interop::short_cases().chain(crate::interop::long_cases());
        let names: Vec<&str> = played.map(|case| case.name).collect();
        for tool in tools::TOOLS {
            for cell in tool.cells {
                let tools::Cell::Cases(cases) = cell else { continue };
                for case in cases {
                    assert!(names.contains(case), "{}: {case}", tool.name);
                }
            }
        }
    }

    #[test]
    fn other_cases_are_counted_for_their_broker_and_those_that_failed_are_named() {
        let rows = [
            row("ottla: kcat lists".to_owned(), true),
            row("ottla: kcat writes".to_owned(), false),
            row("ottla: sarama: gzip".to_owned(), false), // it has a cell of its own
            row("kafka: kcat reads".to_owned(), true),
        ];
        let mut account = Account::new(&rows);
        account.others(Kind::Ottla, "Against ottla");
        account.others(Kind::Kafka, "Against Kafka");
        let wanted = "Against ottla: 1 of 2 cases pass; these do not: kcat writes.\n\n\
                      Against Kafka: 1 of 1 cases pass.\n\n";
        assert_eq!(account.end(), wanted);
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let readme = format!("before\n{BEGIN}old\nlines\n{END}after\n");
        let once = replaced(&readme, "new\n").expect("both marks");
        assert_eq!(once, format!("before\n{BEGIN}\nnew\n{END}after\n"));
        assert_eq!(replaced(&once, "new\n").expect("both marks"), once);
    }

    #[test]
    fn a_readme_without_a_mark_is_left_alone() {
        assert!(replaced(END, "new").is_err());
        assert!(replaced(BEGIN, "new").is_err());
    }

    #[test]
    fn the_readme_of_the_workspace_has_both_marks() {
        let readme = fs::read_to_string(workspace::root().join("README.md")).expect("the README");
        assert!(replaced(&readme, "").is_ok());
    }
}
