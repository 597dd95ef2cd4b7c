//! The tables of a script, one type each.

use kasane_verify::KeyAlgorithm;
use serde::{Deserialize, Serialize};

/// The `[ceremony]` table: which of an authority's ceremonies this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeremonyTable {
    /// Its name: `ceremony` begins an authority; others go on with one that was begun.
    #[serde(default = "first")]
    pub name: String,
    /// What it is about, for the printed record.
    #[serde(default)]
    pub title: String,
}

impl Default for CeremonyTable {
    fn default() -> Self {
        Self {
            name: first(),
            title: String::new(),
        }
    }
}

/// A role in the ceremony. People are not named: they sign the printed record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// The role: `ceremony administrator`, `witness`, `custodian 1`.
    pub role: String,
    /// What who has the role attests to with a signature.
    pub attests: String,
}

/// Who keeps the wrap key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// How many custodians restore it together.
    pub threshold: u8,
    /// The custodians' roles, one share each.
    pub custodians: Vec<String>,
    /// The set of shares that they hold, as `kasane ceremony custodians make` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
}

/// A key to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyStep {
    /// Its label in the backend.
    pub label: String,
    /// Its role: `root-ca`, `issuing-ca` or `ocsp-responder`.
    pub role: String,
    /// Its algorithm.
    pub algorithm: KeyAlgorithm,
}

/// A request to a CA whose keys are elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestStep {
    /// The name that the certificate will have here.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// The label of the key to be certified.
    pub key: String,
    /// The common name that the certificate will have.
    pub common_name: String,
}

/// A certificate that was made elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportStep {
    /// The name here.
    pub name: String,
    /// The profile whose rules it is held against; that of the same name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The file, PEM or DER, beside the script.
    pub certificate: String,
    /// SHA-256 of the certificate's DER, hexadecimal.
    pub sha256: String,
    /// The label of its key, when that is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// CRL shards, a power of two.
    #[serde(default = "one")]
    pub crl_shards: u32,
    /// The highest CRL number that was used elsewhere.
    #[serde(default)]
    pub last_crl_number: u64,
}

/// A CRL that was signed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportCrlStep {
    /// Whose it is.
    pub issuer: String,
    /// The file, PEM or DER, beside the script.
    pub crl: String,
    /// SHA-256 of the CRL's DER, hexadecimal.
    pub sha256: String,
}

/// A CA certificate to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateStep {
    /// The issuer's name: `issuing-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// Who signs; the name itself for a root.
    pub issuer: String,
    /// The label of its key. Either this or `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The file of its PKCS#10 request, PEM or DER, beside the script: its key is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// SHA-256 of the request's DER, hexadecimal; needed with `request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_sha256: Option<String>,
    /// Its common name.
    pub common_name: String,
    /// CRL shards, a power of two.
    #[serde(default = "one")]
    pub crl_shards: u32,
}

/// A cross-certificate to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossStep {
    /// Its name: `root-ecc-by-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// The CA whose name and key it certifies.
    pub subject: String,
    /// Who signs.
    pub issuer: String,
}

/// An OCSP signer to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcspSignerStep {
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key.
    pub key: String,
    /// Hours from thisUpdate to nextUpdate of its responses.
    #[serde(default = "forty_eight")]
    pub window_hours: u32,
}

/// First CRLs to publish. Without any such table every CA that has its key here gets them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlStep {
    /// Whose.
    pub issuer: String,
    /// Which shards; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<Vec<u32>>,
}

fn first() -> String {
    super::FIRST_CEREMONY.to_owned()
}

const fn one() -> u32 {
    1
}

const fn forty_eight() -> u32 {
    48
}
