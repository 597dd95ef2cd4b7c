//! The extensions of a certificate.

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Reader, Tag};

use super::{
    AuthorityInfoAccess, BasicConstraints, CertificateError, CertificatePolicies,
    DistributionPoints, ExtendedKeyUsage, GeneralNames, KeyUsage, NameConstraints,
    PolicyConstraints, PolicyMappings,
};
use crate::crypto::{CryptoProvider, DigestAlgorithm};
use crate::{asn1, oid};

/// Most extensions of one certificate: RFC 5280 defines 17.
const MAX_EXTENSIONS: usize = 64;

/// What the extensions of a certificate say; absent ones are `None`.
#[derive(Clone, Debug, Default)]
pub struct Extensions<'a> {
    /// RFC 5280 §4.2.1.9.
    pub basic_constraints: Option<BasicConstraints>,
    /// RFC 5280 §4.2.1.3.
    pub key_usage: Option<KeyUsage>,
    /// RFC 5280 §4.2.1.12.
    pub extended_key_usage: Option<ExtendedKeyUsage<'a>>,
    /// RFC 5280 §4.2.1.6.
    pub subject_alt_name: Option<GeneralNames<'a>>,
    /// RFC 5280 §4.2.1.10.
    pub name_constraints: Option<NameConstraints<'a>>,
    /// RFC 5280 §4.2.1.4.
    pub certificate_policies: Option<CertificatePolicies<'a>>,
    /// RFC 5280 §4.2.1.5.
    pub policy_mappings: Option<PolicyMappings<'a>>,
    /// RFC 5280 §4.2.1.11.
    pub policy_constraints: Option<PolicyConstraints>,
    /// RFC 5280 §4.2.1.14: certificates that may follow before anyPolicy counts no more.
    pub inhibit_any_policy: Option<u32>,
    /// RFC 5280 §4.2.1.1.
    pub authority_key_id: Option<AuthorityKeyId<'a>>,
    /// RFC 5280 §4.2.1.2.
    pub subject_key_id: Option<&'a [u8]>,
    /// RFC 5280 §4.2.2.1.
    pub authority_info_access: Option<AuthorityInfoAccess<'a>>,
    /// RFC 5280 §4.2.1.13.
    pub crl_distribution_points: Option<DistributionPoints<'a>>,
    /// RFC 5280 §4.2.1.15.
    pub freshest_crl: Option<DistributionPoints<'a>>,
    /// `id-pkix-ocsp-nocheck` (RFC 6960 §4.2.2.2.1).
    pub ocsp_no_check: bool,
    /// RFC 9763 §4.1.
    pub related_certificate: Option<RelatedCertificate<'a>>,
    /// The first critical extension that is not understood. No path may contain such a
    /// certificate (RFC 5280 §4.2).
    pub unknown_critical: Option<&'a ObjectIdentifierRef>,
    critical: u32,
    all: &'a [u8],
}

/// `AuthorityKeyIdentifier` (RFC 5280 §4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityKeyId<'a> {
    /// The issuer's subject key identifier.
    pub key_id: Option<&'a [u8]>,
    /// The name of the issuer's own issuer.
    pub issuer: Option<GeneralNames<'a>>,
    /// The serial number of the issuer's certificate.
    pub serial: Option<&'a [u8]>,
}

/// `RelatedCertificate` (RFC 9763 §4.1): the digest of another certificate of the same subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelatedCertificate<'a> {
    /// The digest's algorithm.
    pub hash_algorithm: &'a ObjectIdentifierRef,
    /// The digest of the whole other certificate.
    pub hash: &'a [u8],
}

