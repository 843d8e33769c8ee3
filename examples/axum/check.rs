//! Who tries the service: a small HTTP client, and what it expects.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Outcome;

/// Orders that are taken in the first life, and looked for in both.
const ORDERS: [(&str, &str); 3] = [("o-1", "17.50"), ("o-2", "3"), ("o-3", "99.99")];

/// Takes orders, and finds them.
pub(crate) async fn take_orders(address: String) -> Outcome {
    for (order, amount) in ORDERS {
        let (status, said) = ask(&address, Method::POST, order, amount).await?;
        print!("{said}");
        expect(status, StatusCode::CREATED)?;
    }
    let (status, _) = ask(&address, Method::POST, "o-4", "much").await?;
    expect(status, StatusCode::BAD_REQUEST)?;
    find_orders(&address).await
}

/// Finds what was taken before the service was started anew.
pub(crate) async fn find_orders_again(address: String) -> Outcome {
    // One more order, whose answer waits until the table has read all before it.
    expect(ask(&address, Method::POST, "o-5", "1").await?.0, StatusCode::CREATED)?;
    find_orders(&address).await
}

async fn find_orders(address: &str) -> Outcome {
    for (order, amount) in ORDERS {
        let (status, said) = ask(address, Method::GET, order, "").await?;
        expect(status, StatusCode::OK)?;
        expect(said.trim_end(), amount)?;
    }
    expect(ask(address, Method::GET, "o-4", "").await?.0, StatusCode::NOT_FOUND)
}

fn expect<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Outcome {
    if got == expected { Ok(()) } else { Err(format!("expected {expected:?}, got {got:?}").into()) }
}

/// One request and its answer.
async fn ask(
    address: &str,
    method: Method,
    order: &str,
    body: &'static str,
) -> Outcome<(StatusCode, String)> {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(format!("/orders/{order}"))
        .header("host", address)
        .body(Full::new(Bytes::from_static(body.as_bytes())))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let said = answer.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}
