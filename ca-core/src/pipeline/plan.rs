//! Everything that a certificate will say, decided before a byte is built.

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// Who signs: a CA's name, key and limits.
#[derive(Clone, Debug)]
pub struct SignerIdentity {
    /// The issuer's name within the authority: `issuing-ecc-terminal`.
    pub name: String,
    /// The subject of its certificate: the issuer of what it signs.
    pub subject: Name,
    /// The same, DER, as it stands in the certificate.
    pub subject_der: Vec<u8>,
    /// Its subject key identifier (RFC 5280 §4.2.1.2).
    pub ski: Vec<u8>,
    /// The algorithm of its key.
    pub key_algorithm: KeyAlgorithm,
    /// The label of its key; none when the key is elsewhere.
    pub key_label: Option<KeyLabel>,
    /// The role of its key.
    pub key_role: KeyRole,
    /// The beginning of its certificate; none for a root that signs itself.
    pub not_before: Option<UnixTime>,
    /// The end of its certificate; none for a root that signs itself.
    pub not_after: Option<UnixTime>,
}

impl SignerIdentity {
    /// How it signs.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.key_algorithm.default_signature()
    }
}

/// Everything that a certificate will say, and what the ledger notes with it.
#[derive(Clone, Debug)]
pub struct CertificatePlan {
    /// Who signs.
    pub signer: SignerIdentity,
    /// The profile's name.
    pub profile_name: String,
    /// Whom it names: `facility/1312345678/1`, `ca/issuing-rsa`.
    pub subject_ref: String,
    /// The subject DN.
    pub subject: Name,
    /// The subject's key, DER `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// The subject's key algorithm.
    pub key_algorithm: KeyAlgorithm,
    /// The subject's key identifier.
    pub ski: Vec<u8>,
    /// Whether that identifier is given by an earlier certificate of the same key.
    pub ski_is_given: bool,
    /// Subject alternative names, in order.
    pub subject_alt_names: Vec<GeneralName>,
    /// The serial number, big-endian without padding.
    pub serial: Vec<u8>,
    /// notBefore.
    pub not_before: UnixTime,
    /// notAfter, inclusive.
    pub not_after: UnixTime,
    /// The dated policy's cap on notAfter.
    pub not_after_cap: Option<UnixTime>,
    /// The present.
    pub now: UnixTime,
    /// The CRL shard.
    pub crl_shard: u32,
    /// CRL addresses.
    pub cdp_uris: Vec<String>,
    /// Delta CRL addresses.
    pub freshest_crl_uris: Vec<String>,
    /// OCSP addresses.
    pub ocsp_uris: Vec<String>,
    /// Addresses of the issuer's certificate.
    pub ca_issuer_uris: Vec<String>,
    /// The live RSA certificate of the same terminal, DER (RFC 9763).
    pub related_certificate: Option<Vec<u8>>,
    /// Who asked: the scope of the request key.
    pub requester: String,
    /// The requester's key for this request.
    pub request_key: Option<String>,
    /// SHA-256 of the PKCS#10 request.
    pub request_sha256: Option<Vec<u8>>,
    /// The serial of the certificate that this one renews.
    pub renews: Option<Vec<u8>>,
}
