//! Trying several servers without letting a dead one hold up the others.
//!
//! The first attempt starts at once; the next one starts when an earlier one failed, or when none
//! came back for a while. The first success wins, and the others are dropped.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

type Attempt<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// The first success among `attempts`, which start in order and at most `patience` apart.
///
/// `Err(None)` if there was nothing to try, else the last failure.
pub(crate) async fn first_success<'a, T, E>(
    attempts: impl IntoIterator<Item = Attempt<'a, T, E>>,
    patience: Duration,
) -> Result<T, Option<E>> {
    let mut race = Race {
        waiting: attempts.into_iter(),
        running: Vec::new(),
        timer: Box::pin(sleep(Duration::ZERO)),
        patience,
        last: None,
    };
    std::future::poll_fn(|cx| race.poll(cx)).await
}

struct Race<'a, I, T, E> {
    waiting: I,
    running: Vec<Attempt<'a, T, E>>,
    timer: Pin<Box<Sleep>>,
    patience: Duration,
    last: Option<E>,
}

impl<'a, I: Iterator<Item = Attempt<'a, T, E>>, T, E> Race<'a, I, T, E> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Option<E>>> {
        loop {
            let mut failed = false;
            let mut index = 0;
            while index < self.running.len() {
                match self.running[index].as_mut().poll(cx) {
                    Poll::Pending => index += 1,
                    Poll::Ready(Ok(value)) => return Poll::Ready(Ok(value)),
                    Poll::Ready(Err(error)) => {
                        self.last = Some(error);
                        failed = true;
                        drop(self.running.swap_remove(index));
                    }
                }
            }
            let out_of_patience = self.timer.as_mut().poll(cx).is_ready();
            if !failed && !out_of_patience && !self.running.is_empty() {
                return Poll::Pending;
            }
            if let Some(attempt) = self.waiting.next() {
                self.running.push(attempt);
                let next = tokio::time::Instant::now() + self.patience;
                self.timer.as_mut().reset(next);
            } else if self.running.is_empty() {
                return Poll::Ready(Err(self.last.take()));
            } else {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn after(seconds: u64, outcome: Result<u32, &'static str>) -> Attempt<'static, u32, &'static str> {
        Box::pin(async move {
            sleep(Duration::from_secs(seconds)).await;
            outcome
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_costs_one_round_of_patience() {
        let start = Instant::now();
        let won = first_success([after(1_000, Ok(1)), after(2, Ok(2))], PATIENCE).await;
        assert_eq!(won, Ok(2));
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_starts_the_next_at_once() {
        let start = Instant::now();
        let attempts = [after(0, Err("refused")), after(0, Err("refused")), after(0, Ok(3))];
        assert_eq!(first_success(attempts, PATIENCE).await, Ok(3));
        assert!(start.elapsed() < PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_the_last_failure_is_told() {
        let attempts = [after(3, Err("slow")), after(0, Err("refused"))];
        assert_eq!(first_success(attempts, PATIENCE).await, Err(Some("slow")));
        assert_eq!(first_success::<u32, &str>([], PATIENCE).await, Err(None));
    }
}
