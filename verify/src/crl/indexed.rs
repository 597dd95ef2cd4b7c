//! A CRL kept for many questions.

use super::{CertificateList, CrlError, RevokedCertificate};
use crate::crypto::PublicKey;
use crate::name::Name;

/// An owned CRL (stub until the index lands).
#[derive(Debug)]
pub struct IndexedCrl {
    der: Vec<u8>,
}

impl IndexedCrl {
    /// Reads it.
    ///
    /// # Errors
    /// As [`CertificateList::from_der`].
    pub fn from_der(der: impl Into<Vec<u8>>) -> Result<Self, CrlError> {
        let der = der.into();
        for entry in CertificateList::from_der(&der)?.entries() {
            entry?;
        }
        Ok(Self { der })
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> CertificateList<'_> {
        CertificateList::from_der(&self.der).unwrap_or_else(|_| unreachable!())
    }

    /// Entries.
    pub fn entries_of(
        &self,
        serial: &[u8],
    ) -> impl Iterator<Item = (Option<Name<'_>>, RevokedCertificate<'_>)> {
        let mut issuer = None;
        let serial = serial.to_vec();
        self.list()
            .entries()
            .filter_map(Result::ok)
            .filter_map(move |entry| {
                if let Some(names) = entry.certificate_issuer {
                    issuer = names.iter().find_map(|name| match name {
                        crate::certificate::GeneralName::Directory(name) => Some(name),
                        _ => None,
                    });
                }
                (entry.serial == serial).then_some((issuer, entry))
            })
    }

    /// Whether done.
    #[must_use]
    pub fn is_verified_by(&self, _spki: &[u8]) -> bool {
        false
    }

    /// Checks.
    ///
    /// # Errors
    /// As [`CertificateList::verify_signature`].
    pub fn verify_signature(&self, key: &dyn PublicKey, _spki: &[u8]) -> Result<(), CrlError> {
        self.list().verify_signature(key)
    }
}
