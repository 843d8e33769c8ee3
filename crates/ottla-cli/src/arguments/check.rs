//! `ottla check`: the words of it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Shown;

const CHECK: &str = "\
A history is a text of one JSON object a line: who sent what, what came of it, what was read where.
  {\"at\":10,\"type\":\"send\",\"op\":1,\"who\":\"p\",\"topic\":\"orders\",\"partition\":0,\"value\":\"o-17\"}
  {\"at\":25,\"type\":\"ok\",\"op\":1,\"offset\":0}
  {\"at\":40,\"type\":\"poll\",\"who\":\"r\",\"topic\":\"orders\",\"partition\":0,\"records\":[{\"offset\":0,\"value\":\"o-17\"}]}
The documentation of the crate ottla-check has every type of event, and what is found.

Exit codes: 0 if nothing is wrong; 1 if something is, or the file is no history.";

/// `ottla check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK)]
pub(crate) struct Check {
    /// The history; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) shown: Shown,
}
