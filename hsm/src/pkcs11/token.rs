//! A token, and how what was lost is made anew.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cryptoki::context::Function;
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::session::{Session, SessionState};
use parking_lot::{Mutex, RwLock};

use super::codes::Loss;
use super::connection::{self, Connection, TokenFacts};
use super::fault::Fault;
use super::lanes::Lanes;
use super::module::{Library, Module};
use super::objects::Foreign;
use super::pin::Pin;
use super::selector::Selector;
use crate::config::HashOn;
use crate::{DeviceName, Error, KeyLabel};

/// Shortest and longest pause between two new beginnings of the library for this token: each costs
/// the library's other tokens their sessions.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));

/// A deadline further away than this is this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything about one token that its keys share.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) name: DeviceName,
    pub(super) selector: Selector,
    pub(super) foreign: Vec<Foreign>,
    pub(super) hash_on: HashOn,
    pub(super) vouched_hardware: bool,
    pub(super) module: Arc<Module>,
    pub(super) pin: Pin,
    pub(super) lanes: Lanes,
    current: Mutex<Option<Arc<Connection>>>,
    /// One thread connects, the others wait for it. Taken inside the library, never around it.
    connecting: Mutex<()>,
    /// One thread begins the library anew. Taken around the library, never inside it.
    renewing: Mutex<()>,
    /// Never held over anything that waits.
    pace: Mutex<Pace>,
    /// The generation of the library that is to be ended, unless somebody has ended it already.
    distrusted: Mutex<Option<Distrust>>,
    seen: RwLock<Option<TokenFacts>>,
}

#[derive(Clone, Copy, Debug)]
struct Distrust {
    generation: u64,
    ended: bool,
}

/// When the library may be begun anew for this token.
#[derive(Debug)]
struct Pace {
    not_before: Option<Instant>,
    pause: Duration,
}

/// A session for one command.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) library: Library<'a>,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Session,
}

/// When a call that may take `wait` is over.
pub(super) fn deadline(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait.min(LONGEST)).unwrap_or(now)
}