/// An extension as it is in the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawExtension<'a> {
    /// Its identifier.
    pub oid: &'a ObjectIdentifierRef,
    /// Whether those who do not know it must refuse.
    pub critical: bool,
    /// The DER inside.
    pub value: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// Every extension, known or not, in order.
    pub fn iter(&self) -> impl Iterator<Item = RawExtension<'a>> + use<'a> {
        let mut reader = asn1::Cursor::new(self.all).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            read_extension(reader).ok()
        })
    }

    /// Whether the extension `oid` is there and critical.
    #[must_use]
    pub fn is_critical(&self, oid: ObjectIdentifier) -> bool {
        self.critical > 0 && self.iter().any(|it| it.critical && *it.oid == oid)
    }

    pub(super) fn read(&mut self, all: &'a [u8]) -> Result<(), CertificateError> {
        self.all = all;
        let mut seen = Seen::default();
        asn1::whole(all, |reader| {
            while !reader.is_finished() {
                let extension = read_raw(reader)?;
                if seen.repeats(all, extension.id)? {
                    let id = owned(asn1::oid(extension.id)?);
                    return Err(CertificateError::DuplicateExtension(id));
                }
                if seen.count > MAX_EXTENSIONS {
                    return Err(CertificateError::TooManyExtensions);
                }
                self.critical += u32::from(extension.critical);
                let known = match self.take(extension.id, extension.value) {
                    Ok(known) => known,
                    Err(Malformed(reason)) => {
                        let extension = owned(asn1::oid(extension.id)?);
                        return Err(CertificateError::Extension { extension, reason });
                    }
                };
                if !known && extension.critical && self.unknown_critical.is_none() {
                    self.unknown_critical = Some(asn1::oid(extension.id)?);
                }
            }
            Ok(())
        })
    }

    /// Parses the extension if it is known; says whether all of it is.
    fn take(&mut self, id: &[u8], value: &'a [u8]) -> Result<bool, Malformed> {
        // RFC 5280's own extensions are 2.5.29.n, two octets and n.
        if let [0x55, 0x1d, number] = *id {
            match number {
                14 => self.subject_key_id = Some(key_id(value)?),
                15 => self.key_usage = Some(KeyUsage::read(value)?),
                17 => self.subject_alt_name = Some(GeneralNames::read(value)?),
                19 => self.basic_constraints = Some(BasicConstraints::read(value)?),
                30 => self.name_constraints = Some(NameConstraints::read(value)?),
                31 => self.crl_distribution_points = Some(DistributionPoints::read(value)?),
                32 => {
                    let policies = CertificatePolicies::read(value)?;
                    self.certificate_policies = Some(policies);
                    return Ok(!policies.has_unknown_qualifier());
                }
                33 => self.policy_mappings = Some(PolicyMappings::read(value)?),
                35 => self.authority_key_id = Some(AuthorityKeyId::read(value)?),
                36 => self.policy_constraints = Some(PolicyConstraints::read(value)?),
                37 => self.extended_key_usage = Some(ExtendedKeyUsage::read(value)?),
                46 => self.freshest_crl = Some(DistributionPoints::read(value)?),
                54 => {
                    let count = asn1::whole(value, asn1::read_integer).and_then(asn1::count)?;
                    self.inhibit_any_policy = Some(count);
                }
                _ => return Ok(false),
            }
            return Ok(true);
        }
        if *id == *oid::AUTHORITY_INFO_ACCESS.as_bytes() {
            self.authority_info_access = Some(AuthorityInfoAccess::read(value)?);
        } else if *id == *oid::OCSP_NO_CHECK.as_bytes() {
            asn1::whole(value, |reader| reader.decode::<der::asn1::Null>())?;
            self.ocsp_no_check = true;
        } else if *id == *oid::RELATED_CERTIFICATE.as_bytes() {
            self.related_certificate = Some(RelatedCertificate::read(value)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// What is wrong with an extension; `From<der::Error>` keeps the parsers short.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl From<der::Error> for Malformed {
    fn from(_: der::Error) -> Self {
        Self("it is malformed")
    }
}

impl<'a> AuthorityKeyId<'a> {
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let key_id = asn1::take(body, asn1::context(0, false))?;
                let issuer = asn1::take(body, asn1::context(1, true))?;
                let serial = asn1::take(body, asn1::context(2, false))?;
                Ok(Self {
                    key_id,
                    issuer: issuer.map(GeneralNames::read_content).transpose()?,
                    serial: serial.map(asn1::integer).transpose()?,
                })
            })
        })
    }
}

impl<'a> RelatedCertificate<'a> {
    /// Whether `certificate` (DER) is the one meant; not when the digest is unknown or SHA-1.
    #[must_use]
    pub fn is(&self, crypto: &dyn CryptoProvider, certificate: &[u8]) -> bool {
        let digest = DigestAlgorithm::ALL
            .into_iter()
            .filter(|digest| *digest != DigestAlgorithm::Sha1)
            .find(|digest| *self.hash_algorithm == digest.oid());
        digest.is_some_and(|digest| crypto.digest(digest, certificate) == self.hash)
    }

    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        asn1::whole(value, |reader| {
            asn1::within(reader, Tag::Sequence, |body| {
                let hash_algorithm = body.sequence(|algorithm| {
                    let oid = asn1::read_oid(algorithm)?;
                    algorithm.decode::<Option<AnyRef<'_>>>()?;
                    Ok::<_, der::Error>(oid)
                })?;
                let hash = body.decode::<&'a OctetStringRef>()?.as_bytes();
                Ok(Self {
                    hash_algorithm,
                    hash,
                })
            })
        })
    }
}

pub(crate) fn read_extension<'a>(reader: &mut asn1::Cursor<'a>) -> der::Result<RawExtension<'a>> {
    let raw = read_raw(reader)?;
    Ok(RawExtension {
        oid: asn1::oid(raw.id)?,
        critical: raw.critical,
        value: raw.value,
    })
}

/// An extension whose identifier is left as octets, which were checked.
struct Raw<'a> {
    id: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

#[inline]
fn read_raw<'a>(reader: &mut asn1::Cursor<'a>) -> der::Result<Raw<'a>> {
    asn1::within(reader, Tag::Sequence, |extension| {
        Ok(Raw {
            id: asn1::read_oid_octets(extension)?,
            critical: asn1::read_flag(extension)?,
            value: asn1::read_value(extension, Tag::OctetString)?,
        })
    })
}

/// Which extensions came before.
#[derive(Default)]
struct Seen {
    count: usize,
    /// 2.5.29.n by n.
    common: u64,
    /// Whether there was another.
    others: bool,
}

impl Seen {
    /// Notes the next extension of `all`; says whether it was there before.
    fn repeats(&mut self, all: &[u8], id: &[u8]) -> der::Result<bool> {
        let before = self.count;
        self.count += 1;
        if let [0x55, 0x1d, number @ ..64] = *id {
            let repeated = self.common >> number & 1 == 1;
            self.common |= 1 << number;
            return Ok(repeated);
        }
        if !std::mem::replace(&mut self.others, true) {
            return Ok(false);
        }
        // A second one is rare enough to look through those before it.
        let mut reader = asn1::Cursor::new(all)?;
        for _ in 0..before {
            if read_raw(&mut reader)?.id == id {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

pub(crate) fn key_id(value: &[u8]) -> der::Result<&[u8]> {
    asn1::whole(value, |reader| asn1::read_value(reader, Tag::OctetString))
}

/// For messages; one that is too long to be owned is shown as the root of extensions.
pub(crate) fn owned(oid: &ObjectIdentifierRef) -> ObjectIdentifier {
    ObjectIdentifier::from_bytes(oid.as_bytes()).unwrap_or(oid::EXTENSION_ROOT)
}
