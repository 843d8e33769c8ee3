//! Answers to many who wait, a few at a time.
//!
//! A group of a thousand members begins its generation for all of them at once. Who is told is ready to run, and
//! whatever becomes ready behind them waits until all have run: a batch that a producer sends
//! to another topic, say. So only a few are told before others have their turn.

use tokio::sync::oneshot;

/// How many are told before others have their turn.
const AT_ONCE: usize = 4;

/// Tells the first few at once; the others are told by what is returned, which wants to be spawned.
pub(super) fn tell<T>(
    mut answers: Vec<(oneshot::Sender<T>, T)>,
) -> Option<impl Future<Output = ()> + use<T>> {
    let others = answers.split_off(answers.len().min(AT_ONCE));
    send(answers);
    (!others.is_empty()).then_some(async move {
        let mut others = others.into_iter();
        while others.len() > 0 {
            tokio::task::yield_now().await;
            send(others.by_ref().take(AT_ONCE));
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

    #[tokio::test]
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
        let others = tokio::spawn(tell(answers).expect("these are many"));
        let before_me = Arc::clone(&told);
        let other = tokio::spawn(async move { before_me.load(Ordering::SeqCst) });
        let before_other = other.await.expect("it ends");
        assert!(before_other <= 2 * AT_ONCE, "{before_other} of 100 went first");
        others.await.expect("it ends");
        for member in members {
            member.await.expect("it is told");
        }
        assert_eq!(told.load(Ordering::SeqCst), 100);
    }

    #[tokio::test]
    async fn a_few_are_told_at_once() {
        let (sender, mut receiver) = oneshot::channel();
        assert!(tell(vec![(sender, 7)]).is_none());
        assert_eq!(receiver.try_recv(), Ok(7));
    }
}
