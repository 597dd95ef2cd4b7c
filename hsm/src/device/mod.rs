//! A single device: what a pool is made of.

mod command_log;
mod identity;
mod name;
mod recorded_quarantine;
mod session_use;
mod wrapping;

use std::num::NonZeroUsize;

use crate::{Error, KeyBackend, KeyLabel};

pub use command_log::{CommandLog, LogEntry, LogPage};
pub use identity::DeviceIdentity;
pub use name::DeviceName;
pub use recorded_quarantine::RecordedQuarantine;
pub use session_use::SessionUse;
pub use wrapping::{WrappedKey, Wrapping};

/// One device. Its sessions are its own affair: a lost one is opened anew by the next call.
///
/// A call makes at most one attempt to sign. An error for which [`Error::was_attempted`] is false
/// means that the device certainly did not sign; then a pool may ask another device at once. After
/// any other error the caller notes a further attempt before it asks again.
pub trait Device: KeyBackend {
    /// Its name in the configuration.
    fn name(&self) -> &DeviceName;

    /// Manufacturer, model, serial number, firmware.
    ///
    /// # Errors
    /// A device error.
    fn identity(&self) -> Result<DeviceIdentity, Error>;

    /// Commands it can run at once: one for a YubiHSM, its sessions for a PKCS#11 token.
    fn lanes(&self) -> NonZeroUsize;

    /// Asks for a sign of life, cheaply and without a key.
    ///
    /// # Errors
    /// A device error.
    fn probe(&self) -> Result<(), Error>;

    /// People say that the device is well again: a credential that was refused may be tried once more.
    /// Does not wait. Nothing happens where a device counts refused credentials and locks.
    fn forget_refusal(&self) {}

    /// The sessions that this process has in the device, where that has few for everybody.
    fn sessions(&self) -> Option<SessionUse> {
        None
    }

    /// The device's own log of commands, where it keeps one.
    fn command_log(&self) -> Option<&dyn CommandLog> {
        None
    }

    /// Export and import of keys under a wrap key, where the device can.
    fn wrapping(&self) -> Option<&dyn Wrapping> {
        None
    }

    /// The device's own name of a key: a YubiHSM object ID, a PKCS#11 `CKA_ID`.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`] or a device error.
    fn key_id(&self, label: &KeyLabel) -> Result<Vec<u8>, Error>;
}
