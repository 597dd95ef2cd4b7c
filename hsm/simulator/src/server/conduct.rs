//! Faults of the connection, and of the plan, that must work while the device is busy.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::fault::FaultPlan;

/// Shared by device and connections.
pub(super) struct Conduct {
    plan: Mutex<FaultPlan>,
    split: AtomicBool,
    away_until: Mutex<Option<Instant>>,
    closing: watch::Sender<()>,
}

impl Conduct {
    pub(super) fn new() -> Self {
        Self {
            plan: Mutex::default(),
            split: AtomicBool::new(false),
            away_until: Mutex::default(),
            closing: watch::Sender::new(()),
        }
    }

    pub(super) fn plan(&self) -> MutexGuard<'_, FaultPlan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn splits(&self) -> bool {
        self.split.load(Ordering::Relaxed)
    }

    pub(super) fn set_split(&self, on: bool) {
        self.split.store(on, Ordering::Relaxed);
    }

    /// Whether nobody is served now.
    pub(super) fn is_away(&self) -> bool {
        self.away().is_some_and(|until| Instant::now() < until)
    }

    /// Closes every connection and serves nobody for a time.
    pub(super) fn go_away(&self, time: Duration) {
        *self.away() = Instant::now().checked_add(time);
        self.closing.send_replace(());
    }

    /// Serves again.
    pub(super) fn come_back(&self) {
        *self.away() = None;
    }

    /// Tells when connections are to be closed.
    pub(super) fn closing(&self) -> watch::Receiver<()> {
        self.closing.subscribe()
    }

    fn away(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