impl Token {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of the configuration"
    )]
    pub(super) fn new(
        name: DeviceName,
        selector: Selector,
        foreign: Vec<Foreign>,
        hash_on: HashOn,
        vouched_hardware: bool,
        module: Arc<Module>,
        pin: Pin,
        lanes: Lanes,
    ) -> Self {
        Self {
            name,
            selector,
            foreign,
            hash_on,
            vouched_hardware,
            module,
            pin,
            lanes,
            current: Mutex::new(None),
            connecting: Mutex::new(()),
            renewing: Mutex::new(()),
            pace: Mutex::new(Pace::new()),
            distrusted: Mutex::new(None),
            seen: RwLock::new(None),
        }
    }

    /// What the token said of itself when it was last connected.
    pub(super) fn facts(&self) -> Option<TokenFacts> {
        self.seen.read().clone()
    }

    /// For people and errors.
    pub(super) fn describe(&self) -> String {
        match &*self.seen.read() {
            Some(facts) => facts.to_string(),
            None => format!(
                "{} of {} (not reached yet)",
                self.selector,
                self.module.path().display()
            ),
        }
    }

    /// Runs a command in a session. If what it needs was lost before the token did anything, that
    /// is made anew and the command runs once more.
    pub(super) fn run<T>(
        &self,
        operation: &'static str,
        deadline: Instant,
        command: impl Fn(&Lane<'_>) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        self.pin.check(|| self.describe())?;
        let Some(_permit) = self.lanes.take(deadline) else {
            return Err(self.timed_out(operation));
        };
        let mut renewed = false;
        loop {
            let lane = self
                .lane(operation, deadline)
                .map_err(|fault| fault.into_error(&self.describe(), operation))?;
            let fault = match command(&lane) {
                Ok(value) => {
                    self.put_back(lane);
                    return Ok(value);
                }
                Err(fault) => fault,
            };
            let again = !renewed && fault.is_renewable() && Instant::now() < deadline;
            match fault.loss() {
                Loss::Nothing => self.put_back(lane),
                loss => self.lose(lane, loss, &fault),
            }
            if !again {
                return Err(fault.into_error(&self.describe(), operation));
            }
            renewed = true;
        }
    }

    fn lane(&self, operation: &'static str, deadline: Instant) -> Result<Lane<'_>, Fault> {
        let (mut asked, mut renewed) = (false, false);
        loop {
            let Some(library) = self.module.enter(deadline) else {
                return Err(self.timed_out(operation).into());
            };
            let generation = library.generation();
            let distrust = *self.distrusted.lock();
            if let Some(distrust) = distrust.filter(|it| !asked && it.generation == generation) {
                drop(library);
                asked = true;
                renewed = self.renew(generation, distrust.ended, deadline)?;
                continue;
            }
            match self.session(&library, operation, deadline) {
                Ok((connection, session)) => {
                    return Ok(Lane {
                        library,
                        connection,
                        session,
                    });
                }
                Err(fault) if !renewed && fault.asks_for_library() => {
                    drop(library);
                    renewed = true;
                    if !self.renew(generation, fault.says_ended(), deadline)? {
                        return Err(fault);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// A session of the present connection, or of a new one.
    fn session(
        &self,
        library: &Library<'_>,
        operation: &'static str,
        deadline: Instant,
    ) -> Result<(Arc<Connection>, Session), Fault> {
        if let Some(lane) = self.session_of_current(library)? {
            return Ok(lane);
        }
        let Some(_one) = self.connecting.try_lock_until(deadline) else {
            return Err(self.timed_out(operation).into());
        };
        // Another thread may have connected while this one waited.
        if let Some(lane) = self.session_of_current(library)? {
            return Ok(lane);
        }
        self.close_outdated(library);
        let (connection, session) =
            Connection::open(library, &self.selector, &self.pin, self.vouched_hardware)?;
        let connection = Arc::new(connection);
        self.greet(&connection.facts);
        *self.current.lock() = Some(Arc::clone(&connection));
        *self.pace.lock() = Pace::new();
        Ok((connection, session))
    }

    fn session_of_current(
        &self,
        library: &Library<'_>,
    ) -> Result<Option<(Arc<Connection>, Session)>, Fault> {
        let current = self.current.lock().clone();
        let Some(connection) = current.filter(|it| it.generation == library.generation()) else {
            return Ok(None);
        };
        if let Some(session) = self.lanes.reuse(&connection) {
            return Ok(Some((connection, session)));
        }
        match connection::open_session(library.pkcs11(), connection.slot).map_err(Fault::from) {
            Ok(session) => Ok(Some((connection, session))),
            Err(fault) if fault.loss() == Loss::Nothing => Err(fault),
            Err(_) => {
                self.forget(&connection);
                Ok(None)
            }
        }
    }

    fn put_back(&self, lane: Lane<'_>) {
        let current = self.current.lock();
        if current
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, &lane.connection))
        {
            self.lanes.put_back(lane.connection, lane.session);
        } else {
            drop(current);
            connection::close(lane.session);
        }
    }

    fn lose(&self, lane: Lane<'_>, loss: Loss, fault: &Fault) {
        tracing::warn!(
            key_backend = %self.describe(), ?fault, "PKCS#11 session lost; the next call opens another"
        );
        self.forget(&lane.connection);
        if loss == Loss::Library {
            *self.distrusted.lock() = Some(Distrust {
                generation: lane.library.generation(),
                ended: fault.says_ended(),
            });
        }
        connection::close(lane.session);
        self.close_outdated(&lane.library);
    }

    fn forget(&self, connection: &Arc<Connection>) {
        let mut current = self.current.lock();
        if current
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, connection))
        {
            *current = None;
        }
    }

    /// Closes what is left of earlier connections. Handles of an earlier generation are void and
    /// may be another's by now: they are only forgotten.
    fn close_outdated(&self, library: &Library<'_>) {
        let current = self.current.lock().clone();
        for (generation, session) in self.lanes.outdated(current.as_ref()) {
            if generation == library.generation() {
                connection::close(session);
            }
        }
    }

    /// Begins the library anew, if the last time was long enough ago.
    fn renew(&self, seen: u64, ended: bool, deadline: Instant) -> Result<bool, Fault> {
        let Some(_one) = self.renewing.try_lock_until(deadline) else {
            return Ok(false);
        };
        // Whoever waited here for another thread finds it done.
        let done = self
            .module
            .enter(deadline)
            .is_some_and(|library| library.generation() != seen);
        if done {
            return Ok(true);
        }
        if !self.pace.lock().step(Instant::now()) && !ended {
            return Ok(false);
        }
        self.module.renew(seen, ended, deadline)
    }

    fn greet(&self, facts: &TokenFacts) {
        let mut seen = self.seen.write();
        if seen.is_none() && facts.kind == crate::BackendKind::Software {
            tracing::warn!(key_backend = %facts, "software keys are for development only");
        }
        *seen = Some(facts.clone());
    }

    pub(super) fn not_found(&self, label: &KeyLabel) -> Error {
        Error::KeyNotFound {
            label: label.clone(),
            backend: self.describe(),
        }
    }

    fn timed_out(&self, operation: &'static str) -> Error {
        Error::TimedOut {
            backend: self.describe(),
            operation,
            attempted: false,
        }
    }
}

impl Lane<'_> {
    /// The session is still that of a user who is logged in.
    pub(super) fn check_login(&self) -> Result<(), Fault> {
        match self.session.get_session_info()?.session_state() {
            SessionState::RoUser | SessionState::RwUser => Ok(()),
            _ => Err(CallError::Pkcs11(RvError::UserNotLoggedIn, Function::GetSessionInfo).into()),
        }
    }
}

impl Pace {
    const fn new() -> Self {
        Self {
            not_before: None,
            pause: PAUSE.0,
        }
    }

    /// Whether it is time; then the next time is further away.
    fn step(&mut self, now: Instant) -> bool {
        if self.not_before.is_some_and(|time| now < time) {
            return false;
        }
        self.not_before = now.checked_add(self.pause);
        self.pause = self.pause.saturating_mul(2).min(PAUSE.1);
        true
    }
}

/// The library stays, and with it the login of other devices at the same token.
impl Drop for Token {
    fn drop(&mut self) {
        *self.current.get_mut() = None;
        if let Some(library) = self.module.enter(deadline(Duration::from_secs(1))) {
            self.close_outdated(&library);
        }
    }
}
