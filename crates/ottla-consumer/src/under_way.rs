//! Futures that are under way side by side, in one task.

use std::pin::Pin;
use std::task::Poll;

/// Futures that are under way.
pub(crate) struct UnderWay<T>(Vec<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T> UnderWay<T> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    pub(crate) fn push(&mut self, future: impl Future<Output = T> + Send + 'static) {
        self.0.push(Box::pin(future));
    }

    /// What the next one that is done comes to; with none under way it never comes. Cancel safe.
    pub(crate) async fn next(&mut self) -> T {
        std::future::poll_fn(|cx| {
            for index in 0..self.0.len() {
                if let Poll::Ready(done) = self.0[index].as_mut().poll(cx) {
                    drop(self.0.swap_remove(index));
                    return Poll::Ready(done);
                }
            }
            Poll::Pending
        })
        .await
    }
}
