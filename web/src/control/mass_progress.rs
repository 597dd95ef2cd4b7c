//! How far the act is that revokes many certificates.

use kasane_ca_core::authority::MassStep;
use parking_lot::Mutex;

/// One act at a time: who comes second waits, and is not shown.
#[derive(Debug, Default)]
pub(super) struct MassProgress(Mutex<Option<State>>);

/// Where an act is.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// Choosing and recording.
    Step {
        /// Which.
        step: MassStep,
        /// Revocations that there were when it began.
        revocations_before: u64,
    },
    /// Its CRLs are published.
    Publishing {
        /// Lists.
        shards: u64,
    },
}

impl MassProgress {
    pub(super) fn set(&self, state: State) {
        *self.0.lock() = Some(state);
    }

    pub(super) fn end(&self) {
        *self.0.lock() = None;
    }

    pub(super) fn state(&self) -> Option<State> {
        *self.0.lock()
    }
}
