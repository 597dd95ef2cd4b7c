//! The thread that waits for times: ends of pauses and rests, logs that were idle.

use parking_lot::MutexGuard;

use super::inner::Inner;

/// Keeps the pool's timers until it is closed.
pub(super) fn keep(inner: &Inner) {
    let mut state = inner.state.lock();
    while !state.closed {
        // One reading of the clock for both: what is not due yet is waited for.
        let now = inner.clock.now();
        state.settle(now);
        let woken = state.take_woken();
        if !woken.is_empty() {
            // The lock was free meanwhile: look again.
            MutexGuard::unlocked(&mut state, || woken.wake());
            continue;
        }
        state.timers_changed = false;
        match state.next_event(now) {
            None => inner.keeper.wait(&mut state),
            Some(at) => {
                inner.keeper.wait_for(&mut state, inner.clock.nap(at));
            }
        }
    }
    state.threads -= 1;
    inner.ended.notify_all();
}
