//! Bare connections of our transport: to make a topic, to wait for a broker, and for load at a pace.
//! Load that goes as fast as the broker answers is in `in_flight` and `prepared`.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hdrhistogram::Histogram;
use ottla_protocol::ErrorCode;
use ottla_protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use ottla_protocol::messages::produce::{
    PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData,
};
use ottla_protocol::records::{BatchBuilder, BatchOptions};
use ottla_protocol::wire::Str;
use ottla_transport::{Address, ClientConnection, ClientConnectionConfig, Connector, TcpConnector};
use tokio::task::JoinSet;

use crate::{Figures, Load, env, micros, payload, rates};

/// How long `first-ack` waits for a broker.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between its attempts to connect.
const RETRY: Duration = Duration::from_micros(500);
/// The newest versions that name topics by name, which every broker since Kafka 4.0 serves.
const CREATE_TOPICS_VERSION: i16 = 7;
pub(crate) const PRODUCE_VERSION: i16 = 11;

/// A bare connection.
pub(crate) async fn connect(load: &Load) -> Result<ClientConnection, Box<dyn Error + Send + Sync>> {
    connect_with(load, ClientConnectionConfig::default().with_client_id("load")).await
}

/// A bare connection with settings of its own.
pub(crate) async fn connect_with(
    load: &Load,
    config: ClientConnectionConfig,
) -> Result<ClientConnection, Box<dyn Error + Send + Sync>> {
    let address: Address = load.bootstrap.parse()?;
    let stream = TcpConnector.connect(&address).await?;
    Ok(ClientConnection::new(stream, config, &env()))
}

/// The topics that a load is spread over: the one that is named or, where there are several, that name with a number each.
pub(crate) fn topics(load: &Load) -> impl Iterator<Item = Str> {
    let name = |number| match load.topics {
        1 => Str::from(load.topic.as_str()),
        _ => Str::from(format!("{}-{number}", load.topic)),
    };
    (0..load.topics).map(name)
}

/// Creates the topics, with the broker's defaults.
pub(crate) async fn create_topic(load: &Load) -> Figures {
    let start = Instant::now();
    let connection = connect(load).await?;
    for topic in topics(load) {
        create(&connection, topic, load.partitions).await?;
    }
    Ok(format!("topic={} topics={} seconds={:.3}", load.topic, load.topics, start.elapsed().as_secs_f64()))
}

async fn create(
    connection: &ClientConnection,
    name: Str,
    partitions: i32,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let topic = CreatableTopic::default()
        .with_name(name.clone())
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000);
    let response = connection.call(&request, CREATE_TOPICS_VERSION).await?;
    match response.topics.first() {
        Some(topic) if topic.error_code == ErrorCode::NONE => Ok(()),
        answer => Err(format!("creating {name}: {answer:?}").into()),
    }
}

/// Tries to connect until a broker is there, then creates the topic and produces one record.
pub(crate) async fn first_ack(load: &Load) -> Figures {
    let start = Instant::now();
    let connection = loop {
        match connect(load).await {
            Ok(connection) => break connection,
            Err(error) if start.elapsed() > PATIENCE => return Err(error),
            Err(_) => tokio::time::sleep(RETRY).await,
        }
    };
    create(&connection, Str::from(load.topic.as_str()), load.partitions).await?;
    warm_up(&connection, &one_record(&load.topic, 0, load.size)?).await?;
    Ok(format!("unix_us={}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros()))
}

/// One record a request at a pace, and on each connection one request at a time.
pub(crate) async fn paced(load: &Load) -> Figures {
    let each = load.records / load.connections.max(1);
    let mut tasks = JoinSet::new();
    let mut connections = Vec::new();
    for number in 0..load.connections {
        let partition = i32::try_from(number % u64::from(load.partitions.unsigned_abs()))?;
        let (connection, request) = (connect(load).await?, one_record(&load.topic, partition, load.size)?);
        warm_up(&connection, &request).await?;
        connections.push((connection, request));
    }
    let start = Instant::now();
    let connected = u32::try_from(load.connections)?;
    let every = Duration::from_secs(1) * connected / load.rate.max(1);
    for (number, (connection, request)) in (0..).zip(connections) {
        // The connections take turns rather than sending all at once.
        let due = move |turn: u32| start + every * turn + every * number / connected;
        tasks.spawn(async move {
            let mut latencies = Histogram::<u64>::new(3)?;
            for turn in 0..u32::try_from(each)? {
                let sent = begun(due(turn)).await;
                produce(&connection, &request).await?;
                latencies.record(u64::try_from(sent.elapsed().as_nanos())?)?;
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(latencies)
        });
    }
    let mut latencies = Histogram::<u64>::new(3)?;
    while let Some(ended) = tasks.join_next().await {
        latencies.add(ended??)?;
    }
    let rates = rates(load, start.elapsed());
    let [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map(|quantile| micros(&latencies, quantile));
    Ok(format!("{rates} p50_us={p50:.1} p90_us={p90:.1} p99_us={p99:.1} p999_us={p999:.1}"))
}

/// When a request counts as sent: it waits until it is due, and counts from then if that is over already, since a late
/// answer makes the requests behind it late as well. The timer's own lateness does not count.
async fn begun(due: Instant) -> Instant {
    if due < Instant::now() {
        return due;
    }
    tokio::time::sleep_until(due.into()).await;
    Instant::now()
}

/// A request that produces one record of that size.
pub(crate) fn one_record(
    topic: &str,
    partition: i32,
    size: usize,
) -> Result<ProduceRequest, Box<dyn Error + Send + Sync>> {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    batch.try_append(0, None, Some(&payload(size)), &[])?;
    let records: Bytes = batch.build()?;
    let partition = PartitionProduceData::default().with_index(partition).with_records(Some(records.into()));
    let topic = TopicProduceData::default().with_name(Str::from(topic)).with_partition_data(vec![partition]);
    Ok(ProduceRequest::default().with_acks(-1).with_timeout_ms(30_000).with_topic_data(vec![topic]))
}

/// Produces until it is acknowledged: a topic that was just created may not have its leaders yet.
async fn warm_up(
    connection: &ClientConnection,
    request: &ProduceRequest,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let start = Instant::now();
    while let Err(error) = produce(connection, request).await {
        if start.elapsed() > PATIENCE {
            return Err(error);
        }
        tokio::time::sleep(RETRY).await;
    }
    Ok(())
}

async fn produce(
    connection: &ClientConnection,
    request: &ProduceRequest,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    match answered(&connection.call(request, PRODUCE_VERSION).await?)? {
        ErrorCode::NONE => Ok(()),
        code => Err(format!("produce: {code}").into()),
    }
}

/// What a broker said of the one partition that was produced to.
pub(crate) fn answered(response: &ProduceResponse) -> Result<ErrorCode, Box<dyn Error + Send + Sync>> {
    let answer = response.responses.first().and_then(|topic| topic.partition_responses.first());
    Ok(answer.ok_or("the answer to a produce names no partition")?.error_code)
}
