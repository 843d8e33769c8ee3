//! A web service with its own broker inside: orders come in over HTTP, are kept in a topic, and are looked up
//! in a table that a consumer builds from it.
//!
//! `cargo run --release --example axum` starts it on a free port, tries it, stops it, starts it again on the
//! same folder and finds the orders still there. With `-- --serve` it goes on until it is interrupted:
//! `curl -d 17.50 localhost:PORT/orders/o-1`, `curl localhost:PORT/orders/o-1`; the broker has a port too,
//! so that `kcat -b HOST:PORT -t orders` looks over its shoulder.

mod check;
mod ledger;
mod service;

use std::error::Error;
use std::path::Path;

use clap::Parser;
use ottla::Server;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use service::Service;

/// A web service with its own broker inside.
#[derive(Debug, Parser)]
struct Arguments {
    /// Serve until interrupted, instead of trying it and ending
    #[arg(long)]
    serve: bool,
}

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    if Arguments::parse().serve {
        let (_stop, stopped) = oneshot::channel();
        return live(folder.path(), None, stopped).await;
    }
    tried(folder.path(), check::take_orders).await?;
    tried(folder.path(), check::find_orders_again).await?;
    println!("the orders outlived the service");
    Ok(())
}

/// One life of the service, in which somebody tries it.
async fn tried<F: Future<Output = Outcome>>(folder: &Path, attempt: impl FnOnce(String) -> F) -> Outcome {
    let (stop, stopped) = oneshot::channel();
    let (ready, is_ready) = oneshot::channel();
    let attempt = async {
        let outcome = attempt(is_ready.await?).await;
        // The service stops whatever came of it.
        let _ = stop.send(());
        outcome
    };
    let (lived, attempted) = tokio::join!(live(folder, Some(ready), stopped), attempt);
    lived.and(attempted)
}

/// One life of the service: broker, table and web server, and their end in the right order.
async fn live(
    folder: &Path,
    ready: Option<oneshot::Sender<String>>,
    stopped: oneshot::Receiver<()>,
) -> Outcome {
    let broker = Server::builder().data(folder).listen("127.0.0.1:0".parse()?).start().await?;
    let service = Service::start(&broker).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving http://{address}, with a broker at {}", broker.bootstrap());
    if let Some(ready) = ready {
        let _ = ready.send(address.to_string());
    }
    let stop = async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => {}
            Ok(()) = stopped => {}
        }
    };
    axum::serve(listener, service.routes()).with_graceful_shutdown(stop).await?;
    // Nobody asks any more: what is on its way is written, and then the broker closes its folder.
    service.stop().await?;
    broker.shutdown().await?;
    Ok(())
}
