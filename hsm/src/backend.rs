//! The contract between the signing door and whatever holds keys.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::{Attestation, DeviceName, Error, KeyLabel, KeyRole, RecordedQuarantine, Signature};

/// What kind of thing holds the keys. A production configuration refuses all but hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// A device that does not give keys out.
    Hardware,
    /// A process that behaves like a device.
    Simulator,
    /// Keys in this process and, encrypted, in files: development only.
    Software,
}

/// How urgent a signature is. A pool serves the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Mass renewals.
    Bulk,
    /// A requester waits.
    Issuance,
    /// OCSP and scheduled CRLs.
    Status,
    /// A CRL that carries a new revocation.
    Revocation,
}

/// The public facts of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name in the backend.
    pub label: KeyLabel,
    /// Its one purpose.
    pub role: KeyRole,
    /// Algorithm and size.
    pub algorithm: KeyAlgorithm,
    /// DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    pub spki: Vec<u8>,
}

/// One signature asked of a key.
#[derive(Clone, Copy, Debug)]
pub struct SignRequest<'a> {
    /// How to sign.
    pub algorithm: SignatureAlgorithm,
    /// The whole message; the backend hashes it.
    pub message: &'a [u8],
    /// Urgency.
    pub priority: Priority,
    /// How long the caller waits at most, queueing included.
    pub deadline: Duration,
}

/// A place where keys live.
///
/// Implementations block and are called from many threads at once. `generate` returns only when
/// the key is durable; an existing label is refused, never overwritten.
pub trait KeyBackend: Send + Sync + fmt::Debug {
    /// What kind of backend this is.
    fn kind(&self) -> BackendKind;

    /// Name and place, for people: `software keys in ./kasane-data/keys`.
    fn describe(&self) -> String;

    /// Makes a key pair that cannot leave in the clear.
    ///
    /// # Errors
    /// [`Error::KeyExists`], [`Error::KeyAlgorithmUnsupported`], or a device error.
    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error>;

    /// Every key this backend holds, ordered by label.
    ///
    /// # Errors
    /// A device error.
    fn keys(&self) -> Result<Vec<KeyInfo>, Error>;

    /// Opens a key once; the handle is kept, so that no look-up happens per signature.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], [`Error::RoleMismatch`], [`Error::CannotDecrypt`], or a device error.
    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error>;

    /// The device's attestation of the key, if it can make one.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`] or a device error.
    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error>;

    /// The public key (DER `SubjectPublicKeyInfo`) that is recorded for a label. Told before the key
    /// is opened, it lets a pool quarantine a device that holds another key under the label, before
    /// that device signs anything.
    fn expect(&self, label: &KeyLabel, spki: &[u8]) {
        let _ = (label, spki);
    }

    /// Devices that the record says are quarantined. Told before a key is opened, it lets a pool ask
    /// them nothing until people enable them.
    fn quarantine_recorded(&self, recorded: &[RecordedQuarantine]) {
        let _ = recorded;
    }

    /// Whether the devices log each command themselves, so that every signature they made can be
    /// held against what was asked for.
    fn keeps_command_log(&self) -> bool {
        false
    }

    /// The same for keys of one role, where roles live in different places.
    fn logs_commands_of(&self, role: KeyRole) -> bool {
        let _ = role;
        self.keeps_command_log()
    }

    /// Reads what the devices' logs hold now; returns when all of it is stored and acknowledged.
    ///
    /// # Errors
    /// A device error: the log of one device at least was not read.
    fn drain_command_logs(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// An opened key. Only the signing door holds one.
pub trait SigningKey: Send + Sync + fmt::Debug {
    /// The key's public facts.
    fn info(&self) -> &KeyInfo;

    /// Signs: at most one attempt at one device.
    ///
    /// # Errors
    /// [`Error::SignatureUnsupported`], [`Error::TimedOut`], or a device error. Unless
    /// [`Error::was_attempted`] is false, the device may have signed all the same.
    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error>;

    /// The signature that `device` made does not verify: a pool asks that device no more.
    fn reject(&self, device: &DeviceName) {
        let _ = device;
    }
}
