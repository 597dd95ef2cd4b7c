//! Requests to a CA whose keys are elsewhere, signed with keys that are here.

use der::Sequence;
use der::asn1::OctetString;

/// A PKCS#10 request for a certificate of our own is about to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificationRequestRecorded {
    /// The name that the certificate will have here: `issuing-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// The label of the key that is to be certified and signs.
    pub key_label: String,
    /// DER `CertificationRequestInfo` (RFC 2986 §4.1).
    pub tbs: OctetString,
}

/// A recorded request was signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificationRequestSigned {
    /// The ledger index of its `CertificationRequestRecorded`.
    pub record: u64,
    /// The signature: the content of the BIT STRING.
    pub signature: OctetString,
}
