//! Connections of which nobody knows yet who is at the other end.
//!
//! Where requests bring credentials, whoever has none can still connect, from as many addresses as
//! there are in a network of machines that somebody misuses. Such connections make room for each other
//! and for nobody else: one that is known is never ended for them, and a new one always gets its turn.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use tokio::task::AbortHandle;

use super::Progress;

/// Goes along with each request of a server that tells strangers apart.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<Progress>);

impl Caller {
    pub(super) const fn new(progress: Arc<Progress>) -> Self {
        Self(progress)
    }

    /// Its credentials are good: the connection is no stranger's from here on, unless it is known
    /// already or there is no `place` for another. It gives the place back when it ends.
    pub(crate) fn vouch<P: Send + Sync + 'static>(&self, place: impl FnOnce() -> Option<P>) {
        self.0.make_known(place);
    }
}

/// The connections for which no request vouched yet, oldest first.
#[derive(Debug)]
pub(super) struct Strangers {
    most: usize,
    /// They own nothing of a connection that has ended.
    connections: VecDeque<(Weak<Progress>, AbortHandle)>,
}

impl Strangers {
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            connections: VecDeque::new(),
        }
    }

    /// Another connection; the oldest ends when there are too many, or when this one took the
    /// server's last place.
    pub(super) fn add(&mut self, progress: &Arc<Progress>, task: AbortHandle, took_last: bool) {
        if took_last || self.connections.len() >= self.most {
            self.connections
                .retain(|(progress, task)| is_stranger(progress) && !task.is_finished());
            if (took_last || self.connections.len() >= self.most)
                && let Some((_, oldest)) = self.connections.pop_front()
            {
                tracing::debug!("connection cut off: too many strangers, and it is the oldest");
                oldest.abort();
            }
        }
        self.connections.push_back((Arc::downgrade(progress), task));
    }
}

fn is_stranger(progress: &Weak<Progress>) -> bool {
    progress.upgrade().is_some_and(|it| !it.is_known())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::task::JoinSet;

    use super::*;

    struct Scene {
        strangers: Strangers,
        tasks: JoinSet<()>,
    }

    impl Scene {
        fn add(&mut self, took_last: bool) -> (Arc<Progress>, AbortHandle) {
            let progress = Arc::new(Progress::default());
            let task = self.tasks.spawn(pending());
            self.strangers.add(&progress, task.clone(), took_last);
            (progress, task)
        }

        /// How many connections were ended.
        async fn ended(&mut self) -> usize {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            std::iter::from_fn(|| self.tasks.try_join_next()).count()
        }
    }

    fn scene(most: usize) -> Scene {
        Scene {
            strangers: Strangers::new(most),
            tasks: JoinSet::new(),
        }
    }

    #[tokio::test]
    async fn oldest_stranger_makes_room_and_who_is_known_never_does() {
        let mut scene = scene(2);
        let (first, first_task) = scene.add(false);
        Caller::new(Arc::clone(&first)).vouch(|| Some(()));
        let (_second, second) = scene.add(false);
        let (third_progress, third) = scene.add(false);
        // Who has no place left for it stays a stranger.
        Caller::new(third_progress.clone()).vouch(|| None::<()>);
        assert_eq!(scene.ended().await, 0);
        let (_fourth, fourth) = scene.add(false);
        assert_eq!(scene.ended().await, 1);
        assert!(second.is_finished());
        assert!(
            [first_task, third, fourth]
                .iter()
                .all(|it| !it.is_finished())
        );
    }

    #[tokio::test]
    async fn stranger_does_not_keep_the_last_place() {
        let mut scene = scene(100);
        let (_first, first) = scene.add(false);
        let (_second, second) = scene.add(true);
        assert_eq!(scene.ended().await, 1);
        assert!(first.is_finished() && !second.is_finished());
    }
}
