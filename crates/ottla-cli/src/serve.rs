//! `ottla serve`: a broker until it is told to stop.

use std::io::Write;
use std::path::PathBuf;

use ottla::transport::Address;
use ottla::{Endpoint, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::settings;
use crate::signals::Signals;

/// Where the data is when nobody says.
const DATA: &str = "./ottla-data";

/// Port to listen on when nobody says, on the loopback address alone.
const PORT: u16 = 9092;

pub(crate) async fn run(words: Serve) -> Result<(), Failure> {
    // From here on a signal stops what was started, instead of ending it half way.
    let mut signals = Signals::receive()?;
    let config = settings::read(words.config.as_deref(), &words.set)?;
    raise_descriptor_limit();

    let mut builder = Server::builder();
    if words.memory {
        builder = builder.in_memory();
    } else if let Some(folder) = words.data {
        builder = builder.data(folder);
    } else if config.given("log.dirs").or_else(|| config.given("log.dir")).is_none() {
        builder = builder.data(PathBuf::from(DATA));
    }
    if words.listen.is_empty() && config.given("listeners").is_none() {
        builder = builder.listen(Endpoint::new(Address::Tcp("127.0.0.1".to_owned(), PORT)));
    }
    for endpoint in words.listen {
        builder = builder.listen(endpoint);
    }
    for endpoint in words.advertise {
        builder = builder.advertise(endpoint);
    }

    let server = builder.config(config).network_threads(crate::cores()).start().await?;
    announce(&server).map_err(Failure::Output)?;
    signals.next().await;
    tracing::info!("stopping; a second signal stops at once");
    signals.end_at_next();
    server.shutdown().await?;
    Ok(())
}

/// Takes as many descriptors as the process may have. A partition that was written keeps one and a connection another, and what a
/// shell gives at first is meant for programs that read a file or two.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, ?limit, "the limit of open files stays as it is");
    }
}

/// One line per listener on standard output: whoever started this waits for them.
fn announce(server: &Server) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    for listening in server.listening() {
        writeln!(output, "ottla listening on {}", listening.bound)?;
    }
    output.flush()
}
