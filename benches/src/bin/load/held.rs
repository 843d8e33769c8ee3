//! Connections that do nothing: what a socket costs a broker, and nothing else.
//!
//! Each has asked for the broker's versions, as every client does first, so that it has been served and is not merely accepted.

use std::io::{Read, Write};
use std::time::Instant;

use ottla_protocol::messages::api_versions::ApiVersionsRequest;

use crate::prepared::{connect, encoded};
use crate::{Figures, Load};

const API_VERSIONS_VERSION: i16 = 3;
/// More than an answer takes.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Opens the connections, says how long it took, and holds them until standard input ends.
pub(crate) fn run(load: &Load) -> Figures {
    let request =
        ApiVersionsRequest::default().with_client_software_name("load").with_client_software_version("1");
    let request = encoded(API_VERSIONS_VERSION, &request)?;
    let start = Instant::now();
    let mut held = Vec::new();
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    for _ in 0..load.connections {
        let mut stream = connect(load)?;
        stream.write_all(&request)?;
        let mut size = [0; 4];
        stream.read_exact(&mut size)?;
        let size = usize::try_from(i32::from_be_bytes(size))?;
        let answer = answer.get_mut(..size).ok_or_else(|| format!("{size} bytes of versions"))?;
        stream.read_exact(answer)?;
        held.push(stream);
    }
    println!("held={} held_ms={}", held.len(), start.elapsed().as_millis());
    for line in std::io::stdin().lines() {
        line?;
    }
    Ok("ended=all".to_owned())
}
