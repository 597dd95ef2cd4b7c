//! The one command at a time that a device runs, and the sessions it runs in.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use yubihsm::{Client, client};

use super::channel::Channel;
use super::fault::{Fault, Happened};
use super::link::{Link, Word};
use crate::device::SessionUse;
use crate::{DeviceIdentity, Error};

/// Sessions of a device.
const DEVICE_SESSIONS: usize = 16;

/// How long a device keeps a session that nobody uses (YubiHSM 2 Concepts, "Session").
const SESSION_IDLE: Duration = Duration::from_secs(30);

/// Sessions that we lost and that may still be taken up in the device. What closes a session needs to
/// know its last command, which after a lost answer is a guess. So beyond this number no further one is
/// asked for until the device has dropped the first: others, and our next start, need sessions too.
const MAX_LOST_SESSIONS: usize = DEVICE_SESSIONS - 6;

/// How long the end of a session may take, and a word with the device before its beginning.
const ASIDE: Duration = Duration::from_secs(2);

const STUMBLED: &str = "the client stumbled over the answer";

/// Which credential a command runs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// What the process was configured for.
    Main,
    /// The reader of the command log.
    Audit,
}

/// What a command gets.
pub(super) struct Session<'a> {
    /// Sends commands.
    pub(super) client: &'a Client,
    /// Counts the sessions of this credential.
    pub(super) number: u64,
}

/// The way to the device. Whoever holds the lock may send a command.
pub(super) struct Lane {
    backend: Arc<str>,
    serial: Option<u32>,
    word: Word,
    open: AtomicUsize,
    lost: AtomicUsize,
    /// Refused passwords are to be forgotten before the next session.
    forgives: AtomicBool,
    inner: Mutex<Inner>,
}

/// Clients are dropped before the link that they use.
struct Inner {
    main: Channel,
    audit: Option<Channel>,
    lost: Vec<Lost>,
    link: Link,
}

/// A session that was given up.
struct Lost {
    since: Instant,
    /// Its number, until it was tried to close it.
    number: Option<u8>,
}

impl Lane {
    pub(super) fn new(
        backend: Arc<str>,
        serial: Option<u32>,
        simulator: bool,
        link: Link,
        main: Channel,
        audit: Option<Channel>,
    ) -> Self {
        for channel in [Some(&main), audit.as_ref()].into_iter().flatten() {
            link.follow(channel.credentials());
        }
        Self {
            backend,
            serial,
            word: link.word().configured(simulator),
            open: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            forgives: AtomicBool::new(false),
            inner: Mutex::new(Inner {
                main,
                audit,
                lost: Vec::new(),
                link,
            }),
        }
    }

    /// Runs a command in a session of `who`, which is opened if there is none. If the device is said
    /// to have dropped the session meanwhile, another one is opened and the command repeated, once.
    pub(super) fn run<T>(
        &self,
        who: Who,
        operation: &'static str,
        deadline: Instant,
        command: impl Fn(&Session<'_>) -> Result<T, client::Error>,
    ) -> Result<T, Fault> {
        let Some(mut inner) = self.inner.try_lock_until(deadline) else {
            return Err(Fault::Other(Error::TimedOut {
                backend: self.backend.to_string(),
                operation,
                attempted: false,
            }));
        };
        let result = match self.attempt(&mut inner, who, operation, deadline, &command) {
            Err(Fault::SessionGone) => self.attempt(&mut inner, who, operation, deadline, &command),
            result => result,
        };
        self.open.store(inner.open(), Ordering::Relaxed);
        self.lost.store(inner.lost.len(), Ordering::Relaxed);
        result
    }

    /// The sessions of this process, after the last command.
    pub(super) fn sessions(&self) -> SessionUse {
        SessionUse {
            open: self.open.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            most: DEVICE_SESSIONS,
        }
    }

    /// Passwords that were refused may be tried once more. Does not wait for the lane.
    pub(super) fn forget_refusals(&self) {
        self.forgives.store(true, Ordering::Release);
    }

    /// Which device answers, as it said when the last session was opened.
    pub(super) fn identity(&self, deadline: Instant) -> Result<DeviceIdentity, Fault> {
        self.run(Who::Main, "identify", deadline, |session| {
            session.client.device_info()
        })
        .map(|info| super::channel::identity(&info, self.is_simulator()))
    }

    /// Whether it is known to be a simulator. Does not wait for the lane.
    pub(super) fn is_simulator(&self) -> bool {
        self.word.is_simulator()
    }

    /// Waits until a command that was given up has ended.
    pub(super) fn wait_until_idle(&self, deadline: Instant) {
        if let Some(inner) = self.inner.try_lock_until(deadline) {
            inner.link.wait_until_idle(deadline);
        }
    }

    fn attempt<T>(
        &self,
        inner: &mut Inner,
        who: Who,
        operation: &'static str,
        deadline: Instant,
        command: &impl Fn(&Session<'_>) -> Result<T, client::Error>,
    ) -> Result<T, Fault> {
        self.open(inner, who, deadline).map_err(Fault::Other)?;
        inner.link.begin_call(deadline);
        let (channel, _) = inner.channel(who);
        let Some(session) = channel.session() else {
            return Err(Fault::SessionGone);
        };
        // A panic of the crate over an answer costs the sessions, not the process.
        let result = catch_unwind(AssertUnwindSafe(|| command(&session)));
        let happened = match result {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Happened::read(&error, inner.link.seen()),
            Err(_) => {
                inner.lose_all();
                Happened::Lost {
                    timed_out: false,
                    reason: STUMBLED.to_owned(),
                }
            }
        };
        let fault = happened.command(&self.backend, operation);
        match fault {
            Fault::Other(Error::AnswerLost { .. } | Error::TimedOut { .. }) => inner.lose(who),
            Fault::SessionGone | Fault::Other(Error::Unreachable { .. }) => {
                inner.channel(who).0.forget();
            }
            _ => {}
        }
        Err(fault)
    }

    /// Sees to it that there is a session, and that it is one with the right device.
    fn open(&self, inner: &mut Inner, who: Who, deadline: Instant) -> Result<(), Error> {
        inner
            .lost
            .retain(|lost| lost.since.elapsed() < SESSION_IDLE);
        let too_many = inner.lost.len() >= MAX_LOST_SESSIONS;
        inner.link.begin_call(deadline);
        if self.forgives.swap(false, Ordering::AcqRel) {
            inner.main.forget_refusal();
            if let Some(audit) = &mut inner.audit {
                audit.forget_refusal();
            }
        }
        let (channel, link) = inner.channel(who);
        if !channel.has_session() {
            self.not_a_stranger(link, deadline)?;
        }
        if too_many && !channel.has_session() {
            return Err(Error::Busy {
                backend: self.backend.to_string(),
                operation: "open session",
                reason: format!(
                    "{MAX_LOST_SESSIONS} sessions were lost within 30 s, which the device keeps as long"
                ),
            });
        }
        let opened = catch_unwind(AssertUnwindSafe(|| channel.open(link, &self.backend)));
        let info = match opened {
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(info))) => info,
            Err(_) => {
                inner.lose_all();
                return Err(Error::Unreachable {
                    backend: self.backend.to_string(),
                    reason: format!("no session: {STUMBLED}"),
                });
            }
            Ok(Err((error, lost))) => {
                if lost {
                    inner.lose(who);
                } else {
                    channel.forget();
                }
                return Err(error);
            }
        };
        let found = info.serial_number.to_string();
        if let Some(serial) = self
            .serial
            .filter(|serial| found.parse::<u32>().ok() != Some(*serial))
        {
            channel.close(link, ASIDE);
            return Err(self.stranger(&found, serial));
        }
        inner.close_lost();
        Ok(())
    }

