//! Bytes that every lint has passed.

use kasane_ledger::Ledger;

use super::{CertificateTbs, CrlTbs, RequestTbs};
use crate::Error;

/// Passed by every lint, over the very bytes that will be signed.
#[derive(Debug)]
pub struct Linted<T>(T);

impl<T> Linted<T> {
    pub(super) fn into_inner(self) -> T {
        self.0
    }

    pub(crate) const fn inner(&self) -> &T {
        &self.0
    }
}

impl CertificateTbs {
    /// Runs the lints; any finding stops here.
    ///
    /// # Errors
    /// [`Error::Lint`] with every finding.
    pub fn lint(self) -> Result<Linted<Self>, Error> {
        self.check()?;
        Ok(Linted(self))
    }
}

impl CrlTbs {
    /// Runs the lints; any finding stops here. The bytes become durable as a blob, which no entry
    /// names yet.
    ///
    /// # Errors
    /// [`Error::Lint`] with every finding; [`Error::Ledger`] when they cannot be stored.
    pub fn lint(mut self, ledger: &Ledger) -> Result<Linted<Self>, Error> {
        self.check_and_store(ledger)?;
        Ok(Linted(self))
    }
}

impl RequestTbs {
    /// Takes the bytes apart again.
    ///
    /// # Errors
    /// [`Error::BadArgument`] or [`Error::Encoding`].
    pub fn lint(self) -> Result<Linted<Self>, Error> {
        self.check()?;
        Ok(Linted(self))
    }
}
