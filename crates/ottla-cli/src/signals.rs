//! SIGTERM and SIGINT: the first asks to stop, the second does not ask.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// Exit code after a second signal: 128 and the number of SIGTERM, as a shell would report it.
const AT_ONCE: i32 = 143;

/// What comes so soon after the first signal is the first: `timeout` sends its own to the process, and to its group.
const SAME: Duration = Duration::from_millis(500);

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
        tokio::spawn(async move { self.end().await });
    }

    async fn end(&mut self) {
        let once_more = async {
            loop {
                self.next().await;
            }
        };
        let _ = tokio::time::timeout(SAME, once_more).await;
        self.next().await;
        std::process::exit(AT_ONCE);
    }

    /// Hears them in the background: the first asks to stop, the second ends the process.
    pub(crate) fn ask(mut self) -> Stop {
        let (ask, asked) = watch::channel(false);
        tokio::spawn(async move {
            self.next().await;
            ask.send_replace(true);
            self.end().await;
        });
        Stop { asked }
    }
}

/// Whether a signal has asked to stop.
#[derive(Clone)]
pub(crate) struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// Waits until it has.
    pub(crate) async fn asked(&mut self) {
        // Whoever asks is there as long as the process.
        let _ = self.asked.wait_for(|asked| *asked).await;
    }

    /// Whether it has by now.
    pub(crate) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }
}
