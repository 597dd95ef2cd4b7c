//! Work that blocks.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::refusal::Refused;

/// So many pieces of work of one kind at a time; further ones wait, and other kinds go on.
#[derive(Clone, Debug)]
pub(super) struct Workers(Arc<Semaphore>);

impl Workers {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// Runs `work` on a thread that may block.
    ///
    /// # Errors
    /// A fault, when it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        // The semaphore is never closed, so there is always a permit to wait for.
        let permit = Arc::clone(&self.0).acquire_owned().await;
        // The permit goes along: a client that gives up does not free the thread.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "a request to the feed failed");
            Refused::fault()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::http::StatusCode;
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn kind_of_work_that_is_held_up_holds_up_no_other() {
        let (held, free) = (Workers::new(1), Workers::new(1));
        let (go_on, waits) = mpsc::channel::<()>();
        let workers = held.clone();
        let first = async move { workers.run(move || waits.recv().is_ok()).await };
        let first = tokio::spawn(first);
        while held.0.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(free.run(|| 7).await.unwrap(), 7);
        go_on.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        assert_eq!(held.run(|| 8).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn work_that_panics_is_a_fault_and_leaves_its_place() {
        let workers = Workers::new(1);
        for _ in 0..3 {
            let refused = workers.run(|| panic!("a test")).await;
            let refused: Result<(), Refused> = refused;
            let status = refused.unwrap_err().into_response().status();
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}
