//! SIGINT and SIGTERM.

use kasane_web::control::Problem;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::environment;

/// What ends a service, and what people interrupt a command with. They end the process no more by
/// themselves once they are listened for.
pub(crate) struct Signals {
    runtime: tokio::runtime::Runtime,
    interrupted: Signal,
    terminated: Signal,
}

impl Signals {
    /// Those that come from here on are noticed.
    pub(crate) fn listen() -> Result<Self, Problem> {
        let failed = |error: std::io::Error| environment("service.signal", &error);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let entered = runtime.enter();
        let interrupted = signal(SignalKind::interrupt()).map_err(failed)?;
        let terminated = signal(SignalKind::terminate()).map_err(failed)?;
        drop(entered);
        Ok(Self {
            runtime,
            interrupted,
            terminated,
        })
    }

    /// Returns when one came; the next one may be waited for again.
    pub(crate) fn wait(&mut self) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.interrupted.recv() => {}
                _ = self.terminated.recv() => {}
            }
        });
    }
}
