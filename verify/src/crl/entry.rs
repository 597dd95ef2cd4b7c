//! The entries of a CRL.

use der::asn1::GeneralizedTime;
use der::{Decode, Reader, SliceReader, Tag};

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
}

impl<'a> Entries<'a> {
    pub(super) const fn new(list: &'a [u8]) -> Self {
        Self { list }
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
            let mut reader = SliceReader::new(rest)?;
            let entry = read_entry(&mut reader)?;
            let length = usize::try_from(reader.position()).unwrap_or(rest.len());
            Ok((entry, rest.get(length..).unwrap_or_default()))
        };
        Some(read().map(|(entry, rest)| {
            self.list = rest;
            entry
        }))
    }
}

fn read_entry<'a>(reader: &mut SliceReader<'a>) -> Result<RevokedCertificate<'a>, CrlError> {
    let body = asn1::read_value(reader, Tag::Sequence)?;
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
            let extensions = asn1::read_value(reader, Tag::Sequence)?;
            asn1::whole(extensions, |reader| read_extensions(reader, &mut entry))?;
        }
        Ok(entry)
    })
}

fn read_extensions<'a>(
    reader: &mut SliceReader<'a>,
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
            let date = GeneralizedTime::from_der(value)?;
            entry
                .invalidity_date
                .replace(asn1::from_generalized(date))
                .is_some()
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
