//! The thread in which the device lives.

use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{conduct::Conduct, status::Status};
use crate::{
    Error,
    device::Device,
    fault::{Garbage, Misbehaviour},
    options::Options,
    protocol::Frame,
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

/// What a device's thread told when it was up.
pub(super) struct Identity {
    pub(super) serial: u32,
    pub(super) firmware: String,
    pub(super) attestation_root: Vec<u8>,
}

/// Tells who asked, if anybody still waits.
type Reply<T> = Box<dyn FnOnce(T) + Send>;

enum Job {
    Exchange(Vec<u8>, Reply<Delivery>),
    Wish(Misbehaviour, Reply<Result<(), String>>),
    Status(Reply<Status>),
    End,
}

/// The way to the device.
#[derive(Clone)]
pub(super) struct Engine {
    jobs: mpsc::Sender<Job>,
    conduct: Arc<Conduct>,
}

/// The device's thread, which ends with this.
pub(super) struct EngineThread {
    jobs: mpsc::Sender<Job>,
    thread: Option<thread::JoinHandle<()>>,
}

impl EngineThread {
    /// Lets the device finish the command in hand, and waits for its end.
    pub(super) fn join(mut self) {
        // It may have ended already.
        let _ = self.jobs.send(Job::End);
        if let Some(thread) = self.thread.take() {
            // A panic was printed where it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for EngineThread {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.jobs.send(Job::End);
    }
}

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
        let thread = EngineThread {
            jobs: jobs.clone(),
            thread: Some(thread),
        };
        let identity = is_up.await.map_err(|_| Error::Ended)??;
        Ok((Self { jobs, conduct }, thread, identity))
    }

    /// Hands a message to the device; nobody else's is executed meanwhile.
    pub(super) async fn exchange(&self, message: Vec<u8>) -> Delivery {
        let (reply, waiting) = waiting();
        // When the device has ended, nobody replies.
        let _ = self.jobs.send(Job::Exchange(message, reply));
        waiting.await.unwrap_or(Delivery::Closed)
    }

    /// Fulfils a wish.
    pub(super) async fn wish(&self, wish: Misbehaviour) -> Result<(), String> {
        let (reply, waiting) = waiting();
        self.ask(wish, reply);
        waiting.await.map_err(|_| ENDED.to_owned())?
    }

    /// As [`Self::wish`], outside of any runtime.
    pub(super) fn wish_blocking(&self, wish: Misbehaviour) -> Result<(), String> {
        let (reply, waiting) = waiting_blocking();
        self.ask(wish, reply);
        waiting.recv().map_err(|_| ENDED.to_owned())?
    }

    /// At once, if it need not wait for the device.
    fn ask(&self, wish: Misbehaviour, reply: Reply<Result<(), String>>) {
        match &wish {
            Misbehaviour::GoAway { milliseconds } => {
                self.conduct.go_away(Duration::from_millis(*milliseconds));
                return reply(Ok(()));
            }
            Misbehaviour::Split { on } => {
                self.conduct.set_split(*on);
                return reply(Ok(()));
            }
            Misbehaviour::Behave => {
                self.conduct.plan().clear();
                self.conduct.set_split(false);
                self.conduct.come_back();
            }
            wish if self.conduct.plan().add(wish) => return reply(Ok(())),
            _ => {}
        }
        // When the device has ended, nobody replies.
        let _ = self.jobs.send(Job::Wish(wish, reply));
    }

    /// What control tells; nothing when the device has ended.
    pub(super) async fn status(&self) -> Option<Status> {
        let (reply, waiting) = waiting();
        self.jobs.send(Job::Status(reply)).ok()?;
        waiting.await.ok()
    }

    /// As [`Self::status`], outside of any runtime.
    pub(super) fn status_blocking(&self) -> Option<Status> {
        let (reply, waiting) = waiting_blocking();
        self.jobs.send(Job::Status(reply)).ok()?;
        waiting.recv().ok()
    }
}

/// Why there is no reply.
const ENDED: &str = "the device has ended";

fn waiting<T: Send + 'static>() -> (Reply<T>, oneshot::Receiver<T>) {
    let (sender, receiver) = oneshot::channel();
    (Box::new(|value| drop(sender.send(value))), receiver)
}

fn waiting_blocking<T: Send + 'static>() -> (Reply<T>, mpsc::Receiver<T>) {
    let (sender, receiver) = mpsc::channel();
    (Box::new(move |value| drop(sender.send(value))), receiver)
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
            match job {
                Job::End => return,
                Job::Exchange(message, reply) => reply(self.exchange(&mut device, &message)),
                Job::Wish(wish, reply) => reply(fulfil(&mut device, &wish)),
                Job::Status(reply) => {
                    let (log_used, sessions) = device.usage();
                    reply(Status {
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
        match (effects.lie, effects.garbage) {
            (Some(error), _) => Delivery::Answer(Frame::error(error).encode()),
            (None, Some(kind)) => spoil(kind, answer).unwrap_or(Delivery::Closed),
            (None, None) => Delivery::Answer(answer),
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
        Misbehaviour::Behave => {
            device.set_pace(Default::default());
            device.restore_keys();
        }
        _ => return Err("not a wish to the device".into()),
    }
    Ok(())
}
