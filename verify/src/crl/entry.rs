//! The entries of a CRL.

use der::{Reader, Tag};

use super::CrlError;
use crate::certificate::{GeneralNames, Malformed, owned, read_extension};
use crate::revocation::RevocationReason;
use crate::{UnixTime, asn1, oid};

/// A revoked certificate (RFC 5280 §5.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedCertificate<'a> {
    /// Content octets of its serial number.
    pub serial: &'a [u8],
    /// Since when.
    pub revocation_date: UnixTime,
    /// Why; unspecified when absent.
    pub reason: Option<RevocationReason>,
    /// When the key is thought to have been lost (RFC 5280 §5.3.2).
    pub invalidity_date: Option<UnixTime>,
    /// In an indirect CRL: whose certificate this and the following are (RFC 5280 §5.3.3).
    pub certificate_issuer: Option<GeneralNames<'a>>,
}

/// Iterates over the entries of a CRL; ends after the first malformed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries<'a> {
    list: &'a [u8],
    version2: bool,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(list: &'a [u8], version2: bool) -> Self {
        Self { list, version2 }
    }

    /// What is left of the list.
    pub(super) const fn octets(&self) -> &'a [u8] {
        self.list
    }

    /// The entries from the one at `offset` on.
    pub(super) fn from(&self, offset: usize) -> Self {
        Self {
            list: self.list.get(offset..).unwrap_or_default(),
            version2: self.version2,
        }
    }

    /// The serial number of the entry at `offset`.
    pub(super) fn serial_at(&self, offset: usize) -> der::Result<&'a [u8]> {
        let rest = self.list.get(offset..).unwrap_or_default();
        let body = asn1::read_value(&mut asn1::Cursor::new(rest)?, Tag::Sequence)?;
        asn1::read_value(&mut asn1::Cursor::new(body)?, Tag::Integer)
    }

    /// Calls `each` with offset and serial number of every entry, the rest of it unread.
    pub(super) fn each_serial(
        &self,
        mut each: impl FnMut(
            usize,
            &'a [u8],
            &dyn Fn() -> Result<RevokedCertificate<'a>, CrlError>,
        ) -> Result<(), CrlError>,
    ) -> Result<(), CrlError> {
        let mut reader = asn1::Cursor::new(self.list)?;
        while !reader.is_finished() {
            let offset = self.list.len().saturating_sub(reader.rest().len());
            let body = asn1::read_value(&mut reader, Tag::Sequence)?;
            let serial = asn1::read_value(&mut asn1::Cursor::new(body)?, Tag::Integer)?;
            each(offset, serial, &|| read_entry(body, self.version2))?;
        }
        Ok(())
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<RevokedCertificate<'a>, CrlError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.list.is_empty() {
            return None;
        }
        let rest = std::mem::take(&mut self.list);
        let read = || -> Result<_, CrlError> {
            let mut reader = asn1::Cursor::new(rest)?;
            let body = asn1::read_value(&mut reader, Tag::Sequence)?;
            let entry = read_entry(body, self.version2)?;
            Ok((entry, reader.rest()))
        };
        Some(read().map(|(entry, rest)| {
            self.list = rest;
            entry
        }))
    }
}

fn read_entry(body: &[u8], version2: bool) -> Result<RevokedCertificate<'_>, CrlError> {
    asn1::whole(body, |reader| {
        let serial = asn1::read_integer(reader)?;
        let revocation_date = asn1::read_time(reader)?;
        let mut entry = RevokedCertificate {
            serial,
            revocation_date,
            reason: None,
            invalidity_date: None,
            certificate_issuer: None,
        };
        if !reader.is_finished() {
            // RFC 5280 §5.1: extensions of entries need version 2.
            if !version2 {
                return Err(CrlError::Version);
            }
            let extensions = asn1::read_value(reader, Tag::Sequence)?;
            asn1::whole(extensions, |reader| read_extensions(reader, &mut entry))?;
        }
        Ok(entry)
    })
}

fn read_extensions<'a>(
    reader: &mut asn1::Cursor<'a>,
    entry: &mut RevokedCertificate<'a>,
) -> Result<(), CrlError> {
    while !reader.is_finished() {
        let extension = read_extension(reader)?;
        let (id, value) = (extension.oid, extension.value);
        let failed = |reason: Malformed| CrlError::Extension {
            extension: owned(id),
            reason: reason.0,
        };
        let repeated = if *id == oid::REASON_CODE {
            entry
                .reason
                .replace(read_reason(value).map_err(failed)?)
                .is_some()
        } else if *id == oid::INVALIDITY_DATE {
            // RFC 5280 §5.3.2 says GeneralizedTime. UTCTime is seen and as clear, and a revocation
            // must not be lost over a date that decides nothing.
            let date = asn1::whole(value, asn1::read_time)?;
            entry.invalidity_date.replace(date).is_some()
        } else if *id == oid::CERTIFICATE_ISSUER {
            let names = GeneralNames::read(value).map_err(failed)?;
            entry.certificate_issuer.replace(names).is_some()
        } else if extension.critical {
            return Err(CrlError::CriticalEntryExtension(owned(id)));
        } else {
            false
        };
        if repeated {
            return Err(CrlError::DuplicateExtension(owned(id)));
        }
    }
    Ok(())
}

fn read_reason(value: &[u8]) -> Result<RevocationReason, Malformed> {
    let number = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Enumerated))?;
    match number {
        [number] => RevocationReason::from_number(*number),
        _ => None,
    }
    .ok_or(Malformed("the reason is unknown"))
}
