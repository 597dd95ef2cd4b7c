//! A simulator inside of another program.

use std::{sync::mpsc, thread};

use tokio::{runtime, sync::oneshot};

use crate::{
    Error,
    options::Options,
    server::{Handle, Listening, run},
};

/// A simulator in a thread of its own. It ends when this is dropped.
pub struct Simulator {
    listening: Listening,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Simulator {
    /// Starts one; it listens when this returns.
    ///
    /// # Errors
    /// As [`run`].
    pub fn start(options: Options) -> Result<Self, Error> {
        let failed = |reason| Error::Runtime { reason };
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let (up, is_up) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("yubihsm-connector".into())
            .spawn(move || {
                let ready = up.clone();
                let outcome = runtime.block_on(run(
                    options,
                    // Nobody waits any more when sending fails.
                    |listening| drop(ready.send(Ok(listening.clone()))),
                    async {
                        let _ = stopped.await;
                    },
                ));
                if let Err(error) = outcome {
                    drop(up.send(Err(error)));
                }
            })
            .map_err(failed)?;
        let listening = is_up.recv().map_err(|_| Error::Ended)??;
        Ok(Self {
            listening,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn listening(&self) -> &Listening {
        &self.listening
    }

    /// Its control.
    #[must_use]
    pub const fn handle(&self) -> &Handle {
        &self.listening.handle
    }

    /// The connector's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listening.connector)
    }

    /// Ends it and waits for its end; the state folder is free then.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic was printed where it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.end();
    }
}
