//! SIGINT and SIGTERM, from the first moment of a service to its last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use kasane_web::control::Problem;
use parking_lot::Mutex;

use crate::serve::Signals;

/// The first SIGINT or SIGTERM.
pub(crate) struct Ending {
    told: Arc<Told>,
    came: Receiver<()>,
}

#[derive(Default)]
struct Told {
    is_there: AtomicBool,
    /// Whether something is open that has to be closed.
    is_open: Mutex<bool>,
}

impl Ending {
    /// Listens from here on. Until something [is opened](Self::opens) a signal ends the process at once, as
    /// if nobody listened: somebody may sit before a prompt for a PIN, or a device may not answer.
    pub(crate) fn listen() -> Result<Self, Problem> {
        let mut signals = Signals::listen()?;
        let told = Arc::new(Told::default());
        let (tell, came) = sync_channel(1);
        let teller = Arc::clone(&told);
        // It lives as long as the process.
        std::thread::spawn(move || {
            signals.wait();
            teller.tell(&tell);
        });
        Ok(Self { told, came })
    }

    /// From here on the process is ended by those who ask [`is_there`](Self::is_there) or
    /// [`wait`](Self::wait).
    pub(crate) fn opens(&self) {
        *self.told.is_open.lock() = true;
    }

    /// Whether it came.
    pub(crate) fn is_there(&self) -> bool {
        self.told.is_there.load(Ordering::Acquire)
    }

    /// Whether it is why a start failed.
    pub(crate) fn has_interrupted(&self, problem: &Problem) -> bool {
        self.is_there() && problem.code == "ledger.interrupted"
    }

    /// Waits until it comes.
    pub(crate) fn wait(&self) {
        // The teller tells before it ends.
        let _told = self.came.recv();
    }
}

impl Told {
    fn tell(&self, came: &SyncSender<()>) {
        let is_open = self.is_open.lock();
        if !*is_open {
            leave();
        }
        self.is_there.store(true, Ordering::Release);
        // Nobody waits any more when the service failed meanwhile.
        let _told = came.send(());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root ends the process, which has nothing open yet"
)]
fn leave() {
    std::process::exit(0);
}
