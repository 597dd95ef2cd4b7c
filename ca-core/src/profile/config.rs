//! A profile as it is written: strict, without meaning yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Criticality, HostNames, NameConstraintsConfig, Presence, ProfileKind, Source, SubjectForm,
};
use kasane_verify::policy::{Class, DateName};

/// `policy/profiles/<name>.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileConfig {
    /// The name; also the file's.
    pub name: String,
    /// What kind of certificate this makes.
    pub kind: ProfileKind,
    /// The class whose rules in the dated policy bind it.
    pub class: Class,
    /// How the subject is built.
    pub subject: SubjectForm,
    /// The OU of the subject: a category, never a person or a facility.
    pub organizational_unit: String,
    /// Which host names stand beside the identity URI: `registered` or `identity`.
    #[serde(default)]
    pub host_names: HostNames,
    /// Subject keys that may be certified.
    pub key_algorithms: Vec<String>,
    /// Keys that an imported CA may have beside those.
    #[serde(default)]
    pub import_key_algorithms: Vec<String>,
    /// Profiles of the CAs that may sign this one; none for a root.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// Into how many CRLs, by the serial's last octet, a CA of this profile splits its list.
    pub crl_shards: Option<u16>,
    /// pathLenConstraint of a CA.
    pub path_len: Option<u8>,
    /// How long it lasts.
    pub validity: ValidityConfig,
    /// Key usage by the family of the subject's key.
    pub key_usage: KeyUsageConfig,
    /// Purposes: `server-auth`, `client-auth`, `ocsp-signing`.
    #[serde(default)]
    pub extended_key_usage: Vec<String>,
    /// One policy per key algorithm, as arcs below `policy_oid_arc` of `common.toml`.
    #[serde(default)]
    pub policy_oids: BTreeMap<String, String>,
    /// What authorityInfoAccess carries.
    #[serde(default)]
    pub authority_info: AuthorityInfoConfig,
    /// The extensions: presence, criticality, source.
    pub extensions: Vec<ExtensionConfig>,
    /// Critical name constraints of an issuing CA.
    pub name_constraints: Option<NameConstraintsConfig>,
    /// What a request for such a certificate may look like.
    pub request: Option<RequestConfig>,
}

/// How long a certificate lasts: exactly one of `years`, `months`, `days`, `until`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityConfig {
    /// Calendar years in Japan.
    pub years: Option<u32>,
    /// Calendar months in Japan.
    pub months: Option<u32>,
    /// Days of 86,400 seconds.
    pub days: Option<u32>,
    /// A date of the policy, whose second is the last.
    pub until: Option<DateName>,
    /// A date of the policy that bounds the others.
    pub cap: Option<DateName>,
    /// Make a new key and certificate after so many days.
    pub rekey_after_days: Option<u32>,
}

/// Key usage by family; both lists may be given when the profile serves both.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyUsageConfig {
    /// For elliptic-curve keys.
    #[serde(default)]
    pub ecc: Vec<String>,
    /// For RSA keys.
    #[serde(default)]
    pub rsa: Vec<String>,
}

/// Access methods of authorityInfoAccess (RFC 5280 §4.2.2.1).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityInfoConfig {
    /// Where the issuer's certificate is.
    #[serde(default)]
    pub ca_issuers: bool,
    /// Where the issuer's OCSP responder is.
    #[serde(default)]
    pub ocsp: bool,
}

/// One extension.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionConfig {
    /// Name (`key-usage`) or object identifier.
    pub id: String,
    /// Whether it must be there.
    pub presence: Presence,
    /// Whether it is critical.
    pub criticality: Criticality,
    /// Where its content comes from; never from the request.
    pub source: Source,
}

/// What a request may look like.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestConfig {
    /// Digests that prove possession: `sha-256`, `sha-384`, `sha-512`.
    pub digests: Vec<String>,
    /// Requested extensions that are ignored: object identifiers, or arcs ending in `.*`.
    #[serde(default)]
    pub ignored_extensions: Vec<String>,
}

/// `policy/profiles/common.toml`: what the profiles share.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommonConfig {
    /// The arc below which the policies of all profiles are numbered.
    pub(super) policy_oid_arc: String,
}
