//! Answers to many who wait, a few at a time.
//!
//! A group of a thousand members begins its generation for all of them at once. Who is told is ready to run, and
//! whatever becomes ready behind them waits until all have run: a batch that a producer sends
//! to another topic, say. And who is told at the same moment comes again at the same moment. So only a few are told before
//! others have their turn, and time for it.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

/// How many are told before others have their turn, at least.
const AT_ONCE: usize = 16;

/// How long the others have.
const PAUSE: Duration = Duration::from_millis(1);

/// After so many turns all are told, however many they are.
const TURNS_MAX: usize = 32;

/// Tells the first few at once; the others are told by what is returned, which wants to be spawned.
pub(super) fn tell<T>(
    mut answers: Vec<(oneshot::Sender<T>, T)>,
) -> Option<impl Future<Output = ()> + use<T>> {
    let at_once = AT_ONCE.max(answers.len().div_ceil(TURNS_MAX));
    let others = answers.split_off(answers.len().min(at_once));
    send(answers);
    (!others.is_empty()).then_some(async move {
        let mut others = others.into_iter();
        while others.len() > 0 {
            sleep(PAUSE).await;
            send(others.by_ref().take(at_once));
        }
    })
}

fn send<T>(answers: impl IntoIterator<Item = (oneshot::Sender<T>, T)>) {
    for (waiting, answer) in answers {
        let _gone = waiting.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_many_are_told_waits_for_a_few_of_them() {
        let told = Arc::new(AtomicUsize::new(0));
        let mut answers = Vec::new();
        let mut members = Vec::new();
        for number in 0..100 {
            let (sender, receiver) = oneshot::channel();
            answers.push((sender, number));
            let told = Arc::clone(&told);
            members.push(tokio::spawn(async move {
                assert_eq!(receiver.await, Ok(number));
                told.fetch_add(1, Ordering::SeqCst);
            }));
        }
        tokio::task::yield_now().await; // they wait
        let began = tokio::time::Instant::now();
        let others = tokio::spawn(tell(answers).expect("these are many"));
        let before_me = Arc::clone(&told);
        let other = tokio::spawn(async move { before_me.load(Ordering::SeqCst) });
        let before_other = other.await.expect("it ends");
        assert!(before_other <= 2 * AT_ONCE, "{before_other} of 100 went first");
        others.await.expect("it ends");
        for member in members {
            member.await.expect("it is told");
        }
        assert_eq!((told.load(Ordering::SeqCst), began.elapsed()), (100, PAUSE * 6));
    }

    #[tokio::test]
    async fn a_few_are_told_at_once() {
        let (sender, mut receiver) = oneshot::channel();
        assert!(tell(vec![(sender, 7)]).is_none());
        assert_eq!(receiver.try_recv(), Ok(7));
    }
}
