//! SIGINT and SIGTERM while something is done that cannot be taken back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kasane_web::control::Problem;

use crate::serve::Signals;

/// What a shell shows for a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Listens for SIGINT and SIGTERM. The first one ends waiting, not the act: whoever sent it is told so,
/// and gets the answer. The second one ends the process.
#[derive(Clone, Debug)]
pub(crate) struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// From here on. `look` says how people find out whether it was done.
    pub(crate) fn listen(look: String) -> Result<Self, Problem> {
        let mut signals = Signals::listen()?;
        let given_up = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&given_up);
        // It lives as long as the process.
        std::thread::spawn(move || {
            signals.wait();
            told.store(true, Ordering::Release);
            eprintln!(
                "interrupted: what was begun is finished and not taken back, and no responder is waited \
                 for; interrupt again to leave at once: {look}"
            );
            signals.wait();
            leave();
        });
        Ok(Self(given_up))
    }

    /// Set when one came.
    pub(crate) fn given_up(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether one came.
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever interrupts twice wants no end but this, as without a listener"
)]
fn leave() {
    std::process::exit(INTERRUPTED);
}
