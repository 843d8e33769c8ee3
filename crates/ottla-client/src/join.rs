//! Waiting for several futures at once, in one task.

use std::pin::Pin;
use std::task::Poll;

/// The outputs of `futures`, in their order, once all are there.
pub(crate) async fn join_all<'a, T>(futures: Vec<Pin<Box<dyn Future<Output = T> + Send + 'a>>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(Some).collect();
    let mut outputs: Vec<Option<T>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut pending = false;
        for (slot, output) in running.iter_mut().zip(&mut outputs) {
            let Some(future) = slot else { continue };
            match future.as_mut().poll(cx) {
                Poll::Ready(value) => {
                    *output = Some(value);
                    *slot = None;
                }
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_wait_side_by_side_and_outputs_keep_their_order() {
        let start = Instant::now();
        let waits = [3, 1, 2].map(|seconds| -> Pin<Box<dyn Future<Output = u64> + Send>> {
            Box::pin(async move {
                sleep(Duration::from_secs(seconds)).await;
                seconds
            })
        });
        assert_eq!(join_all(waits.into()).await, [3, 1, 2]);
        assert_eq!(start.elapsed().as_secs(), 3);
    }
}
