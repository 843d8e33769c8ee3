//! `ottla serve`: a broker until it is told to stop.

use std::io::Write;
use std::path::PathBuf;

use ottla::transport::Address;
use ottla::{Endpoint, Server};

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

/// One line per listener on standard output: whoever started this waits for them.
fn announce(server: &Server) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    for listening in server.listening() {
        writeln!(output, "ottla listening on {}", listening.bound)?;
    }
    output.flush()
}
