//! `ottla cluster`: the words of it.

use clap::Args;

use super::{Cluster, Shown};

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Show which versions of which APIs each broker serves
    #[arg(long)]
    pub(crate) versions: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
}
