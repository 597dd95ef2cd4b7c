//! What the pipeline meant to build, told by profile, registration and issuer.

use const_oid::ObjectIdentifier;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::ext::pkix::name::GeneralName;

/// The place of a certificate in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateRole {
    /// Self-signed trust anchor.
    Root,
    /// Subordinate CA that issues to subscribers.
    Issuing,
    /// A root's name and key certified by the other root.
    Cross,
    /// Delegated OCSP signer (RFC 6960 §4.2.2.2).
    OcspSigner,
    /// Terminal, server, system client, operator.
    EndEntity,
}

impl CertificateRole {
    /// Whether the subject may sign certificates.
    #[must_use]
    pub const fn is_ca(self) -> bool {
        matches!(self, Self::Root | Self::Issuing | Self::Cross)
    }
}

/// One line of the profile's table of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedExtension {
    /// Which extension.
    pub oid: ObjectIdentifier,
    /// Its criticality whenever it is there.
    pub critical: bool,
    /// Whether it must be there; otherwise it may.
    pub required: bool,
}

/// What a certificate must turn out to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Place in the path.
    pub role: CertificateRole,
    /// Name of the profile.
    pub profile: &'a str,
    /// The issuer certificate's `subject`, as it stands there (RFC 5280 §4.1.2.4).
    pub issuer_name_der: &'a [u8],
    /// The issuer certificate's subject key identifier; `None` for a root without an AKI.
    pub issuer_ski: Option<&'a [u8]>,
    /// The beginning of the issuer certificate; `None` for a root.
    pub issuer_not_before: Option<UnixTime>,
    /// The end of the issuer certificate; `None` for a root.
    pub issuer_not_after: Option<UnixTime>,
    /// The subject built from the registration.
    pub subject_der: &'a [u8],
    /// The identifier that the subject's key has already: set when an existing CA key is certified
    /// again (cross-certificates). Otherwise RFC 7093 §2 method 1 is computed from the key.
    pub subject_ski: Option<&'a [u8]>,
    /// Content octets of the serial number.
    pub serial: &'a [u8],
    /// The subject's key, as it was in the request or in the key backend.
    pub spki_der: &'a [u8],
    /// What the profile allows that key to be.
    pub key_algorithm: KeyAlgorithm,
    /// How the issuer signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// Exact key usage for this key's algorithm.
    pub key_usage: KeyUsage,
    /// Exact purposes; empty when the profile has no such extension.
    pub extended_key_usage: &'a [ObjectIdentifier],
    /// Exact policies, in order; empty when the profile has no such extension.
    pub policy_oids: &'a [ObjectIdentifier],
    /// `pathLenConstraint` of a CA.
    pub path_len: Option<u8>,
    /// Exact names, in order. Like the addresses below, looked at only when the table has a row
    /// for their extension.
    pub subject_alt_names: &'a [GeneralName],
    /// The profile's whole table: what is not in it must not be there.
    pub extensions: &'a [ExpectedExtension],
    /// The earliest `notBefore` that the profile's backdating allows.
    pub not_before_earliest: UnixTime,
    /// The dated policy's cap on `notAfter`.
    pub not_after_cap: Option<UnixTime>,
    /// The longest validity period, counted with both its first and its last second.
    pub max_validity_seconds: i64,
    /// Exact CRL distribution point addresses, in order.
    pub cdp_uris: &'a [String],
    /// Exact freshest CRL addresses, in order.
    pub freshest_crl_uris: &'a [String],
    /// Exact OCSP addresses, in order.
    pub ocsp_uris: &'a [String],
    /// Exact `caIssuers` addresses, in order.
    pub ca_issuer_uris: &'a [String],
    /// The time of the run.
    pub now: UnixTime,
}

/// What a CRL must turn out to be.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedCrl<'a> {
    /// The signing CA's `subject`, as it stands in its certificate.
    pub issuer_name_der: &'a [u8],
    /// The signing CA's own subject key identifier, never its issuer's (RFC 5280 §5.2.1).
    pub issuer_ski: &'a [u8],
    /// How the CA signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// The number of this CRL.
    pub crl_number: u64,
    /// The number of the last CRL of the same scope, if there was one.
    pub previous_crl_number: Option<u64>,
    /// The base that a delta CRL starts from; `None` for a complete CRL.
    pub base_crl_number: Option<u64>,
    /// Exact `thisUpdate`.
    pub this_update: UnixTime,
    /// The latest `nextUpdate` that the issuer's configuration allows.
    pub next_update_max: UnixTime,
    /// Whether it is the last list of an ended CA, whose `nextUpdate` is exactly that latest one.
    pub is_final: bool,
    /// The address in the issuing distribution point; `None` when the CRL covers all of its issuer.
    pub idp_uri: Option<&'a str>,
    /// Exact freshest CRL addresses of a complete CRL, in order.
    pub freshest_crl_uris: &'a [String],
    /// How many entries the ledger says there are.
    pub entry_count: usize,
    /// The time of the run.
    pub now: UnixTime,
}
