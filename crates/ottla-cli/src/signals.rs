//! SIGTERM and SIGINT: the first asks to stop, the second does not ask.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Exit code after a second signal: 128 and the number of SIGTERM, as a shell would report it.
const AT_ONCE: i32 = 143;

/// Both signals, received from when this is made.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Receives both from now on, instead of being ended by them.
    pub(crate) fn receive() -> Result<Self, Failure> {
        let receive = |kind| signal(kind).map_err(Failure::Signals);
        Ok(Self {
            terminate: receive(SignalKind::terminate())?,
            interrupt: receive(SignalKind::interrupt())?,
        })
    }

    /// The next of either.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Ends the process at the next signal, whatever it is doing.
    pub(crate) fn end_at_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(AT_ONCE);
        });
    }
}
