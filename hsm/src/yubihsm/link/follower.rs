//! The sessions that were opened through a relay.

use std::collections::BTreeMap;
use std::fmt;

use parking_lot::Mutex;
use yubihsm::Credentials;
use zeroize::Zeroizing;

use super::followed::{Closing, Followed};

/// Codes of commands.
const CREATE_SESSION: u8 = 0x03;
const AUTHENTICATE_SESSION: u8 = 0x04;
const SESSION_MESSAGE: u8 = 0x05;

/// Follows the sessions that pass a relay, so that they can be closed.
///
/// The crate writes CLOSE SESSION in `Session::close`, which takes the session by value, and gives
/// sessions by reference only. Closing one from outside takes the session's keys, which come from the
/// credential and both challenges, and the MAC of its last command.
#[derive(Default)]
pub(super) struct Follower {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By the object ID of the authentication key: encryption key and MAC key.
    keys: BTreeMap<u16, Zeroizing<[u8; 32]>>,
    /// By number; a device has 16.
    sessions: BTreeMap<u8, Followed>,
}

impl Follower {
    /// Sessions of this credential are to be followed.
    pub(super) fn know(&self, credentials: &Credentials) {
        let secret = credentials.authentication_key.as_secret_slice();
        let mut keys = Zeroizing::new([0; 32]);
        if secret.len() == keys.len() {
            keys.copy_from_slice(secret);
            let id = credentials.authentication_key_id;
            self.state.lock().keys.insert(id, keys);
        }
    }

    /// A command went out. `answer`: the one that fits, if it came.
    pub(super) fn saw(&self, command: &[u8], answer: Option<&[u8]>) {
        let state = &mut *self.state.lock();
        match (command, answer) {
            ([CREATE_SESSION, _, _, high, low, host @ ..], Some([_, _, _, session, rest @ ..])) => {
                state.sessions.remove(session);
                let id = u16::from_be_bytes([*high, *low]);
                let (Some(keys), Some(card)) = (state.keys.get(&id), rest.get(..8)) else {
                    return;
                };
                if let Ok(followed) = Followed::created(keys, host, card) {
                    state.sessions.insert(*session, followed);
                }
            }
            ([AUTHENTICATE_SESSION | SESSION_MESSAGE, _, _, session, ..], _) => {
                let followed = state.sessions.get_mut(session);
                if followed.is_some_and(|it| it.sent(command).is_none()) {
                    state.sessions.remove(session);
                }
            }
            _ => {}
        }
    }

    /// What ends the session, which is followed no more.
    pub(super) fn take(&self, session: u8) -> Option<Closing> {
        let followed = self.state.lock().sessions.remove(&session)?;
        followed.closing(session).ok()
    }
}

/// Without keys.
impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}
