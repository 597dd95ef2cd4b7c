//! A `TBSCertificate` taken apart once, for all lints.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5280, rfc6960};
use der::asn1::{Null, OctetString};
use der::{Reader, Sequence, Tag, TagNumber};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoRef};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, FreshestCrl, KeyUsage, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::element::{
    AlgorithmFacts, Decoded, Element, ExtensionFacts, Health, NameFacts, TimeFacts,
};
use super::{Expected, LintError};

/// `id-pe-relatedCert` (RFC 9763 §4.1).
pub(crate) const ID_PE_RELATED_CERT: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.36");

/// The extension that ties a certificate to its twin of the other family (RFC 9763 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct RelatedCertificate {
    /// Digest algorithm.
    pub hash_algorithm: AlgorithmIdentifierOwned,
    /// Digest of the related certificate's DER.
    pub hash_value: OctetString,
}

/// A `TBSCertificate` and what it was meant to be. Fields are views into the bytes; only the
/// contents of extensions are decoded into values of their own.
#[derive(Clone, Debug)]
pub struct CertificateFacts<'a> {
    /// The bytes that would be signed.
    pub tbs_der: &'a [u8],
    /// What the pipeline meant to build.
    pub expected: &'a Expected<'a>,
    /// Content octets of the version; `None` when absent, which means v1.
    pub version: Option<&'a [u8]>,
    /// Content octets of the serial number.
    pub serial: &'a [u8],
    /// The inner signature algorithm.
    pub signature: AlgorithmFacts<'a>,
    /// The issuer.
    pub issuer: NameFacts<'a>,
    /// First second of the validity period.
    pub not_before: TimeFacts<'a>,
    /// Last second of the validity period, itself included.
    pub not_after: TimeFacts<'a>,
    /// The subject.
    pub subject: NameFacts<'a>,
    /// The bytes of the subject's key.
    pub spki_der: &'a [u8],
    /// The subject's key.
    pub spki: SubjectPublicKeyInfoRef<'a>,
    /// Whether `issuerUniqueID` or `subjectUniqueID` is there.
    pub has_unique_identifier: bool,
    /// All extensions in order.
    pub extensions: Vec<ExtensionFacts<'a>>,
    /// Known extensions whose value does not have their syntax.
    pub malformed_extensions: Vec<ObjectIdentifier>,
    /// Known extensions whose value is not DER.
    pub non_canonical_extensions: Vec<ObjectIdentifier>,
    /// RFC 5280 §4.2.1.1.
    pub authority_key_identifier: Decoded<AuthorityKeyIdentifier>,
    /// RFC 5280 §4.2.1.2.
    pub subject_key_identifier: Decoded<SubjectKeyIdentifier>,
    /// RFC 5280 §4.2.1.3.
    pub key_usage: Decoded<KeyUsage>,
    /// RFC 5280 §4.2.1.4.
    pub certificate_policies: Decoded<CertificatePolicies>,
    /// RFC 5280 §4.2.1.6.
    pub subject_alt_name: Decoded<SubjectAltName>,
    /// RFC 5280 §4.2.1.9.
    pub basic_constraints: Decoded<BasicConstraints>,
    /// RFC 5280 §4.2.1.10.
    pub name_constraints: Decoded<NameConstraints>,
    /// RFC 5280 §4.2.1.12.
    pub extended_key_usage: Decoded<ExtendedKeyUsage>,
    /// RFC 5280 §4.2.1.13.
    pub crl_distribution_points: Decoded<CrlDistributionPoints>,
    /// RFC 5280 §4.2.1.15.
    pub freshest_crl: Decoded<FreshestCrl>,
    /// RFC 5280 §4.2.2.1.
    pub authority_info_access: Decoded<AuthorityInfoAccessSyntax>,
    /// RFC 6960 §4.2.2.2.1.
    pub ocsp_nocheck: Decoded<Null>,
    /// RFC 9763 §4.1.
    pub related_certificate: Decoded<RelatedCertificate>,
}

impl<'a> CertificateFacts<'a> {
    /// Takes `tbs_der` apart.
    ///
    /// # Errors
    /// [`LintError::Malformed`] when the bytes lack the outer shape of a `TBSCertificate`
    /// (RFC 5280 §4.1); anything finer is for the lints to say.
    pub fn decode(tbs_der: &'a [u8], expected: &'a Expected<'a>) -> Result<Self, LintError> {
        let mut facts = take_apart(tbs_der, expected).map_err(|error| LintError::Malformed {
            object: "TBSCertificate",
            reason: error.to_string(),
        })?;
        facts.decode_extensions();
        Ok(facts)
    }

