//! Whole frames: what a client sends and a broker answers, through the decoder that cuts the stream.

use bytes::Bytes;
use ottla_protocol::frame::{self, FrameDecoder};
use ottla_protocol::header;
use ottla_protocol::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use ottla_protocol::messages::metadata::{MetadataRequest, MetadataResponse, MetadataResponseBroker};
use ottla_protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use ottla_protocol::messages::{RequestBody, decode_request_body};
use ottla_protocol::wire::{Chunk, DecodeLimits, Records, Uuid};
use ottla_protocol::{ApiKey, ErrorCode};

const LIMITS: DecodeLimits = DecodeLimits::DEFAULT;

fn in_one_piece(chunks: Vec<Chunk>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::External { source, .. } => match source {},
        }
    }
    bytes
}

fn produce(records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_index(3).with_records(Some(records.into()));
    let topic = TopicProduceData::default().with_name("orders").with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(-1).with_topic_data(vec![topic])
}

#[test]
fn requests_glued_together_and_cut_anywhere_come_out_whole() {
    let metadata = MetadataRequest::default().with_topics(None);
    let produce = produce(Bytes::from(vec![7; 3000]));
    let mut stream = in_one_piece(frame::encode_request(12, 1, Some("c"), &metadata).unwrap());
    stream.extend(in_one_piece(frame::encode_request(9, 2, None, &produce).unwrap()));
    for cut in 0..stream.len() {
        let mut frames = FrameDecoder::new(4096);
        let mut requests = Vec::new();
        for piece in [&stream[..cut], &stream[cut..]] {
            frames.read_buf().extend_from_slice(piece);
            while let Some(frame) = frames.next_frame().unwrap() {
                let (header, body) = header::decode_request(frame, &LIMITS).unwrap();
                requests.push((header.correlation_id, decode_request_body(&header, &body, &LIMITS).unwrap()));
            }
        }
        let sent = [(1, RequestBody::from(metadata.clone())), (2, RequestBody::from(produce.clone()))];
        assert_eq!(requests, sent, "cut at {cut}");
    }
}

#[test]
fn a_response_says_which_request_it_answers() {
    let broker = MetadataResponseBroker::default().with_node_id(1).with_host("localhost").with_port(9092);
    let response = MetadataResponse::default().with_brokers(vec![broker]);
    for version in 0..=13 {
        let chunks = frame::encode_response(ApiKey::Metadata, version, 42, &response).unwrap();
        let stream = in_one_piece(chunks);
        let (size, frame) = stream.split_first_chunk::<4>().unwrap();
        assert_eq!(u32::from_be_bytes(*size) as usize, frame.len());
        let decoded = frame::decode_response(Bytes::copy_from_slice(frame), version, &LIMITS).unwrap();
        assert_eq!(decoded, (42, response.clone()), "v{version}");
    }
}

#[test]
fn record_data_is_passed_through_and_not_copied() {
    let records = Bytes::from(vec![7; 3000]);
    let at = records.as_ptr();
    let chunks = frame::encode_request(9, 2, None, &produce(records)).unwrap();
    let [Chunk::Bytes(before), Chunk::Bytes(passed), Chunk::Bytes(after)] = &chunks[..] else {
        panic!("{} chunks", chunks.len());
    };
    assert_eq!(passed.as_ptr(), at);
    assert_eq!(before.len() + passed.len() + after.len(), in_one_piece(chunks.clone()).len());

    let small = frame::encode_request(9, 2, None, &produce(Bytes::from(vec![7; 100]))).unwrap();
    assert_eq!(small.len(), 1, "a little record data goes with the rest");
}

#[test]
fn a_fetch_response_hands_on_what_lies_outside_memory() {
    let range = Chunk::External { len: 5000, source: "a range of a file" };
    let tail = Chunk::Bytes(Bytes::from_static(b"tail"));
    let partition = PartitionData::default().with_records(Some(Records::Chunks(vec![range.clone(), tail])));
    let topic =
        FetchableTopicResponse::default().with_topic_id(Uuid([1; 16])).with_partitions(vec![partition]);
    let response = FetchResponse::default().with_error_code(ErrorCode::NONE).with_responses(vec![topic]);
    let chunks = frame::encode_response(ApiKey::Fetch, 13, 9, &response).unwrap();
    let [Chunk::Bytes(before), passed, Chunk::Bytes(after)] = &chunks[..] else {
        panic!("{} chunks", chunks.len());
    };
    assert_eq!(passed, &range);
    assert!(after.starts_with(b"tail"));
    let (size, _) = before.split_first_chunk::<4>().unwrap();
    assert_eq!(u32::from_be_bytes(*size) as usize, before.len() - 4 + 5000 + after.len());
}
