//! Whether a connection gets on.
//!
//! A timer for each request would cost more than a response that is at hand. Counters cost nothing, and
//! whoever looks at them from time to time sees who stands still.

use std::any::Any;
use std::future::Future;
use std::io::{Error, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Request;
use hyper::service::Service;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Caller;

/// Half patiences without anything before a connection stands still.
const QUIET: u32 = 2;

/// The same for a client that is reading: a slow line empties the system's buffers for long before
/// they take more.
const QUIET_READING: u32 = 12;

/// Patiences that a client which is reading may be behind its rate, for the same reason.
const BEHIND_READING: u32 = 3;

/// Looks for each patience.
const LOOKS: u32 = 8;

/// What a connection has done.
#[derive(Debug, Default)]
pub(super) struct Progress {
    begun: AtomicU64,
    ended: AtomicU64,
    /// Octets that were taken by the client's side.
    sent: AtomicU64,
    /// There are more, and the client's side takes none now.
    waits_for_client: AtomicBool,
    /// What somebody who vouched for the one at the other end keeps until the connection ends.
    place: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Progress {
    fn seen(&self) -> (u64, u64, u64) {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (load(&self.begun), load(&self.ended), load(&self.sent))
    }

    /// Whether somebody vouched for the one at the other end.
    pub(super) fn is_known(&self) -> bool {
        self.place.get().is_some()
    }

    /// Somebody vouches, if there is a place for it.
    pub(super) fn make_known<P: Send + Sync + 'static>(&self, place: impl FnOnce() -> Option<P>) {
        if !self.is_known()
            && let Some(place) = place()
        {
            // Requests of a connection come one after the other.
            let _known_already = self.place.set(Box::new(place));
        }
    }

    /// Ready when for `patience` no request came to its end of head, none was being answered and
    /// nothing was sent; it may take half as long again to see it. A client that has more to take has
    /// six times as long.
    pub(super) async fn stands_still(&self, patience: Duration) {
        let period = (patience / 2).max(Duration::from_millis(1));
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = self.seen();
        let (mut quiet, mut most) = (0, QUIET);
        while quiet < most {
            ticks.tick().await;
            let now = self.seen();
            let (begun, ended, _) = now;
            quiet = if now == before && begun == ended {
                quiet + 1
            } else {
                0
            };
            before = now;
            most = if self.waits_for_client.load(Ordering::Relaxed) {
                QUIET_READING
            } else {
                QUIET
            };
        }
    }

    /// Ready when what was sent from now on is behind `slowest`, in octets a second, by more than is due
    /// in `patience`; a client that has more to take may be behind by three times that. So a request
    /// without a response is given `patience`, and a response goes on while it moves. Never ready
    /// without a rate.
    pub(super) async fn falls_behind(&self, slowest: Option<u32>, patience: Duration) {
        let Some(slowest) = slowest else {
            return std::future::pending().await;
        };
        let begun = Instant::now();
        let before = self.sent.load(Ordering::Relaxed);
        let period = (patience / LOOKS).max(Duration::from_millis(1));
        let mut ticks = interval_at(begun + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let sent = self.sent.load(Ordering::Relaxed).saturating_sub(before);
            let behind = if self.waits_for_client.load(Ordering::Relaxed) {
                patience * BEHIND_READING
            } else {
                patience
            };
            let late = begun.elapsed().saturating_sub(behind);
            if u128::from(sent) * 1_000 < u128::from(slowest) * late.as_millis() {
                return;
            }
        }
    }
}

/// A service whose requests are counted.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    service: S,
    progress: Arc<Progress>,
    /// Requests bring a [`Caller`] along.
    with_caller: bool,
}

impl<S> Counted<S> {
    pub(super) const fn new(service: S, progress: Arc<Progress>, with_caller: bool) -> Self {
        Self {
            service,
            progress,
            with_caller,
        }
    }
}

impl<B, S: Service<Request<B>>> Service<Request<B>> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn call(&self, mut request: Request<B>) -> Self::Future {
        if self.with_caller {
            let caller = Caller::new(Arc::clone(&self.progress));
            request.extensions_mut().insert(caller);
        }
        self.progress.begun.fetch_add(1, Ordering::Relaxed);
        // Made before the service is asked: should it panic, the request has ended all the same.
        let ends = Ends(Arc::clone(&self.progress));
        Answering {
            future: self.service.call(request),
            ends,
        }
    }
}

pin_project! {
    /// A response to come, counted when it is there or given up.
    #[derive(Debug)]
    pub(super) struct Answering<F> {
        #[pin]
        future: F,
        ends: Ends,
    }
}

impl<F: Future> Future for Answering<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(context)
    }
}

#[derive(Debug)]
struct Ends(Arc<Progress>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection whose sending is counted.
#[derive(Debug)]
pub(super) struct Watched<Io> {
    io: Io,
    progress: Arc<Progress>,
}

impl<Io> Watched<Io> {
    pub(super) const fn new(io: Io, progress: Arc<Progress>) -> Self {
        Self { io, progress }
    }

    fn sent(&self, poll: &Poll<Result<usize, Error>>) {
        let waits = &self.progress.waits_for_client;
        match poll {
            Poll::Ready(Ok(octets)) if *octets > 0 => {
                let octets = u64::try_from(*octets).unwrap_or(u64::MAX);
                self.progress.sent.fetch_add(octets, Ordering::Relaxed);
                if waits.load(Ordering::Relaxed) {
                    waits.store(false, Ordering::Relaxed);
                }
            }
            Poll::Ready(_) => {}
            Poll::Pending => waits.store(true, Ordering::Relaxed),
        }
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Watched<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().io).poll_read(context, buffer)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Watched<Io> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.io).poll_write(context, octets);
        this.sent(&poll);
        poll
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.io).poll_write_vectored(context, slices);
        this.sent(&poll);
        poll
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