    /// The extension with this object identifier, if it is there.
    #[must_use]
    pub fn extension(&self, oid: ObjectIdentifier) -> Option<&ExtensionFacts<'a>> {
        self.extensions
            .iter()
            .find(|extension| extension.oid == oid)
    }

    /// Whether the profile's table has a row for this extension. Without one the extension must not
    /// be there, whatever else the pipeline has at hand for it.
    #[must_use]
    pub fn table_has(&self, oid: ObjectIdentifier) -> bool {
        self.expected.extensions.iter().any(|row| row.oid == oid)
    }

    /// Whether the certificate itself says that its subject is a CA.
    #[must_use]
    pub fn asserts_ca(&self) -> bool {
        self.basic_constraints
            .value()
            .is_some_and(|constraints| constraints.ca)
    }

    fn decode_extensions(&mut self) {
        let extensions = std::mem::take(&mut self.extensions);
        for extension in &extensions {
            match self.fill(extension) {
                Health::Canonical => {}
                Health::NotCanonical => self.non_canonical_extensions.push(extension.oid),
                Health::Malformed => self.malformed_extensions.push(extension.oid),
            }
        }
        self.extensions = extensions;
    }

    fn fill(&mut self, extension: &ExtensionFacts<'_>) -> Health {
        match extension.oid {
            rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                self.authority_key_identifier.fill(extension)
            }
            rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER => self.subject_key_identifier.fill(extension),
            rfc5280::ID_CE_KEY_USAGE => self.key_usage.fill(extension),
            rfc5280::ID_CE_CERTIFICATE_POLICIES => self.certificate_policies.fill(extension),
            rfc5280::ID_CE_SUBJECT_ALT_NAME => self.subject_alt_name.fill(extension),
            rfc5280::ID_CE_BASIC_CONSTRAINTS => self.basic_constraints.fill(extension),
            rfc5280::ID_CE_NAME_CONSTRAINTS => self.name_constraints.fill(extension),
            rfc5280::ID_CE_EXT_KEY_USAGE => self.extended_key_usage.fill(extension),
            rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS => self.crl_distribution_points.fill(extension),
            rfc5280::ID_CE_FRESHEST_CRL => self.freshest_crl.fill(extension),
            rfc5280::ID_PE_AUTHORITY_INFO_ACCESS => self.authority_info_access.fill(extension),
            rfc6960::ID_PKIX_OCSP_NOCHECK => self.ocsp_nocheck.fill(extension),
            ID_PE_RELATED_CERT => self.related_certificate.fill(extension),
            _ => Health::Canonical,
        }
    }
}

fn take_apart<'a>(
    tbs_der: &'a [u8],
    expected: &'a Expected<'a>,
) -> der::Result<CertificateFacts<'a>> {
    let mut reader = Element::whole(tbs_der)?.expect(Tag::Sequence)?.inside()?;
    let mut next = Element::read(&mut reader)?;
    let mut version = None;
    if next.tag == context_specific(TagNumber(0)) {
        version = Some(Element::whole(next.value)?.expect(Tag::Integer)?.value);
        next = Element::read(&mut reader)?;
    }
    let serial = next.expect(Tag::Integer)?.value;
    let signature = AlgorithmFacts::read(Element::read(&mut reader)?)?;
    let issuer = NameFacts::read(Element::read(&mut reader)?)?;
    let mut validity = Element::read(&mut reader)?
        .expect(Tag::Sequence)?
        .inside()?;
    let not_before = TimeFacts::read(Element::read(&mut validity)?);
    let not_after = TimeFacts::read(Element::read(&mut validity)?);
    validity.finish()?;
    let subject = NameFacts::read(Element::read(&mut reader)?)?;
    let spki_der = Element::read(&mut reader)?.der;
    let spki =
        SubjectPublicKeyInfoRef::try_from(spki_der).map_err(|_| Tag::Sequence.value_error())?;
    let mut has_unique_identifier = false;
    let mut extensions = Vec::new();
    while !reader.is_finished() {
        let element = Element::read(&mut reader)?;
        if element.tag == context_specific(TagNumber(3)) {
            extensions = ExtensionFacts::read_all(Element::whole(element.value)?)?;
            break;
        }
        // issuerUniqueID [1] or subjectUniqueID [2]; any other tag is caught by the strict decoder.
        has_unique_identifier = true;
    }
    reader.finish()?;
    Ok(CertificateFacts {
        tbs_der,
        expected,
        version,
        serial,
        signature,
        issuer,
        not_before,
        not_after,
        subject,
        spki_der,
        spki,
        has_unique_identifier,
        extensions,
        malformed_extensions: Vec::new(),
        non_canonical_extensions: Vec::new(),
        authority_key_identifier: Decoded::Absent,
        subject_key_identifier: Decoded::Absent,
        key_usage: Decoded::Absent,
        certificate_policies: Decoded::Absent,
        subject_alt_name: Decoded::Absent,
        basic_constraints: Decoded::Absent,
        name_constraints: Decoded::Absent,
        extended_key_usage: Decoded::Absent,
        crl_distribution_points: Decoded::Absent,
        freshest_crl: Decoded::Absent,
        authority_info_access: Decoded::Absent,
        ocsp_nocheck: Decoded::Absent,
        related_certificate: Decoded::Absent,
    })
}

/// A constructed context-specific tag, as explicit tagging makes it.
pub(super) const fn context_specific(number: TagNumber) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number,
    }
}
