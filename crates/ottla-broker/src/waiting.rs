//! Waiting for the first of several things, or for all.
//!
//! Only the futures' order of polling lives here; what they wait for is theirs.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::partition::BoxFuture;

/// Completes with the first of these futures, its place among them and its output; with none of them, never.
///
/// Cancel safe as far as they are: the others are dropped.
pub(crate) fn first<T>(futures: Vec<BoxFuture<T>>) -> impl Future<Output = (usize, T)> + Send {
    First { futures }
}

/// Completes with the outputs of all these futures, in their order.
///
/// Cancel safe as far as they are.
pub(crate) fn all<T: Send>(
    futures: impl IntoIterator<Item = BoxFuture<T>>,
) -> impl Future<Output = Vec<T>> + Send {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    std::future::poll_fn(move |cx| {
        for (future, output) in futures.iter_mut().filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(ready) = future.as_mut().poll(cx) {
                *output = Some(ready);
            }
        }
        if futures.iter().any(|(_, output)| output.is_none()) {
            return Poll::Pending;
        }
        Poll::Ready(futures.iter_mut().filter_map(|(_, output)| output.take()).collect())
    })
}

struct First<T> {
    futures: Vec<BoxFuture<T>>,
}

impl<T> Future for First<T> {
    type Output = (usize, T);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        for (place, future) in self.futures.iter_mut().enumerate() {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready((place, output));
            }
        }
        Poll::Pending
    }
}
