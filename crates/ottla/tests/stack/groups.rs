//! Groups through a whole server: what the broker core alone cannot show.

use std::time::Duration;

use ottla::Server;
use ottla::protocol::api::ErrorCode;
use ottla::protocol::frame::{decode_response, encode_request};
use ottla::protocol::messages::describe_groups::DescribeGroupsRequest;
use ottla::protocol::messages::find_coordinator::FindCoordinatorRequest;
use ottla::protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse};
use ottla::protocol::wire::{Chunk, DecodeLimits};
use ottla::protocol::{Message, Request};
use ottla::transport::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::support::server;

async fn connect(server: &Server) -> Stream {
    server.connector().connect(server.in_process_address()).await.unwrap()
}

async fn send<R: Request>(stream: &mut Stream, version: i16, request: &R) {
    for chunk in encode_request(version, 1, Some("test"), request).unwrap() {
        match chunk {
            Chunk::Bytes(bytes) => stream.write_all(&bytes).await.unwrap(),
            Chunk::External { source, .. } => match source {},
        }
    }
}

async fn receive<M: Message>(stream: &mut Stream, version: i16) -> M {
    let length = stream.read_u32().await.unwrap();
    let mut frame = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut frame).await.unwrap();
    decode_response(frame.into(), version, &DecodeLimits::default()).unwrap().1
}

fn join() -> JoinGroupRequest {
    JoinGroupRequest::default()
        .with_group_id("g")
        .with_session_timeout_ms(60_000)
        .with_rebalance_timeout_ms(300_000)
        .with_protocol_type("consumer")
        .with_protocols(vec![JoinGroupRequestProtocol::default().with_name("range")])
}

/// A member, and another one that waits for it.
async fn member_and_waiting(server: &Server) -> (Stream, Stream) {
    let mut first = connect(server).await;
    send(&mut first, 6, &FindCoordinatorRequest::default().with_coordinator_keys(vec!["g".into()])).await;
    receive::<ottla::protocol::messages::find_coordinator::FindCoordinatorResponse>(&mut first, 6).await;
    send(&mut first, 3, &join()).await;
    let joined: JoinGroupResponse = receive(&mut first, 3).await;
    assert_eq!(joined.error_code, ErrorCode::NONE);
    let mut second = connect(server).await;
    send(&mut second, 3, &join()).await;
    while members(server).await < 2 {}
    (first, second)
}

async fn members(server: &Server) -> usize {
    let mut stream = connect(server).await;
    send(&mut stream, 5, &DescribeGroupsRequest::default().with_groups(vec!["g".into()])).await;
    let described: ottla::protocol::messages::describe_groups::DescribeGroupsResponse =
        receive(&mut stream, 5).await;
    described.groups[0].members.len()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_does_not_wait_for_members() {
    let server = server().await;
    let (_first, mut second) = member_and_waiting(&server).await;
    let started = Instant::now();
    server.shutdown().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed()); // a lingering close takes one
    let told: JoinGroupResponse = receive(&mut second, 3).await;
    assert_eq!(told.error_code, ErrorCode::NOT_COORDINATOR, "it is told to look elsewhere, or later");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_gone_while_its_member_waits_is_given_up() {
    let server = server().await;
    let (first, second) = member_and_waiting(&server).await;
    drop(second);
    assert_eq!(members(&server).await, 2, "the member has joined all the same");
    drop(first);
    let started = Instant::now();
    server.shutdown().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "nothing is left to be answered");
}
