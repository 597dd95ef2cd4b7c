//! Where evidence about a certificate can be had.

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};
use der::{Reader, Tag};

use super::extensions::Malformed;
use super::usage::named_bits;
use super::{GeneralName, GeneralNames};
use crate::name::Rdn;
use crate::revocation::RevocationReason;
use crate::{asn1, oid};

/// `CRLDistributionPoints` and `FreshestCRL` (RFC 5280 §4.2.1.13, §4.2.1.15): at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistributionPoints<'a>(&'a [u8]);

/// `DistributionPoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistributionPoint<'a> {
    /// Where the CRL is.
    pub name: Option<DistributionPointName<'a>>,
    /// The reasons that the CRL covers; all when absent.
    pub reasons: Option<ReasonFlags>,
    /// Who signs it, when it is not the certificate's issuer.
    pub crl_issuer: Option<GeneralNames<'a>>,
}

/// `DistributionPointName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionPointName<'a> {
    /// Addresses of one CRL.
    Full(GeneralNames<'a>),
    /// One more component under the CRL issuer's name.
    RelativeToIssuer(Rdn<'a>),
}

/// `ReasonFlags` (RFC 5280 §4.2.1.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonFlags(u16);

impl ReasonFlags {
    pub(crate) fn read(content: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(named_bits(content)?))
    }

    /// Whether the flag for `reason` is set. Bit 0 is unused; the numbers differ from `CRLReason`
    /// from `privilegeWithdrawn` on.
    #[must_use]
    pub const fn contains(self, reason: RevocationReason) -> bool {
        let bit = match reason {
            RevocationReason::KeyCompromise => 1,
            RevocationReason::CaCompromise => 2,
            RevocationReason::AffiliationChanged => 3,
            RevocationReason::Superseded => 4,
            RevocationReason::CessationOfOperation => 5,
            RevocationReason::CertificateHold => 6,
            RevocationReason::PrivilegeWithdrawn => 7,
            RevocationReason::AaCompromise => 8,
            RevocationReason::Unspecified | RevocationReason::RemoveFromCrl => return false,
        };
        self.0 & (1 << bit) != 0
    }
}

impl<'a> DistributionPoints<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let list = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Sequence))?;
        asn1::whole(list, |reader| {
            DistributionPoint::read(reader)?;
            while !reader.is_finished() {
                DistributionPoint::read(reader)?;
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(Self(list))
    }

    /// The points in order.
    pub fn iter(&self) -> impl Iterator<Item = DistributionPoint<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            DistributionPoint::read(reader).ok()
        })
    }

    /// Every URI of every point.
    pub fn uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.iter().flat_map(|point| point.uris())
    }
}

impl<'a> DistributionPoint<'a> {
    /// The addresses of this point.
    pub fn uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = match self.name {
            Some(DistributionPointName::Full(names)) => Some(names),
            _ => None,
        };
        names
            .into_iter()
            .flat_map(|names| names.iter())
            .filter_map(uri)
    }

    fn read(reader: &mut asn1::Cursor<'a>) -> Result<Self, Malformed> {
        let body = asn1::read_value(reader, Tag::Sequence)?;
        asn1::whole(body, |reader| {
            let name = asn1::take(reader, asn1::context(0, true))?;
            let reasons = asn1::take(reader, asn1::context(1, false))?;
            let crl_issuer = asn1::take(reader, asn1::context(2, true))?;
            // RFC 5280 §4.2.1.13: not only reasons.
            if name.is_none() && crl_issuer.is_none() {
                return Err(Malformed(
                    "a distribution point has neither name nor CRL issuer",
                ));
            }
            Ok(Self {
                name: name.map(DistributionPointName::read).transpose()?,
                reasons: reasons.map(ReasonFlags::read).transpose()?,
                crl_issuer: crl_issuer.map(GeneralNames::read_content).transpose()?,
            })
        })
    }
}

impl<'a> DistributionPointName<'a> {
    /// From the content of its explicit tag.
    pub(crate) fn read(content: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(content, |reader| {
            if let Some(full) = asn1::take(reader, asn1::context(0, true))? {
                return Ok(Self::Full(GeneralNames::read_content(full)?));
            }
            let content = asn1::read_value(reader, asn1::context(1, true))?;
            Ok(Self::RelativeToIssuer(Rdn::read_content(content)?))
        })
    }
}

/// `AuthorityInfoAccess` (RFC 5280 §4.2.2.1): at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityInfoAccess<'a>(&'a [u8]);

impl<'a> AuthorityInfoAccess<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let list = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Sequence))?;
        asn1::whole(list, |reader| {
            check_access(reader)?;
            while !reader.is_finished() {
                check_access(reader)?;
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(Self(list))
    }

    /// Access method and place, in order.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (&'a ObjectIdentifierRef, GeneralName<'a>)> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_access(reader).ok()
        })
    }

    /// Addresses of OCSP responders.
    pub fn ocsp_uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.uris(oid::ACCESS_OCSP)
    }

    /// Addresses of the issuer's certificates.
    pub fn ca_issuer_uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.uris(oid::ACCESS_CA_ISSUERS)
    }

    fn uris(&self, method: ObjectIdentifier) -> impl Iterator<Item = &'a str> + use<'a> {
        self.iter()
            .filter(move |(listed, _)| **listed == method)
            .filter_map(|(_, name)| uri(name))
    }
}

fn check_access(reader: &mut asn1::Cursor<'_>) -> Result<(), Malformed> {
    asn1::within(reader, Tag::Sequence, |access| {
        asn1::read_oid_octets(access)?;
        GeneralName::read(access).map(drop)
    })
}

fn read_access<'a>(
    reader: &mut asn1::Cursor<'a>,
) -> Result<(&'a ObjectIdentifierRef, GeneralName<'a>), Malformed> {
    let body = asn1::read_value(reader, Tag::Sequence)?;
    asn1::whole(body, |reader| {
        Ok((asn1::read_oid(reader)?, GeneralName::read(reader)?))
    })
}

fn uri(name: GeneralName<'_>) -> Option<&str> {
    match name {
        GeneralName::Uri(uri) => Some(uri),
        _ => None,
    }
}
