//! The PIN, and that a wrong one costs one try.

use cryptoki::error::{Error as CallError, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::RawAuthPin;
use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::codes::{self, Meaning};
use super::fault::Fault;
use crate::Error;

/// A user PIN. Tokens count wrong ones and lock, so a refused PIN is never shown to the token again
/// by this value, and none is shown when the next wrong one would lock the token.
#[derive(Debug)]
pub(super) struct Pin {
    /// Erased when dropped, and never printed.
    secret: RawAuthPin,
    standing: Mutex<Standing>,
}

#[derive(Debug)]
enum Standing {
    Untried,
    Good,
    Refused(String),
}

impl Pin {
    /// # Errors
    /// [`Error::WrongCredential`] when it is empty.
    pub(super) fn new(mut secret: Zeroizing<Vec<u8>>, backend: &str) -> Result<Self, Error> {
        if secret.is_empty() {
            return Err(wrong(backend, "it is empty".to_owned()));
        }
        Ok(Self {
            secret: RawAuthPin::new(Box::new(std::mem::take(&mut *secret))),
            standing: Mutex::new(Standing::Untried),
        })
    }

    /// # Errors
    /// [`Error::WrongCredential`] when the token has refused it.
    pub(super) fn check(&self, backend: &str) -> Result<(), Error> {
        match &*self.standing.lock() {
            Standing::Refused(reason) => Err(wrong(backend, reason.clone())),
            Standing::Untried | Standing::Good => Ok(()),
        }
    }

    /// Logs the token in, unless another session of this process has. `info` was read just now.
    pub(super) fn login(
        &self,
        session: &Session,
        info: &TokenInfo,
        backend: &str,
    ) -> Result<(), Fault> {
        // Held over the call: two at once would be two tries.
        let mut standing = self.standing.lock();
        if let Standing::Refused(reason) = &*standing {
            return Err(wrong(backend, reason.clone()).into());
        }
        let state = session.get_session_info()?.session_state();
        if matches!(state, SessionState::RoUser | SessionState::RwUser) {
            return Ok(());
        }
        if let Some(reason) = hindrance(info) {
            return Err(wrong(backend, reason.to_owned()).into());
        }
        if info.user_pin_count_low() {
            tracing::warn!(
                key_backend = backend,
                "a wrong PIN was entered since the last login"
            );
        }
        match session.login_with_raw(UserType::User, &self.secret) {
            Ok(()) | Err(CallError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                *standing = Standing::Good;
                Ok(())
            }
            Err(CallError::Pkcs11(code, _)) if self.counts(code, &standing) => {
                let reason = codes::name(code);
                *standing = Standing::Refused(reason.clone());
                Err(wrong(backend, reason).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether this answer may have cost a try. A PIN that has worked is not blamed for an answer
    /// that says nothing of PINs; one that never has is, unless the token was simply not there.
    fn counts(&self, code: RvError, standing: &Standing) -> bool {
        match codes::verdict(code).meaning {
            Meaning::Credential => true,
            Meaning::Gone | Meaning::Busy => false,
            _ => !matches!(standing, Standing::Good),
        }
    }
}

/// Why the PIN is not even tried. An administrator can mend each, so none of these is kept.
fn hindrance(info: &TokenInfo) -> Option<&'static str> {
    if info.user_pin_locked() {
        Some("the token has locked it (CKF_USER_PIN_LOCKED); it was not tried")
    } else if info.user_pin_final_try() {
        Some("one more wrong PIN would lock the token (CKF_USER_PIN_FINAL_TRY); it was not tried")
    } else if !info.user_pin_initialized() {
        Some("the token has no user PIN yet (CKF_USER_PIN_INITIALIZED); it was not tried")
    } else {
        None
    }
}

fn wrong(backend: &str, reason: String) -> Error {
    Error::WrongCredential {
        backend: backend.to_owned(),
        credential: "PIN".to_owned(),
        reason,
    }
}
