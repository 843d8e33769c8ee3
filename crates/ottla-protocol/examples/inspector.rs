//! A frame inspector: what two programs say to each other in Kafka's protocol, message by message.
//!
//! `cargo run --release --example inspector` looks on at a conversation that it makes up, cut into odd pieces as
//! networks cut, and checks that it understood all of it. It knows neither sockets nor time: whoever has the
//! bytes of a connection, a proxy or a capture, hands them to [`Inspector::client_said`] and
//! [`Inspector::broker_said`] as they come.

use std::collections::VecDeque;
use std::error::Error;

use bytes::Bytes;
use ottla_protocol::frame::{self, FrameDecoder};
use ottla_protocol::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use ottla_protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, PartitionData,
};
use ottla_protocol::messages::produce::{
    PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData,
};
use ottla_protocol::messages::{RequestBody, ResponseBody, decode_request_body};
use ottla_protocol::records::{Batch, BatchBuilder, BatchOptions, TimestampType};
use ottla_protocol::wire::{Chunk, DecodeLimits, NoFile};
use ottla_protocol::{ApiKey, Request, header};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The largest frame that is believed in.
const FRAME_BYTES_MAX: usize = 100 << 20;

/// Looks on at one connection.
struct Inspector {
    from_client: FrameDecoder,
    from_broker: FrameDecoder,
    /// Requests without an answer yet. Brokers answer in order, and an answer does not say what it answers.
    waiting: VecDeque<(ApiKey, i16, i32)>,
    limits: DecodeLimits,
    requests: usize,
    responses: usize,
    records: usize,
}

impl Inspector {
    fn new() -> Self {
        Self {
            from_client: FrameDecoder::new(FRAME_BYTES_MAX),
            from_broker: FrameDecoder::new(FRAME_BYTES_MAX),
            waiting: VecDeque::new(),
            limits: DecodeLimits::DEFAULT,
            requests: 0,
            responses: 0,
            records: 0,
        }
    }

    /// Takes in what the client sent, however it was cut.
    fn client_said(&mut self, bytes: &[u8]) -> Outcome {
        self.from_client.read_buf().extend_from_slice(bytes);
        while let Some(frame) = self.from_client.next_frame()? {
            let (header, body) = header::decode_request(frame, &self.limits)?;
            let request = decode_request_body(&header, &body, &self.limits)?;
            let api = request.api_key();
            self.requests += 1;
            println!(
                "-> {api} v{} #{} from {:?}",
                header.api_version, header.correlation_id, header.client_id
            );
            println!("{request:#?}\n");
            if let RequestBody::Produce(request) = &request {
                for data in request.topic_data.iter().flat_map(|topic| &topic.partition_data) {
                    self.walk(data.records.as_ref().map(|records| records.to_bytes()))?;
                }
                if request.acks == 0 {
                    continue; // never answered
                }
            }
            self.waiting.push_back((api, header.api_version, header.correlation_id));
        }
        Ok(())
    }

    /// Takes in what the broker sent.
    fn broker_said(&mut self, bytes: &[u8]) -> Outcome {
        self.from_broker.read_buf().extend_from_slice(bytes);
        while let Some(frame) = self.from_broker.next_frame()? {
            let (api, version, asked) = self.waiting.pop_front().ok_or("an answer that nobody asked for")?;
            let (header, body) = header::decode_response(frame, api, version, &self.limits)?;
            let correlation_id = header.correlation_id;
            if correlation_id != asked {
                return Err(format!("#{asked} is answered as #{correlation_id}").into());
            }
            let response = ResponseBody::<NoFile>::decode(api, version, &body, &self.limits)?;
            self.responses += 1;
            println!("<- {api} v{version} #{correlation_id}");
            println!("{response:#?}\n");
            if let ResponseBody::Fetch(response) = &response {
                for data in response.responses.iter().flat_map(|topic| &topic.partitions) {
                    self.walk(data.records.as_ref().map(|records| records.to_bytes()))?;
                }
            }
        }
        Ok(())
    }

