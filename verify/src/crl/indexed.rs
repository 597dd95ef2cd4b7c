//! A CRL that many questions are asked of.

use std::fmt;
use std::sync::OnceLock;

use super::index::{Index, entry_at};
use super::{CertificateList, CrlError, RevokedCertificate};
use crate::UnixTime;
use crate::certificate::{GeneralName, GeneralNames};
use crate::crypto::PublicKey;
use crate::name::Name;
use crate::revocation::RevocationReason;

/// Longest CRL that is indexed: six times that of a million certificates.
pub const MAX_CRL_BYTES: usize = 256 * 1024 * 1024;

self_cell::self_cell!(
    struct Parsed {
        owner: Vec<u8>,
        #[covariant]
        dependent: CertificateList,
    }
);

/// An owned CRL: parsed, every entry checked and indexed once, its signature checked once. To be
/// shared as `Arc<IndexedCrl>`.
///
/// Above the DER it takes four octets for each entry and for each 256 octets of entries, a seventh
/// of the DER at 40 octets an entry. A look-up reads one or two entries; serial numbers made up to
/// collide cost a logarithmic search.
pub struct IndexedCrl {
    parsed: Parsed,
    index: Index,
    /// The SPKI that the signature verified with.
    verified_with: OnceLock<Box<[u8]>>,
}

impl IndexedCrl {
    /// Reads a CRL of at most [`MAX_CRL_BYTES`] and every entry in it.
    ///
    /// # Errors
    /// One variant of [`CrlError`] per reason; a malformed entry, or one with an unknown critical
    /// extension, spoils the whole CRL (RFC 5280 §5.3).
    pub fn from_der(der: impl Into<Vec<u8>>) -> Result<Self, CrlError> {
        let der = der.into();
        if der.len() > MAX_CRL_BYTES {
            return Err(CrlError::TooLong {
                length_bytes: der.len(),
            });
        }
        let parsed = Parsed::try_new(der, |der| CertificateList::from_der(der))?;
        let index = Index::new(parsed.borrow_dependent())?;
        Ok(Self {
            parsed,
            index,
            verified_with: OnceLock::new(),
        })
    }

    /// The CRL.
    #[must_use]
    pub fn list(&self) -> &CertificateList<'_> {
        self.parsed.borrow_dependent()
    }

    /// How many entries it has.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.index.len()
    }

    /// What it keeps allocated: the DER and the index.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.parsed.borrow_owner().capacity() + self.index.memory_bytes()
    }

    /// Whether the signature has verified with this SPKI (DER), so that checking costs nothing.
    #[must_use]
    pub fn is_verified_by(&self, spki: &[u8]) -> bool {
        self.verified_with
            .get()
            .is_some_and(|known| **known == *spki)
    }

    /// Checks the signature with `key`, whose SPKI is `spki` in DER. Once it has verified, the same
    /// SPKI costs a comparison; the two must belong together.
    ///
    /// # Errors
    /// As [`CertificateList::verify_signature`].
    pub fn verify_signature(&self, key: &dyn PublicKey, spki: &[u8]) -> Result<(), CrlError> {
        if self.is_verified_by(spki) {
            return Ok(());
        }
        self.list().verify_signature(key)?;
        // Another thread may have been first. What it noted is as true.
        let _ = self.verified_with.set(spki.into());
        Ok(())
    }

    /// The entry of a certificate of the CRL's own issuer, by its serial number (content octets).
    ///
    /// # Errors
    /// None that [`Self::from_der`] would not have met.
    pub fn find(&self, serial: &[u8]) -> Result<Option<RevokedCertificate<'_>>, CrlError> {
        self.find_of(None, serial)
    }

    /// The entry of a certificate of `issuer` (RFC 5280 §5.3.3), by default the CRL's own issuer.
    /// Of several the worst: revoked for good before on hold, on hold before removed, the earliest
    /// first.
    ///
    /// # Errors
    /// None that [`Self::from_der`] would not have met.
    pub fn find_of(
        &self,
        issuer: Option<Name<'_>>,
        serial: &[u8],
    ) -> Result<Option<RevokedCertificate<'_>>, CrlError> {
        let own = self.list().issuer();
        let wanted = issuer.unwrap_or(own);
        let mut worst: Option<RevokedCertificate<'_>> = None;
        for entry in self.entries_of(serial) {
            let entry = entry?;
            let concerns = match entry.certificate_issuer {
                Some(names) => names_issuer(names, &wanted),
                None => own.matches(&wanted),
            };
            if concerns && worst.is_none_or(|worst| severity(&entry) > severity(&worst)) {
                worst = Some(entry);
            }
        }
        Ok(worst)
    }

    /// Every entry of a serial number in the list's order. Their `certificate_issuer` is the one
    /// that holds for the entry: its own or the last one before it; the CRL's issuer when absent.
    pub fn entries_of<'i, 's>(
        &'i self,
        serial: &'s [u8],
    ) -> impl Iterator<Item = Result<RevokedCertificate<'i>, CrlError>> + use<'i, 's> {
        let entries = self.list().entries();
        self.index
            .offsets(entries, serial)
            .filter_map(move |offset| {
                let entry = entry_at(entries, offset)?;
                Some(entry.and_then(|mut entry| {
                    if entry.certificate_issuer.is_none()
                        && let Some(before) = self.index.issuer_before(offset)
                    {
                        let naming = entry_at(entries, before).transpose()?;
                        entry.certificate_issuer = naming.and_then(|it| it.certificate_issuer);
                    }
                    Ok(entry)
                }))
            })
    }
}

impl fmt::Debug for IndexedCrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedCrl")
            .field("issuer", &self.list().issuer())
            .field("this_update", &self.list().this_update())
            .field("entry_count", &self.entry_count())
            .finish_non_exhaustive()
    }
}

fn names_issuer(names: GeneralNames<'_>, issuer: &Name<'_>) -> bool {
    names.iter().any(|name| match name {
        GeneralName::Directory(name) => name.matches(issuer),
        _ => false,
    })
}

fn severity(entry: &RevokedCertificate<'_>) -> (u8, std::cmp::Reverse<UnixTime>) {
    let kind = match entry.reason {
        Some(RevocationReason::RemoveFromCrl) => 0,
        Some(RevocationReason::CertificateHold) => 1,
        _ => 2,
    };
    (kind, std::cmp::Reverse(entry.revocation_date))
}