    /// The device says who it is to anybody. One of another serial number is not shown a password: it
    /// would call it wrong. A garbled answer is no reason, so the device has to say it twice; one that
    /// says nothing here says it in its session.
    fn not_a_stranger(&self, link: &Link, deadline: Instant) -> Result<(), Error> {
        let Some(serial) = self.serial else {
            return Ok(());
        };
        let other = || {
            let limit = deadline
                .saturating_duration_since(Instant::now())
                .min(ASIDE);
            let announced = link.announced(limit)?;
            (announced.serial != serial).then_some(announced.serial)
        };
        match (other(), serial) {
            (Some(found), serial) if other() == Some(found) => {
                Err(self.stranger(&format!("{found:010}"), serial))
            }
            _ => Ok(()),
        }
    }

    fn stranger(&self, found: &str, serial: u32) -> Error {
        Error::WrongDevice {
            backend: self.backend.to_string(),
            reason: format!(
                "the device has the serial number {found}, the configuration says {serial:010}"
            ),
        }
    }
}

impl Inner {
    fn channel(&mut self, who: Who) -> (&mut Channel, &Link) {
        let channel = match (who, &mut self.audit) {
            (Who::Audit, Some(audit)) => audit,
            _ => &mut self.main,
        };
        (channel, &self.link)
    }

    /// How many sessions are in use.
    fn open(&self) -> usize {
        let channels = [Some(&self.main), self.audit.as_ref()];
        let open = channels.into_iter().flatten().filter(|it| it.has_session());
        open.count()
    }

    /// A session is of no use any more, and the device may not know that.
    fn lose(&mut self, who: Who) {
        let number = self.channel(who).0.forget();
        self.lost.push(Lost {
            since: Instant::now(),
            number,
        });
    }

    /// Now that the device answers again, sessions that were given up are closed in it. Each is tried
    /// once: what the device heard last is a guess.
    fn close_lost(&mut self) {
        let link = &self.link;
        self.lost.retain_mut(|lost| {
            let number = lost.number.take();
            !number.is_some_and(|number| link.close(number, ASIDE))
        });
    }

    /// The crate panicked: what it held is poisoned.
    fn lose_all(&mut self) {
        self.lose(Who::Main);
        if self.audit.is_some() {
            self.lose(Who::Audit);
        }
        self.link.renew();
    }
}

/// Others need the sessions. A connector that hangs is not waited for long.
impl Drop for Inner {
    fn drop(&mut self) {
        if self.open() == 0 {
            return;
        }
        self.link.wait_until_idle(Instant::now() + ASIDE);
        self.main.close(&self.link, ASIDE);
        if let Some(audit) = &mut self.audit {
            audit.close(&self.link, ASIDE);
        }
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}
