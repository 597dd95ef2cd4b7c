//! The thread in which the device lives.

use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::sync::oneshot;

use super::conduct::Conduct;
use crate::{
    Error,
    device::{Counters, Device},
    fault::{Garbage, Misbehaviour},
    options::Options,
    random,
};

/// How an exchange ends.
#[derive(Debug)]
pub(super) enum Delivery {
    /// With these octets, be they an answer or not.
    Answer(Vec<u8>),
    /// With a page of text from somebody in between.
    BadGateway,
    /// With a closed connection.
    Closed,
}

/// What control tells.
#[derive(Serialize)]
pub(super) struct Status {
    simulator: bool,
    serial: u32,
    firmware: String,
    log_used: usize,
    sessions: usize,
    counters: Counters,
}

/// What a device's thread told when it was up.
pub(super) struct Identity {
    pub(super) serial: u32,
    pub(super) firmware: String,
    pub(super) attestation_root: Vec<u8>,
}

enum Job {
    Exchange(Vec<u8>, oneshot::Sender<Delivery>),
    Wish(Misbehaviour, oneshot::Sender<Result<(), String>>),
    Status(oneshot::Sender<Status>),
}

/// The way to the device. When the last one is gone, the thread ends.
#[derive(Clone)]
pub(super) struct Engine {
    jobs: mpsc::Sender<Job>,
    conduct: Arc<Conduct>,
}

/// The thread, to wait for.
pub(super) type EngineThread = thread::JoinHandle<()>;

impl Engine {
    /// Opens a device in a thread of its own.
    pub(super) async fn start(
        options: Options,
        conduct: Arc<Conduct>,
    ) -> Result<(Self, EngineThread, Identity), Error> {
        let (jobs, queue) = mpsc::channel();
        let (up, is_up) = oneshot::channel();
        let worker = Worker {
            conduct: Arc::clone(&conduct),
        };
        let thread = thread::Builder::new()
            .name("yubihsm-simulator".into())
            .spawn(move || worker.live(&options, &queue, up))
            .map_err(|reason| Error::Runtime { reason })?;
        let identity = is_up.await.map_err(|_| Error::Ended)??;
        Ok((Self { jobs, conduct }, thread, identity))
    }

    /// Hands a message to the device; nobody else's is executed meanwhile.
    pub(super) async fn exchange(&self, message: Vec<u8>) -> Delivery {
        let (answer, waiting) = oneshot::channel();
        if self.jobs.send(Job::Exchange(message, answer)).is_err() {
            return Delivery::Closed;
        }
        waiting.await.unwrap_or(Delivery::Closed)
    }

    /// Fulfils a wish; at once, if it need not wait for the device.
    pub(super) async fn wish(&self, wish: Misbehaviour) -> Result<(), String> {
        match &wish {
            Misbehaviour::GoAway { milliseconds } => {
                self.conduct.go_away(Duration::from_millis(*milliseconds));
                return Ok(());
            }
            Misbehaviour::Split { on } => {
                self.conduct.set_split(*on);
                return Ok(());
            }
            Misbehaviour::Behave => {
                self.conduct.plan().clear();
                self.conduct.set_split(false);
                self.conduct.come_back();
            }
            wish if self.conduct.plan().add(wish) => return Ok(()),
            _ => {}
        }
        let (done, waiting) = oneshot::channel();
        let gone = "the device has ended".to_owned();
        self.jobs
            .send(Job::Wish(wish, done))
            .map_err(|_| gone.clone())?;
        waiting.await.map_err(|_| gone)?
    }

    /// What control tells.
    pub(super) async fn status(&self) -> Option<Status> {
        let (answer, waiting) = oneshot::channel();
        self.jobs.send(Job::Status(answer)).ok()?;
        waiting.await.ok()
    }
}

struct Worker {
    conduct: Arc<Conduct>,
}

impl Worker {
    fn live(
        self,
        options: &Options,
        queue: &mpsc::Receiver<Job>,
        up: oneshot::Sender<Result<Identity, Error>>,
    ) {
        let mut device = match Device::open(options) {
            Ok(device) => device,
            Err(error) => {
                // Nobody waits any more when this fails.
                let _ = up.send(Err(error));
                return;
            }
        };
        let [major, minor, patch] = device.firmware().octets();
        let firmware = format!("{major}.{minor}.{patch}");
        let identity = Identity {
            serial: device.serial(),
            firmware: firmware.clone(),
            attestation_root: device.attestation_root().to_vec(),
        };
        if up.send(Ok(identity)).is_err() {
            return;
        }
        while let Ok(job) = queue.recv() {
            // Who asked may be gone; what was done stays done.
            match job {
                Job::Exchange(message, answer) => {
                    let _ = answer.send(self.exchange(&mut device, &message));
                }
                Job::Wish(wish, done) => {
                    let _ = done.send(fulfil(&mut device, &wish));
                }
                Job::Status(answer) => {
                    let (log_used, sessions) = device.usage();
                    let _ = answer.send(Status {
                        simulator: true,
                        serial: device.serial(),
                        firmware: firmware.clone(),
                        log_used,
                        sessions,
                        counters: device.counters().clone(),
                    });
                }
            }
        }
    }

    fn exchange(&self, device: &mut Device, message: &[u8]) -> Delivery {
        let begun = Instant::now();
        let effects = if self.conduct.plan().is_empty() {
            Default::default()
        } else {
            let command = device.peek(message);
            self.conduct.plan().take(command)
        };
        thread::sleep(effects.delay);
        if effects.lose_request {
            return Delivery::Closed;
        }
        let answer = match effects.refuse {
            Some(error) => device.refuse(message, error),
            None => device.process(message),
        };
        let least = effects.delay + device.duration();
        thread::sleep(least.saturating_sub(begun.elapsed()));
        if effects.lose_answer {
            return Delivery::Closed;
        }
        match effects.garbage {
            Some(kind) => spoil(kind, answer).unwrap_or(Delivery::Closed),
            None => Delivery::Answer(answer),
        }
    }
}

fn spoil(kind: Garbage, mut answer: Vec<u8>) -> io::Result<Delivery> {
    match kind {
        Garbage::Noise => random::fill(&mut answer).map_err(io::Error::other)?,
        Garbage::Truncated => {
            answer.pop();
        }
        Garbage::WrongMac => {
            if let Some(last) = answer.last_mut() {
                *last ^= 1;
            }
        }
        Garbage::Empty => answer.clear(),
        Garbage::BadGateway => return Ok(Delivery::BadGateway),
    }
    Ok(Delivery::Answer(answer))
}

fn fulfil(device: &mut Device, wish: &Misbehaviour) -> Result<(), String> {
    match wish {
        Misbehaviour::DropSessions { session } => {
            if device.drop_sessions(*session) == 0 && session.is_some() {
                return Err("there is no such session".into());
            }
        }
        Misbehaviour::SessionTimeout { milliseconds } => {
            device.set_session_timeout(Duration::from_millis(*milliseconds));
        }
        Misbehaviour::FillLog => device.fill_log().map_err(|error| error.to_string())?,
        Misbehaviour::Pace { pace } => device.set_pace(*pace),
        Misbehaviour::WrongKey { object } => {
            device
                .swap_key(*object)
                .map_err(|error| error.to_string())?;
        }
        Misbehaviour::Behave => device.set_pace(Default::default()),
        _ => return Err("not a wish to the device".into()),
    }
    Ok(())
}
