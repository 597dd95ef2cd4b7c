//! The extension table: presence × criticality × source, and the rules for each known extension.

use std::fmt;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5280, rfc6960};
use serde::{Deserialize, Serialize};

use super::ProfileKind;

/// id-pe-relatedCert (RFC 9763 §4.1).
pub const RELATED_CERTIFICATE_OID: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.36");

/// Whether an extension must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Always.
    Required,
    /// When there is something to say, such as a live twin certificate.
    WhenAvailable,
}

/// Whether a reader that does not know the extension must refuse the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criticality {
    /// It must.
    Critical,
    /// It may go on.
    NonCritical,
}

/// Where an extension's content comes from. A request is no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Fixed by the profile.
    Profile,
    /// The issuing CA: its key, its addresses.
    Issuer,
    /// The registration of the subject.
    Registration,
    /// The subject's key.
    Key,
    /// The certificate of the same subject in the other hierarchy.
    Twin,
}

/// An extension that Kasane can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownExtension {
    /// RFC 5280 §4.2.1.1.
    AuthorityKeyIdentifier,
    /// RFC 5280 §4.2.1.2.
    SubjectKeyIdentifier,
    /// RFC 5280 §4.2.1.3.
    KeyUsage,
    /// RFC 5280 §4.2.1.4.
    CertificatePolicies,
    /// RFC 5280 §4.2.1.6.
    SubjectAltName,
    /// RFC 5280 §4.2.1.9.
    BasicConstraints,
    /// RFC 5280 §4.2.1.10.
    NameConstraints,
    /// RFC 5280 §4.2.1.12.
    ExtendedKeyUsage,
    /// RFC 5280 §4.2.1.13.
    CrlDistributionPoints,
    /// RFC 5280 §4.2.1.15.
    FreshestCrl,
    /// RFC 5280 §4.2.2.1.
    AuthorityInfoAccess,
    /// RFC 6960 §4.2.2.2.1.
    OcspNoCheck,
    /// RFC 9763 §4.1.
    RelatedCertificate,
}

/// What the table says of one extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionRow {
    /// Which extension.
    pub extension: KnownExtension,
    /// Whether it must be there.
    pub presence: Presence,
    /// Whether it is critical.
    pub criticality: Criticality,
    /// Where its content comes from.
    pub source: Source,
}

/// The extensions of a profile, in the order in which certificates carry them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionTable {
    pub(super) rows: Vec<ExtensionRow>,
}

/// Whether a kind of certificate carries an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Must,
    May,
    MustNot,
}

impl KnownExtension {
    /// Every known extension.
    pub const ALL: [Self; 13] = [
        Self::AuthorityKeyIdentifier,
        Self::SubjectKeyIdentifier,
        Self::KeyUsage,
        Self::CertificatePolicies,
        Self::SubjectAltName,
        Self::BasicConstraints,
        Self::NameConstraints,
        Self::ExtendedKeyUsage,
        Self::CrlDistributionPoints,
        Self::FreshestCrl,
        Self::AuthorityInfoAccess,
        Self::OcspNoCheck,
        Self::RelatedCertificate,
    ];

