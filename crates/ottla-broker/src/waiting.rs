//! Waiting for the first of several things.
//!
//! Only the futures' order of polling lives here; what they wait for is theirs.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::partition::BoxFuture;

/// Completes with the first of these futures; with none of them, never.
///
/// Cancel safe as far as they are: the others are dropped.
pub(crate) fn first(futures: Vec<BoxFuture<()>>) -> impl Future<Output = ()> + Send {
    First { futures }
}

struct First {
    futures: Vec<BoxFuture<()>>,
}

impl Future for First {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let done = self.futures.iter_mut().any(|future| future.as_mut().poll(cx).is_ready());
        if done { Poll::Ready(()) } else { Poll::Pending }
    }
}
