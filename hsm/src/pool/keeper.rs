//! The thread that waits for times: ends of pauses and rests, logs that were idle.

use super::inner::Inner;

/// Keeps the pool's timers until it is closed.
pub(super) fn keep(inner: &Inner) {
    loop {
        inner.with(|_, _| ());
        let mut state = inner.state.lock();
        if state.closed {
            break;
        }
        let now = inner.clock.now();
        match state.next_event(now) {
            // Something changed since the timers were read.
            _ if std::mem::take(&mut state.timers_changed) => {}
            None => inner.keeper.wait(&mut state),
            Some(at) => {
                inner.keeper.wait_for(&mut state, inner.clock.nap(at));
            }
        }
        state.timers_changed = false;
    }
    inner.with(|state, _| state.threads -= 1);
    inner.ended.notify_all();
}