    /// The name in profiles.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorityKeyIdentifier => "authority-key-identifier",
            Self::SubjectKeyIdentifier => "subject-key-identifier",
            Self::KeyUsage => "key-usage",
            Self::CertificatePolicies => "certificate-policies",
            Self::SubjectAltName => "subject-alt-name",
            Self::BasicConstraints => "basic-constraints",
            Self::NameConstraints => "name-constraints",
            Self::ExtendedKeyUsage => "extended-key-usage",
            Self::CrlDistributionPoints => "crl-distribution-points",
            Self::FreshestCrl => "freshest-crl",
            Self::AuthorityInfoAccess => "authority-info-access",
            Self::OcspNoCheck => "ocsp-no-check",
            Self::RelatedCertificate => "related-certificate",
        }
    }

    /// The object identifier.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::AuthorityKeyIdentifier => rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER,
            Self::SubjectKeyIdentifier => rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER,
            Self::KeyUsage => rfc5280::ID_CE_KEY_USAGE,
            Self::CertificatePolicies => rfc5280::ID_CE_CERTIFICATE_POLICIES,
            Self::SubjectAltName => rfc5280::ID_CE_SUBJECT_ALT_NAME,
            Self::BasicConstraints => rfc5280::ID_CE_BASIC_CONSTRAINTS,
            Self::NameConstraints => rfc5280::ID_CE_NAME_CONSTRAINTS,
            Self::ExtendedKeyUsage => rfc5280::ID_CE_EXT_KEY_USAGE,
            Self::CrlDistributionPoints => rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS,
            Self::FreshestCrl => rfc5280::ID_CE_FRESHEST_CRL,
            Self::AuthorityInfoAccess => rfc5280::ID_PE_AUTHORITY_INFO_ACCESS,
            Self::OcspNoCheck => rfc6960::ID_PKIX_OCSP_NOCHECK,
            Self::RelatedCertificate => RELATED_CERTIFICATE_OID,
        }
    }

    /// By name or by object identifier.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let oid = text.parse::<ObjectIdentifier>().ok();
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text || Some(known.oid()) == oid)
    }

    /// The criticality it has in this authority, and why.
    pub(super) const fn criticality(self) -> (Criticality, &'static str) {
        use Criticality::{Critical, NonCritical};
        match self {
            Self::AuthorityKeyIdentifier => {
                (NonCritical, "must be non-critical (RFC 5280 §4.2.1.1)")
            }
            Self::SubjectKeyIdentifier => (NonCritical, "must be non-critical (RFC 5280 §4.2.1.2)"),
            Self::KeyUsage => (Critical, "should be critical (RFC 5280 §4.2.1.3)"),
            Self::CertificatePolicies => (
                NonCritical,
                "non-critical, for readers without policies (RFC 5280 §4.2.1.4)",
            ),
            Self::SubjectAltName => (
                NonCritical,
                "should be non-critical beside a subject (RFC 5280 §4.2.1.6)",
            ),
            Self::BasicConstraints => (Critical, "must be critical in a CA (RFC 5280 §4.2.1.9)"),
            Self::NameConstraints => (Critical, "must be critical (RFC 5280 §4.2.1.10)"),
            Self::ExtendedKeyUsage => (
                NonCritical,
                "non-critical, as most readers expect (RFC 5280 §4.2.1.12)",
            ),
            Self::CrlDistributionPoints => {
                (NonCritical, "should be non-critical (RFC 5280 §4.2.1.13)")
            }
            Self::FreshestCrl => (NonCritical, "must be non-critical (RFC 5280 §4.2.1.15)"),
            Self::AuthorityInfoAccess => (NonCritical, "must be non-critical (RFC 5280 §4.2.2.1)"),
            Self::OcspNoCheck => (NonCritical, "should be non-critical (RFC 6960 §4.2.2.2.1)"),
            Self::RelatedCertificate => (NonCritical, "should be non-critical (RFC 9763 §4.1)"),
        }
    }

    /// The one source its content may have.
    pub(super) const fn source(self) -> Source {
        match self {
            Self::AuthorityKeyIdentifier
            | Self::CrlDistributionPoints
            | Self::FreshestCrl
            | Self::AuthorityInfoAccess => Source::Issuer,
            Self::SubjectKeyIdentifier => Source::Key,
            Self::KeyUsage
            | Self::CertificatePolicies
            | Self::BasicConstraints
            | Self::NameConstraints
            | Self::ExtendedKeyUsage
            | Self::OcspNoCheck => Source::Profile,
            Self::SubjectAltName => Source::Registration,
            Self::RelatedCertificate => Source::Twin,
        }
    }

    /// Whether a kind of certificate carries it, and why.
    pub(super) const fn place(self, kind: ProfileKind) -> (Place, &'static str) {
        use Place::{May, Must, MustNot};
        use ProfileKind::{Canary, Cross, EndEntity, Issuing, OcspSigner, Root};
        match (self, kind) {
            (Self::AuthorityKeyIdentifier, _) => (Must, "helps path building (RFC 5280 §4.2.1.1)"),
            (Self::SubjectKeyIdentifier, _) => (Must, "helps path building (RFC 5280 §4.2.1.2)"),
            (Self::KeyUsage, _) => (Must, "limits what the key does (RFC 5280 §4.2.1.3)"),
            (Self::BasicConstraints, Root | Issuing | Cross) => {
                (Must, "makes a CA (RFC 5280 §4.2.1.9)")
            }
            (Self::BasicConstraints, EndEntity | OcspSigner | Canary) => {
                (MustNot, "only CAs have one here (RFC 5280 §4.2.1.9)")
            }
            (Self::ExtendedKeyUsage, Issuing | EndEntity | OcspSigner | Canary) => (
                Must,
                "limits what the certificate is for (RFC 5280 §4.2.1.12)",
            ),
            (Self::ExtendedKeyUsage, Root | Cross) => (
                MustNot,
                "roots and cross-certificates serve every purpose of their tree",
            ),
            (Self::CertificatePolicies, Root) => {
                (MustNot, "an anchor's policies are not processed")
            }
            (Self::CertificatePolicies, _) => (
                Must,
                "one policy per profile and algorithm (RFC 5280 §4.2.1.4)",
            ),
            (Self::SubjectAltName, EndEntity) => (
                Must,
                "the URI is what relying systems match (RFC 5280 §4.2.1.6)",
            ),
            (Self::SubjectAltName, _) => (MustNot, "only end entities are registered"),
            (Self::NameConstraints, Issuing) => (May, "only in CAs (RFC 5280 §4.2.1.10)"),
            (Self::NameConstraints, _) => (MustNot, "only in issuing CAs (RFC 5280 §4.2.1.10)"),
            (Self::CrlDistributionPoints, Issuing | Cross | EndEntity | Canary) => {
                (Must, "status by CRL must be found (RFC 5280 §4.2.1.13)")
            }
            (Self::CrlDistributionPoints, Root) => (MustNot, "an anchor is not revoked by itself"),
            (Self::CrlDistributionPoints | Self::AuthorityInfoAccess, OcspSigner) => (
                MustNot,
                "a signer with ocsp-no-check is not checked (RFC 6960 §4.2.2.2.1)",
            ),
            (Self::AuthorityInfoAccess, Issuing | Cross | EndEntity | Canary) => {
                (Must, "the issuer must be found (RFC 5280 §4.2.2.1)")
            }
            (Self::AuthorityInfoAccess, Root) => (MustNot, "a root has no issuer to find"),
            (Self::FreshestCrl, EndEntity | Canary) => {
                (May, "delta CRLs of end entities (RFC 5280 §4.2.1.15)")
            }
            (Self::FreshestCrl, _) => (MustNot, "only end entities have delta CRLs here"),
            (Self::OcspNoCheck, OcspSigner) => (
                Must,
                "short-lived signers are not checked (RFC 6960 §4.2.2.2.1)",
            ),
            (Self::OcspNoCheck, _) => (MustNot, "only for OCSP signers (RFC 6960 §4.2.2.2.1)"),
            (Self::RelatedCertificate, EndEntity) => (May, "binds twins (RFC 9763 §4.1)"),
            (Self::RelatedCertificate, _) => (MustNot, "binds end entities only (RFC 9763 §4.1)"),
        }
    }
}

impl fmt::Display for KnownExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ExtensionRow {
    /// The object identifier.
    #[must_use]
    pub const fn oid(&self) -> ObjectIdentifier {
        self.extension.oid()
    }

    /// Whether it is critical.
    #[must_use]
    pub const fn is_critical(&self) -> bool {
        matches!(self.criticality, Criticality::Critical)
    }
}

impl ExtensionTable {
    /// The rows, in the order in which certificates carry them.
    #[must_use]
    pub fn rows(&self) -> &[ExtensionRow] {
        &self.rows
    }

    /// The row of an object identifier.
    #[must_use]
    pub fn row(&self, oid: ObjectIdentifier) -> Option<&ExtensionRow> {
        self.rows.iter().find(|row| row.oid() == oid)
    }

    /// Whether certificates may carry the extension.
    #[must_use]
    pub fn has(&self, extension: KnownExtension) -> bool {
        self.rows.iter().any(|row| row.extension == extension)
    }
}
