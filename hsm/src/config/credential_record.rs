//! What is remembered of a credential past the end of a process.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Credential, CredentialSource};
use crate::{DeviceName, Error};

/// Remembers what a device said of one credential, so that a program that is started again and again
/// does not show a wrong one again and again: devices count and lock.
///
/// Concurrency: one attempt at a time over all processes that keep the same record.
pub trait CredentialRecord: fmt::Debug + Send + Sync {
    /// Whether the credential may be shown to the device at all.
    ///
    /// # Errors
    /// [`CredentialHindrance`].
    fn check(&self) -> Result<(), CredentialHindrance>;

    /// Notes, durably, that the credential is about to be shown, and keeps other processes from doing
    /// the same until [`CredentialRecord::end`]: what a crash leaves counts as a try.
    ///
    /// # Errors
    /// [`CredentialHindrance`]: it must not be shown.
    fn begin(&self) -> Result<(), CredentialHindrance>;

    /// What the device said. Also without [`CredentialRecord::begin`], for a device that counts no
    /// tries and for a credential that had worked before.
    fn end(&self, outcome: TryOutcome<'_>);
}

/// What a device said of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryOutcome<'a> {
    /// It is right.
    Accepted,
    /// It is wrong or locked, in the device's words.
    Refused(&'a str),
    /// Something that may also be the answer to a wrong one.
    Unclear,
    /// Nothing: the device was not there, or somebody else had logged in.
    NotLookedAt,
}

/// Why a credential is not shown to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialHindrance {
    /// It was refused before; says when, and what to do.
    Refused(String),
    /// Another process is showing it, or the record cannot be written.
    NotNow(String),
}

impl CredentialHindrance {
    /// The error of the device `backend`.
    #[must_use]
    pub fn into_error(self, backend: &str, credential: &str) -> Error {
        let backend = backend.to_owned();
        match self {
            Self::Refused(reason) => Error::WrongCredential {
                backend,
                credential: credential.to_owned(),
                reason,
            },
            Self::NotNow(reason) => Error::Busy {
                backend,
                operation: "log in",
                reason,
            },
        }
    }
}

/// A credential and who remembers what is said of it.
pub(crate) type Recorded = (Zeroizing<Vec<u8>>, Option<Arc<dyn CredentialRecord>>);

/// Resolves a credential of `device`. Nobody is asked on the terminal for one that would not be used.
pub(crate) fn resolve_recorded(
    credentials: &dyn CredentialSource,
    credential: &Credential,
    device: &DeviceName,
    name: &'static str,
    purpose: &str,
) -> Result<Recorded, Error> {
    // First: a file that is replaced in between counts as changed.
    let record = credentials.record(credential, device, name);
    if let (Some(record), Credential::Prompt(_)) = (&record, credential) {
        record
            .check()
            .map_err(|hindrance| hindrance.into_error(&format!("device {device}"), purpose))?;
    }
    Ok((credentials.resolve(credential, purpose)?, record))
}
