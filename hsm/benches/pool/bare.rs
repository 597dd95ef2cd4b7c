//! SoftHSM 2 by itself: no code of ours between the threads and the library. What it gives with
//! several sessions is the most that anything above it can.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

/// Sessions of one token, and the handle of one key.
pub(crate) struct Bare {
    /// Each for one thread at a time.
    sessions: Vec<Mutex<Session>>,
    key: ObjectHandle,
    /// A `DigestInfo` of SHA-256 (RFC 8017 §9.2) has 51 octets.
    data: [u8; 51],
}

impl Bare {
    /// Opens the sessions, and finds the private key of that label.
    pub(crate) fn open(library: &Path, label: &str, sessions: usize, pin: &str) -> Self {
        let pkcs11 = Pkcs11::new(library).unwrap();
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => panic!("{error}"),
        }
        let slot = pkcs11.get_slots_with_initialized_token().unwrap()[0];
        let sessions: Vec<_> = (0..sessions)
            .map(|_| pkcs11.open_rw_session(slot).unwrap())
            .collect();
        let first = &sessions[0];
        match first.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => panic!("{error}"),
        }
        let wanted = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Label(label.as_bytes().to_vec()),
        ];
        let key = first.find_objects(&wanted).unwrap()[0];
        Self {
            sessions: sessions.into_iter().map(Mutex::new).collect(),
            key,
            data: [7; 51],
        }
    }

    /// How long `count` signatures take, one thread for each session.
    pub(crate) fn time_of(&self, count: usize) -> Duration {
        let left = AtomicUsize::new(count);
        let begun = Instant::now();
        thread::scope(|scope| {
            for session in &self.sessions {
                scope.spawn(|| {
                    let session = session.lock().unwrap();
                    let take = |left: usize| left.checked_sub(1);
                    while left
                        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                        .is_ok()
                    {
                        session
                            .sign(&Mechanism::RsaPkcs, self.key, &self.data)
                            .unwrap();
                    }
                });
            }
        });
        begun.elapsed()
    }
}
