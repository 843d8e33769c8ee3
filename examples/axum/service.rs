//! The service: what is asked over HTTP, and what it does with the broker.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use ottla::Server;
use ottla::client::{NewTopic, TopicPartition};
use ottla::consumer::{self, Consumer, Start};
use ottla::producer::{self, Producer};
use ottla::protocol::ErrorCode;
use tokio::task::JoinHandle;

use crate::Outcome;
use crate::ledger::Ledger;

/// Where orders are kept.
pub(crate) const TOPIC: &str = "orders";

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    producer: Producer,
    ledger: Arc<Ledger>,
}

/// A service that runs.
pub(crate) struct Service {
    shared: Shared,
    consumer: Consumer,
    reading: JoinHandle<Outcome>,
}

impl Service {
    /// Makes the topic if it is not there, and reads what it has.
    pub(crate) async fn start(broker: &Server) -> Outcome<Self> {
        let mut config = producer::Config::new(broker.bootstrap());
        config.client = config.client.with_connector(broker.connector());
        // The broker is in this process: its clients reach it without a socket.
        config.client.bootstrap_servers = vec![broker.in_process_address().to_string()];
        let producer = Producer::new(config.clone()).await?;
        match producer.client().admin().create_topic(NewTopic::new(TOPIC).with_partitions(1)).await {
            Err(error) if error.code() != Some(ErrorCode::TOPIC_ALREADY_EXISTS) => return Err(error.into()),
            _ => {}
        }
        let mut reader = consumer::Config::new(broker.bootstrap());
        reader.client = config.client;
        let consumer = Consumer::new(reader).await?;
        consumer.assign([TopicPartition::new(TOPIC, 0)], Start::Earliest);
        let ledger = Arc::new(Ledger::default());
        let reading = tokio::spawn(read(consumer.clone(), Arc::clone(&ledger)));
        Ok(Self { shared: Shared { producer, ledger }, consumer, reading })
    }

    /// What it answers to.
    pub(crate) fn routes(&self) -> Router {
        Router::new().route("/orders/{id}", post(take).get(show)).with_state(self.shared.clone())
    }

    /// Writes what is on its way, and stops reading.
    pub(crate) async fn stop(self) -> Outcome {
        self.shared.producer.close().await;
        self.consumer.close().await;
        self.reading.await?
    }
}

/// Keeps the table as the topic is.
async fn read(consumer: Consumer, ledger: Arc<Ledger>) -> Outcome {
    loop {
        let batch = match consumer.next_batch().await {
            Ok(batch) => batch,
            Err(consumer::Error::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for record in &batch {
            let record = record?;
            ledger.take(record.offset, record.key.unwrap_or_default(), record.value.unwrap_or_default());
        }
    }
}

/// `POST /orders/{id}`: answered once the order is on stable storage, and in the table.
async fn take(State(shared): State<Shared>, Path(id): Path<String>, amount: String) -> (StatusCode, String) {
    if amount.parse::<f64>().is_err() {
        return (StatusCode::BAD_REQUEST, "expected an amount\n".to_owned());
    }
    match shared.producer.send(TOPIC, &id, &amount).await {
        Ok(written) => {
            let offset = written.offset.map_or(0, |offset| offset.0);
            shared.ledger.has_read(offset).await;
            (StatusCode::CREATED, format!("{id} is record {offset}\n"))
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

/// `GET /orders/{id}`.
async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> (StatusCode, String) {
    match shared.ledger.amount(&id) {
        Some(amount) => (StatusCode::OK, format!("{amount}\n")),
        None => (StatusCode::NOT_FOUND, format!("no order {id}\n")),
    }
}
