//! Work that blocks: so much at a time, the rest waits in the order in which it came.
//!
//! A thread that is through with one piece of work takes the next itself. To wake a thread for each
//! costs more than what is done beside a signature.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Pieces that wait before those that nobody wants any more are looked for.
const FEW: usize = 64;

/// Holds at most twice as many pieces as there are callers that wait, and a few.
pub(super) struct WorkQueue {
    /// Pieces at a time.
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Piece>>,
    /// When so many wait, those that nobody wants are dropped.
    tidy_at: usize,
    /// That take from it.
    threads: usize,
}

/// Work with somebody who waits for it.
trait Piece: Send {
    fn is_wanted(&self) -> bool;
    fn work(self: Box<Self>);
}

struct Asked<W, T> {
    work: W,
    tell: oneshot::Sender<T>,
}

impl<W: FnOnce() -> T + Send, T: Send> Piece for Asked<W, T> {
    fn is_wanted(&self) -> bool {
        !self.tell.is_closed()
    }

    fn work(self: Box<Self>) {
        // Whoever waited may have gone meanwhile.
        let _told = self.tell.send((self.work)());
    }
}

impl WorkQueue {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            state: Mutex::default(),
        })
    }

    /// Has `work` done on a thread that may block; none when it panicked. What nobody waits for any more
    /// when its turn comes is not done.
    pub(super) async fn done<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = oneshot::channel();
        if self.put(Box::new(Asked { work, tell })) {
            let queue = Arc::clone(self);
            tokio::task::spawn_blocking(move || queue.work_off());
        }
        told.await.ok()
    }

    /// Whether a thread must be sent for it.
    fn put(&self, piece: Box<dyn Piece>) -> bool {
        let mut state = self.state.lock();
        if state.waiting.len() >= state.tidy_at {
            state.waiting.retain(|piece| piece.is_wanted());
            state.tidy_at = FEW.max(2 * state.waiting.len());
        }
        state.waiting.push_back(piece);
        let needs_thread = state.threads < self.most;
        if needs_thread {
            state.threads += 1;
        }
        needs_thread
    }

    fn work_off(&self) {
        while let Some(piece) = self.take() {
            if piece.is_wanted() {
                // The panic was printed, and whoever waits hears of it.
                let _panicked = catch_unwind(AssertUnwindSafe(|| piece.work()));
            }
        }
    }

    /// The next; none lets the thread go.
    fn take(&self) -> Option<Box<dyn Piece>> {
        let mut state = self.state.lock();
        let piece = state.waiting.pop_front();
        if piece.is_none() {
            state.threads -= 1;
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::Runtime;
    use tokio::task::JoinSet;

    use super::*;

    #[test]
    fn so_much_is_done_at_a_time_and_all_in_the_end() {
        let queue = WorkQueue::new(3);
        let (now, most) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        Runtime::new().unwrap().block_on(async {
            let mut all = JoinSet::new();
            for number in 0..60_usize {
                let (queue, now, most) = (queue.clone(), now.clone(), most.clone());
                all.spawn(async move {
                    let work = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(1));
                        now.fetch_sub(1, Ordering::SeqCst);
                        number
                    };
                    assert_eq!(queue.done(work).await, Some(number));
                });
            }
            while let Some(ended) = all.join_next().await {
                ended.unwrap();
            }
        });
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
        assert!(queue.state.lock().waiting.is_empty());
    }

    #[test]
    fn panic_is_told_to_its_caller_and_to_nobody_else() {
        let queue = WorkQueue::new(1);
        Runtime::new().unwrap().block_on(async {
            for number in 0..5 {
                let bad = queue.done(|| -> u32 { panic!("as the test wants it") });
                let good = queue.done(move || number);
                assert_eq!(tokio::join!(bad, good), (None, Some(number)));
            }
        });
    }

    #[test]
    fn what_nobody_waits_for_is_neither_kept_nor_done() {
        let queue = WorkQueue::new(1);
        let (go, gate) = mpsc::channel::<()>();
        let (say, done) = mpsc::channel();
        Runtime::new().unwrap().block_on(async {
            let first = tokio::spawn({
                let queue = Arc::clone(&queue);
                async move { queue.done(move || gate.recv()).await }
            });
            while queue.state.lock().threads == 0 {
                tokio::task::yield_now().await;
            }
            for _ in 0..10 * FEW {
                let say = say.clone();
                let given_up = queue.done(move || say.send(()));
                // Asked once, then dropped.
                tokio::select! {
                    biased;
                    _ = given_up => panic!("the thread is busy"),
                    () = std::future::ready(()) => {}
                }
            }
            assert!(queue.state.lock().waiting.len() <= FEW);
            go.send(()).unwrap();
            first.await.unwrap();
            assert_eq!(queue.done(|| 5).await, Some(5));
        });
        assert!(done.try_recv().is_err());
    }
}
