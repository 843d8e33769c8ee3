//! Turns on a clock that stands still: who gets one, who waits, and who is held back.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::time::{sleep, timeout};

use super::*;

#[tokio::test(start_paused = true)]
async fn there_are_as_many_turns_as_were_made() {
    let turns = Turns::new(2);
    let first = turns.try_take(Instant::now()).unwrap();
    let second = turns.try_take(Instant::now()).unwrap();
    assert!(turns.try_take(Instant::now()).is_none());
    drop(first);
    let third = turns.try_take(Instant::now()).unwrap();
    assert!(turns.try_take(Instant::now()).is_none());
    drop((second, third));
    assert!(turns.try_take(Instant::now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_does_not_end_keeps_all_others_from_beginning() {
    let turns = Turns::new(3);
    let stuck = turns.try_take(Instant::now()).unwrap();
    assert!(turns.try_take(Instant::now()).is_some());
    sleep(STANDSTILL + Duration::from_millis(1)).await;
    assert!(turns.try_take(Instant::now()).is_none(), "the disk stands still");
    assert!(timeout(Duration::from_secs(30), turns.take()).await.is_err());
    drop(stuck);
    assert!(turns.try_take(Instant::now()).is_some());
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_gets_a_turn_when_one_ends_though_others_gave_up() {
    let turns = Arc::new(Turns::new(1));
    let stuck = turns.try_take(Instant::now()).unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let waiters: Vec<_> = (0..20)
        .map(|number| {
            let (turns, served) = (Arc::clone(&turns), Arc::clone(&served));
            tokio::spawn(async move {
                let patience = Duration::from_secs(if number % 2 == 0 { 1 } else { 100 });
                if timeout(patience, turns.take()).await.is_ok() {
                    served.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    sleep(Duration::from_secs(10)).await;
    drop(stuck);
    for waiter in waiters {
        timeout(Duration::from_secs(1), waiter).await.unwrap().unwrap();
    }
    assert_eq!(served.load(Ordering::SeqCst), 10);
    assert_eq!(turns.waiting.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_turn_is_lost_between_threads() {
    let turns = Arc::new(Turns::new(2));
    let inside = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (turns, inside) = (Arc::clone(&turns), Arc::clone(&inside));
            tokio::spawn(async move {
                for _ in 0..2_000 {
                    let turn = turns.take().await;
                    assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(turn);
                }
            })
        })
        .collect();
    for task in tasks {
        timeout(Duration::from_secs(60), task).await.unwrap().unwrap();
    }
}
