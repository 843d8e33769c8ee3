//! A broker, the load on it, and the ledger of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla::client::Client;
use tokio::time::{sleep, timeout};

use crate::broker::Broker;
use crate::ledger::{Figures, Ledger};
use crate::load::{self, Load, Plan};
use crate::{Failure, PATIENCE, verify};

pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) client: Client,
    load: Option<Load>,
}

impl World {
    /// Starts the broker, makes the topics and begins with the load.
    pub(crate) async fn start(mut broker: Broker, plan: Plan) -> Result<Self, Failure> {
        broker.start().await?;
        let address = broker.address();
        let ledger = Arc::new(Ledger::default());
        let client = Client::connect(load::client_config(&address)).await?;
        load::make_topics(&client, &ledger).await?;
        let load = Some(Load::start(&address, &client, &ledger, plan));
        Ok(Self { broker, ledger, client, load })
    }

    /// Waits until so many more records are acknowledged, and commits with them.
    pub(crate) async fn goes_on(&self, records: u64) -> Result<(), Failure> {
        let before = self.ledger.figures();
        let began = Instant::now();
        loop {
            let now = self.ledger.figures();
            if now.acknowledged >= before.acknowledged + records && now.commits > before.commits {
                return self.is_well();
            }
            if began.elapsed() > PATIENCE {
                return Err(format!(
                    "the load is stuck: {before:?}, and then {now:?}\n{}",
                    self.broker.words()
                )
                .into());
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Fails with what the ledger found.
    pub(crate) fn is_well(&self) -> Result<(), Failure> {
        let problems = self.ledger.problems();
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
    }

    /// Asks for what is quickly asked.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        let asked = timeout(PATIENCE, verify::bounds(&self.client, &self.ledger)).await;
        asked.map_err(|_| "the broker does not answer")??;
        self.is_well()
    }

    /// Reads everything.
    pub(crate) async fn read_all(&self, is_calm: bool) -> Result<u64, Failure> {
        let address = self.broker.address();
        let count = verify::records(&address, &self.client, &self.ledger, is_calm).await?;
        self.is_well()?;
        Ok(count)
    }

    /// Ends the load, and the broker well; all must be there before it stops, and when it is back.
    pub(crate) async fn finish(mut self) -> Result<Figures, Failure> {
        if let Some(load) = self.load.take() {
            load.end().await?;
        }
        self.check().await?;
        self.read_all(true).await?;
        self.broker.stop().await?;
        self.broker.start().await?;
        self.check().await?;
        self.read_all(true).await?;
        self.broker.stop().await?;
        Ok(self.ledger.figures())
    }
}
