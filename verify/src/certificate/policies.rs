//! Certificate policies.

use const_oid::ObjectIdentifierRef;
use der::{Reader, Tag};

use super::extensions::Malformed;
use crate::{asn1, oid};

/// Most policies or mappings of one certificate. Policies are compared pairwise, and real
/// certificates have one or two.
const MAX_POLICIES: usize = 256;

/// `certificatePolicies` (RFC 5280 §4.2.1.4): at least one, none twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificatePolicies<'a> {
    list: &'a [u8],
    unknown_qualifier: bool,
}

impl<'a> CertificatePolicies<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let list = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Sequence))?;
        let mut unknown_qualifier = false;
        asn1::whole(list, |reader| {
            for count in 0..MAX_POLICIES {
                let (policy, known) = read_policy(reader)?;
                unknown_qualifier |= !known;
                // Compared pairwise: real certificates have one or two.
                let mut before = asn1::Cursor::new(list)?;
                for _ in 0..count {
                    let other = asn1::read_value(&mut before, Tag::Sequence)?;
                    let mut other = asn1::Cursor::new(other)?;
                    let other = asn1::read_value(&mut other, Tag::ObjectIdentifier)?;
                    if other == policy {
                        return Err(Malformed("a policy appears twice"));
                    }
                }
                if reader.is_finished() {
                    return Ok(());
                }
            }
            Err(Malformed("more than 256 policies"))
        })?;
        Ok(Self {
            list,
            unknown_qualifier,
        })
    }

    /// Whether a qualifier is neither a CPS pointer nor a user notice. If the extension is critical
    /// it must then be refused (RFC 5280 §4.2.1.4).
    #[must_use]
    pub const fn has_unknown_qualifier(&self) -> bool {
        self.unknown_qualifier
    }

    /// The policies.
    pub fn iter(&self) -> impl Iterator<Item = &'a ObjectIdentifierRef> + use<'a> {
        let mut reader = asn1::Cursor::new(self.list).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            asn1::oid(read_policy(reader).ok()?.0).ok()
        })
    }
}

/// A policy's content octets, and whether all its qualifiers are known.
fn read_policy<'a>(reader: &mut asn1::Cursor<'a>) -> der::Result<(&'a [u8], bool)> {
    let body = asn1::read_value(reader, Tag::Sequence)?;
    asn1::whole(body, |reader| {
        let policy = asn1::read_oid_octets(reader)?;
        let mut known = true;
        if let Some(qualifiers) = asn1::take(reader, Tag::Sequence)? {
            asn1::whole(qualifiers, |list| {
                while !list.is_finished() {
                    let qualifier = asn1::read_value(list, Tag::Sequence)?;
                    asn1::whole(qualifier, |reader| {
                        let id = asn1::read_oid(reader)?;
                        known &= *id == oid::CPS_POINTER || *id == oid::USER_NOTICE;
                        reader.tlv_bytes()
                    })?;
                }
                Ok::<_, der::Error>(())
            })?;
        }
        Ok((policy, known))
    })
}

/// `policyMappings` (RFC 5280 §4.2.1.5): pairs of the issuer's and the subject's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyMappings<'a>(&'a [u8]);

impl<'a> PolicyMappings<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let list = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Sequence))?;
        asn1::whole(list, |reader| {
            for _ in 0..MAX_POLICIES {
                read_mapping(reader)?;
                if reader.is_finished() {
                    return Ok(());
                }
            }
            Err(Malformed("more than 256 mappings"))
        })?;
        Ok(Self(list))
    }

    /// Issuer's and subject's policy of each pair.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (&'a ObjectIdentifierRef, &'a ObjectIdentifierRef)> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_mapping(reader).ok()
        })
    }
}

fn read_mapping<'a>(
    reader: &mut asn1::Cursor<'a>,
) -> der::Result<(&'a ObjectIdentifierRef, &'a ObjectIdentifierRef)> {
    let body = asn1::read_value(reader, Tag::Sequence)?;
    asn1::whole(body, |reader| {
        Ok((asn1::read_oid(reader)?, asn1::read_oid(reader)?))
    })
}

/// `policyConstraints` (RFC 5280 §4.2.1.11): at least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// Certificates that may follow before every one needs an acceptable policy.
    pub require_explicit_policy: Option<u32>,
    /// Certificates that may follow before mappings count no more.
    pub inhibit_policy_mapping: Option<u32>,
}

impl PolicyConstraints {
    pub(super) fn read(value: &[u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let explicit = asn1::take(body, asn1::context(0, false))?;
                let mapping = asn1::take(body, asn1::context(1, false))?;
                if explicit.is_none() && mapping.is_none() {
                    return Err(Malformed("it constrains nothing"));
                }
                Ok(Self {
                    require_explicit_policy: explicit.map(asn1::count).transpose()?,
                    inhibit_policy_mapping: mapping.map(asn1::count).transpose()?,
                })
            })
        })
    }
}
