//! What a CRL covers.

use der::Tag;

use crate::asn1;
use crate::certificate::{DistributionPointName, GeneralName, Malformed, ReasonFlags};

/// `IssuingDistributionPoint` (RFC 5280 §5.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuingDistributionPoint<'a> {
    /// The name by which certificates refer to this CRL.
    pub name: Option<DistributionPointName<'a>>,
    /// The kind of certificates covered.
    pub scope: CertificateScope,
    /// The reasons covered; all when absent.
    pub reasons: Option<ReasonFlags>,
    /// Whether it lists certificates of other issuers.
    pub indirect: bool,
}

/// The kinds of certificates that a CRL covers; at most one restriction (RFC 5280 §5.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateScope {
    /// Every kind.
    All,
    /// End entities.
    EndEntities,
    /// CAs.
    Authorities,
    /// Attribute certificates.
    Attributes,
}

impl<'a> IssuingDistributionPoint<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let name = asn1::take(body, asn1::context(0, true))?;
                let end_entities = flag(body, 1)?;
                let authorities = flag(body, 2)?;
                let reasons = asn1::take(body, asn1::context(3, false))?;
                let indirect = flag(body, 4)?;
                let attributes = flag(body, 5)?;
                let scope = match (end_entities, authorities, attributes) {
                    (false, false, false) => CertificateScope::All,
                    (true, false, false) => CertificateScope::EndEntities,
                    (false, true, false) => CertificateScope::Authorities,
                    (false, false, true) => CertificateScope::Attributes,
                    _ => return Err(Malformed("more than one kind of certificate is named")),
                };
                Ok(Self {
                    name: name.map(DistributionPointName::read).transpose()?,
                    scope,
                    reasons: reasons.map(ReasonFlags::read).transpose()?,
                    indirect,
                })
            })
        })
    }

    /// The URIs of its full name.
    pub fn uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = match self.name {
            Some(DistributionPointName::Full(names)) => Some(names),
            _ => None,
        };
        names
            .into_iter()
            .flat_map(|names| names.iter())
            .filter_map(|name| match name {
                GeneralName::Uri(uri) => Some(uri),
                _ => None,
            })
    }
}

/// `[number] IMPLICIT BOOLEAN DEFAULT FALSE`.
fn flag(reader: &mut asn1::Cursor<'_>, number: u32) -> Result<bool, Malformed> {
    match asn1::take(reader, asn1::context(number, false))? {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(Malformed("a flag is no DER boolean")),
    }
}