    /// Walks record batches, which messages carry as bytes.
    fn walk(&mut self, records: Option<Bytes>) -> Outcome {
        let mut bytes = records.unwrap_or_default();
        while let Some(batch) = Batch::split_first(&mut bytes)? {
            println!(
                "   batch {:?}, checksum {}",
                batch.header(),
                if batch.crc_is_valid() { "ok" } else { "BAD" }
            );
            for record in &batch.records(&self.limits)? {
                let record = record?;
                let text =
                    |part: Option<&[u8]>| part.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                println!("   record {}: {:?} = {:?}", record.offset, text(record.key), text(record.value));
                self.records += 1;
            }
        }
        println!();
        Ok(())
    }
}

fn main() -> Outcome {
    let (client, broker) = conversation()?;
    let mut inspector = Inspector::new();
    // Requests come glued together and in pieces of seven bytes, answers in pieces of three.
    client.chunks(7).try_for_each(|piece| inspector.client_said(piece))?;
    broker.chunks(3).try_for_each(|piece| inspector.broker_said(piece))?;
    let seen = (inspector.requests, inspector.responses, inspector.records, inspector.waiting.len());
    if seen != (3, 3, 4, 0) {
        return Err(
            format!("expected 3 requests, 3 answers, 4 records and nothing open, saw {seen:?}").into()
        );
    }
    println!("understood 3 requests, 3 answers and 4 records");
    Ok(())
}

/// What a client and a broker might say: versions, two records there, the same two back.
fn conversation() -> Outcome<(Vec<u8>, Vec<u8>)> {
    let mut batch = BatchBuilder::new(BatchOptions::default().with_timestamp_type(TimestampType::CreateTime));
    batch.try_append(1_700_000_000_000, Some(b"o-17"), Some(b"paid"), &[("source", Some(b"web"))])?;
    batch.try_append(1_700_000_000_001, Some(b"o-18"), None, &[])?;
    let records = batch.build()?;

    let (mut client, mut broker) = (Vec::new(), Vec::new());
    say(&mut client, &mut broker, 1, 3, &ApiVersionsRequest::default(), &ApiVersionsResponse::default())?;

    let data = PartitionProduceData::default().with_records(Some(records.clone().into()));
    let topic = TopicProduceData::default().with_name("orders").with_partition_data(vec![data]);
    let produce =
        ProduceRequest::default().with_acks(-1).with_timeout_ms(30_000).with_topic_data(vec![topic]);
    say(&mut client, &mut broker, 2, 11, &produce, &ProduceResponse::default())?;

    let topic = FetchTopic::default().with_topic("orders").with_partitions(vec![FetchPartition::default()]);
    let fetch = FetchRequest::default().with_max_wait_ms(500).with_topics(vec![topic]);
    let data = PartitionData::default().with_high_watermark(2).with_records(Some(records.into()));
    let topic = FetchableTopicResponse::default().with_topic("orders").with_partitions(vec![data]);
    let fetched = FetchResponse::<NoFile>::default().with_responses(vec![topic]);
    say(&mut client, &mut broker, 3, 12, &fetch, &fetched)?;
    Ok((client, broker))
}

/// A request and its answer, as bytes behind what was said before.
fn say<R>(
    client: &mut Vec<u8>,
    broker: &mut Vec<u8>,
    correlation_id: i32,
    version: i16,
    request: &R,
    response: &R::Response,
) -> Outcome
where
    R: Request,
    R::Response: ottla_protocol::Encode,
{
    append(client, &frame::encode_request(version, correlation_id, Some("example"), request)?);
    append(broker, &frame::encode_response::<NoFile, _>(R::API_KEY, version, correlation_id, response)?);
    Ok(())
}

fn append(bytes: &mut Vec<u8>, chunks: &[Chunk]) {
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(part) => bytes.extend_from_slice(part),
            Chunk::External { source, .. } => match *source {},
        }
    }
}
