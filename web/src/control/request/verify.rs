//! Verifying a chain.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// Verify a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The end entity first, then whatever may help, in any order.
    pub chain_pem: String,
    /// What is trusted; this authority's roots when left out.
    pub anchors_pem: Option<String>,
    /// The instant to judge at; now when left out.
    pub at: Option<UnixTime>,
    /// What the key is used for; what the certificate says when left out.
    pub purpose: Option<VerifyPurpose>,
    /// What status must be known by evidence. When it is left out and no evidence comes along, this
    /// authority's records answer; without records, [`RevocationMode::HardFail`].
    #[serde(default)]
    pub revocation: Option<RevocationMode>,
    /// Which evidence counts.
    #[serde(default)]
    pub sources: RevocationSources,
    /// CRLs, DER in base64.
    #[serde(default)]
    pub crls: Vec<String>,
    /// OCSP responses, DER in base64.
    #[serde(default)]
    pub ocsp: Vec<String>,
    /// A declared emergency in force, by its name; the caller has checked the declaration.
    #[serde(default)]
    pub emergency: Option<String>,
    /// The names that the end entity must have: `dns:`, `ip:`, `uri:` or `email:` before each.
    #[serde(default)]
    pub names: Vec<String>,
    /// Certificate policies, dotted, of which one must be valid for the path; none for any.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Whether the MUSTs of the RFC 5280 profile count too.
    #[serde(default)]
    pub profile: bool,
    /// Tell what that date makes of the path, revocation aside, instead of judging it now.
    #[serde(default)]
    pub dry_run: Option<UnixTime>,
    /// Tell the whole search.
    #[serde(default)]
    pub explain: bool,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifyPurpose {
    /// Authenticate as a client.
    Client,
    /// Authenticate as a server.
    Server,
    /// Sign OCSP responses.
    Ocsp,
    /// Anything.
    Any,
}

/// What status each certificate of the path must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationMode {
    /// Known and good.
    #[default]
    HardFail,
    /// Not known to be bad; what is unknown is reported.
    SoftFail,
    /// Any: it is not looked at.
    Off,
}

/// Which evidence counts, and which is looked at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationSources {
    /// OCSP, then CRLs.
    #[default]
    OcspThenCrl,
    /// CRLs, then OCSP.
    CrlThenOcsp,
    /// OCSP alone.
    Ocsp,
    /// CRLs alone.
    Crl,
}
