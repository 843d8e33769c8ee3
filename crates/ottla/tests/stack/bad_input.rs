//! Bytes that are not Kafka, and requests that no broker knows: the connection ends, the next client is served.

use ottla::Server;
use ottla::transport::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{client, server};

/// Sends bytes, and returns what comes back until the server closes the connection.
async fn exchange(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let connector = server.connector();
    let mut stream = connector.connect(server.in_process_address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// A frame with a request header of version 1 and this body.
fn frame(api_key: i16, api_version: i16, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.extend_from_slice(&api_key.to_be_bytes());
    frame.extend_from_slice(&api_version.to_be_bytes());
    frame.extend_from_slice(&7_i32.to_be_bytes());
    frame.extend_from_slice(&(-1_i16).to_be_bytes());
    frame.extend_from_slice(body);
    let mut sized = i32::try_from(frame.len()).unwrap().to_be_bytes().to_vec();
    sized.extend(frame);
    sized
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_ends_its_connection_and_no_other() {
    let server = server().await;
    let hostile: [(&str, Vec<u8>); 8] = [
        ("an HTTP request", b"GET / HTTP/1.1\r\nHost: kafka\r\n\r\n".to_vec()),
        ("a TLS hello", vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
        ("a negative length", vec![0xff; 16]),
        ("a frame over the limit", vec![0x7f, 0xff, 0xff, 0xff, 0, 0]),
        ("an unknown API", frame(9_999, 0, &[])),
        ("an unknown version of Metadata", frame(3, 99, &[])),
        ("a version of Produce that is gone", frame(0, 2, &[])),
        ("a body cut short", frame(3, 1, &[0, 0, 0, 9])),
    ];
    for (what, bytes) in hostile {
        assert_eq!(exchange(&server, &bytes).await, [0_u8; 0], "{what}");
    }
    client(&server).await.admin().list_topics().await.unwrap();
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_unknown_version_of_api_versions_is_answered_with_what_there_is() {
    let server = server().await;
    let connector = server.connector();
    let mut stream = connector.connect(server.in_process_address()).await.unwrap();
    // From version 3 on the header ends in tagged fields, of which there are none.
    stream.write_all(&frame(18, 99, &[0])).await.unwrap();
    let size = usize::try_from(stream.read_i32().await.unwrap()).unwrap();
    let mut answer = vec![0; size];
    stream.read_exact(&mut answer).await.unwrap();
    // Correlation id, UNSUPPORTED_VERSION (35), and at least ApiVersions itself, in the form of version 0.
    assert_eq!(answer[..6], [0, 0, 0, 7, 0, 35]);
    assert!(i32::from_be_bytes(answer[6..10].try_into().unwrap()) >= 1);
    server.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn requests_in_halves_and_glued_together_are_answered_in_order() {
    let server = server().await;
    let connector = server.connector();
    let address: &Address = server.in_process_address();
    let mut stream = connector.connect(address).await.unwrap();
    let three = [frame(18, 0, &[]), frame(18, 1, &[]), frame(18, 0, &[])].concat();
    for piece in three.chunks(5) {
        stream.write_all(piece).await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        let size = usize::try_from(stream.read_i32().await.unwrap()).unwrap();
        let mut answer = vec![0; size];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer[..6], [0, 0, 0, 7, 0, 0]);
    }
    server.shutdown().await.unwrap();
}
