//! Awaiting many futures, some of them at a time.
//!
//! Nothing is spawned: all are polled by whoever awaits.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Runs all futures to their end, at most `at_once` at the same time, and gives what they gave in
/// the order they were handed in.
pub(crate) async fn join_bounded<F: Future>(futures: Vec<F>, at_once: usize) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    poll_fn(|cx| {
        loop {
            while running.len() < at_once {
                let Some((number, future)) = waiting.next() else { break };
                running.push((number, Box::pin(future)));
            }
            let before = running.len();
            running.retain_mut(|(number, future)| match future.as_mut().poll(cx) {
                Poll::Ready(output) => {
                    outputs[*number] = Some(output);
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && waiting.len() == 0 {
                return Poll::Ready(());
            }
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;
    use std::task::{Context, Waker};

    use super::*;
    use crate::disk::wait::block_on;

    #[test]
    fn outputs_come_in_the_order_of_the_futures() {
        let futures: Vec<_> = (0..100).map(|n| async move { n }).collect();
        assert_eq!(block_on(join_bounded(futures, 7)), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_run_at_once_than_allowed() {
        let started = Cell::new(0);
        let futures: Vec<_> = (0..100)
            .map(|_| async {
                started.set(started.get() + 1);
                pending::<()>().await;
            })
            .collect();
        let mut all = Box::pin(join_bounded(futures, 7));
        assert!(all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(started.get(), 7);
    }
}
