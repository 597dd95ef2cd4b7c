//! A credential and its session.

use std::sync::Arc;
use std::time::Duration;

use yubihsm::{Client, Credentials, device};
use zeroize::Zeroizing;

use super::fault::Happened;
use super::lane::Session;
use super::link::Link;
use crate::config::{CredentialRecord, TryOutcome};
use crate::{DeviceIdentity, Error};

/// An authentication key and, while there is one, a session made with it.
///
/// The session keys that the crate derives from the password are kept, the password is not. The crate
/// erases both kinds of keys when they are dropped.
pub(super) struct Channel {
    credentials: Credentials,
    /// Remembers past the end of this process.
    record: Option<Arc<dyn CredentialRecord>>,
    client: Option<Client>,
    /// The session's number in the device.
    number: Option<u8>,
    opened: u64,
    identified: bool,
    refused: Option<String>,
    /// Refusals in a row of a password that opened a session before.
    doubts: u32,
}

/// So often in a row a password that worked may be refused before it counts as wrong. An answer that
/// was garbled on its way looks like a refusal, and this device counts no wrong passwords.
const MAX_DOUBTS: u32 = 8;

impl Channel {
    pub(super) fn new(
        key_id: u16,
        password: Zeroizing<Vec<u8>>,
        record: Option<Arc<dyn CredentialRecord>>,
    ) -> Self {
        Self {
            credentials: Credentials::from_password(key_id, &password),
            record,
            client: None,
            number: None,
            opened: 0,
            identified: false,
            refused: None,
            doubts: 0,
        }
    }

    /// Whether a session was opened and nothing is known against it.
    pub(super) const fn has_session(&self) -> bool {
        self.client.is_some()
    }

    /// The session, after [`Self::open`].
    pub(super) fn session(&self) -> Option<Session<'_>> {
        self.client.as_ref().map(|client| Session {
            client,
            number: self.opened,
        })
    }

    /// What the sessions are made with.
    pub(super) const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The session is of no use any more. Its number in the device, if it was open.
    pub(super) fn forget(&mut self) -> Option<u8> {
        self.client = None;
        self.number.take()
    }

    /// Ends the session, if there is one, in the device too.
    pub(super) fn close(&mut self, link: &Link, limit: Duration) {
        if let Some(number) = self.forget() {
            // What cannot be closed ends by itself.
            link.close(number, limit);
        }
    }

    /// A password that was refused may be tried once more.
    pub(super) fn forget_refusal(&mut self) {
        self.refused = None;
        self.doubts = 0;
    }

    /// Opens a session unless there is one. Gives what the device says of itself when it is asked,
    /// which is once for each session. The flag of an error: whether the device may keep a session
    /// of it.
    ///
    /// A wrong password is asked once: after it, this value gives the same answer without asking,
    /// until [`Self::forget_refusal`]. One that worked before is wrong only after
    /// [`MAX_DOUBTS`] refusals in a row.
    pub(super) fn open(
        &mut self,
        link: &Link,
        backend: &str,
    ) -> Result<Option<device::Info>, (Error, bool)> {
        let credential = format!(
            "password of authentication key {}",
            self.credentials.authentication_key_id
        );
        if let Some(reason) = &self.refused {
            let error = Error::WrongCredential {
                backend: backend.to_owned(),
                credential,
                reason: reason.clone(),
            };
            return Err((error, false));
        }
        // This device counts no refused passwords: what a crash leaves open is no try.
        let unproven = self.record.as_ref().filter(|_| self.opened == 0);
        if let Some(record) = unproven {
            record
                .check()
                .map_err(|hindrance| (hindrance.into_error(backend, &credential), false))?;
        }
        let failed = |error: &yubihsm::client::Error| {
            let happened = Happened::read(error, link.seen());
            let lost = happened.leaves_session();
            (happened.opening(backend, &credential), lost)
        };
        let client = match self.client.take() {
            Some(client) => client,
            None => Client::create(link.connector(), self.credentials.clone())
                .map_err(|error| failed(&error))?,
        };
        let opened = self.ask_for(&client).map_err(|error| failed(&error));
        match opened {
            Ok((number, fresh, info)) => {
                if let Some(record) = unproven {
                    record.end(TryOutcome::Accepted);
                }
                self.client = Some(client);
                self.number = Some(number);
                self.opened += u64::from(fresh);
                self.doubts = 0;
                self.identified = info.is_some() || (self.identified && !fresh);
                Ok(info)
            }
            Err((error, lost)) => {
                let Error::WrongCredential { reason, .. } = &error else {
                    return Err((error, lost));
                };
                if self.opened > 0 && self.doubts < MAX_DOUBTS {
                    self.doubts += 1;
                    let reason = format!("the answer to a password that worked: {reason}");
                    let backend = backend.to_owned();
                    return Err((Error::Unreachable { backend, reason }, lost));
                }
                if let Some(record) = &self.record {
                    record.end(TryOutcome::Refused(reason));
                }
                self.refused = Some(reason.clone());
                Err((error, lost))
            }
        }
    }

    /// The number of a session, whether it is a new one, and the device's word if it was asked.
    fn ask_for(
        &self,
        client: &Client,
    ) -> Result<(u8, bool, Option<device::Info>), yubihsm::client::Error> {
        let (number, fresh) = {
            let session = client.session()?;
            // The counter begins at one and has passed it after the first command.
            let fresh = session.messages_sent().is_ok_and(|sent| sent <= 1);
            (session.id().to_u8(), fresh)
        };
        if self.identified && !fresh {
            return Ok((number, fresh, None));
        }
        match client.device_info() {
            Ok(info) => Ok((number, fresh, Some(info))),
            // With a full log a device may not say who it is. It is asked again before the next
            // command; its log's reader must get through all the same.
            Err(error) if error.device_error() == Some(device::ErrorKind::LogFull) => {
                Ok((number, fresh, None))
            }
            Err(error) => Err(error),
        }
    }
}

/// What a device says of itself. A simulator says the same as a device does, and is not called one.
pub(super) fn identity(info: &device::Info, simulator: bool) -> DeviceIdentity {
    let (manufacturer, model) = if simulator {
        ("Kasane", "YubiHSM 2 simulator")
    } else {
        ("Yubico", "YubiHSM 2")
    };
    DeviceIdentity {
        manufacturer: manufacturer.to_owned(),
        model: model.to_owned(),
        serial: info.serial_number.to_string(),
        firmware: format!(
            "{}.{}.{}",
            info.major_version, info.minor_version, info.build_version
        ),
    }
}
