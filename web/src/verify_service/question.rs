//! What is asked.

use std::net::IpAddr;

use serde::Deserialize;
use utoipa::ToSchema;

use kasane_verify::UnixTime;
use kasane_verify::path::{ExpectedName, Purpose};
use kasane_verify::policy::Class;

/// What is asked of `POST /v1/verify` and `POST /v1/explain`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyRequest {
    /// The certificates, PEM: the end entity first, then what may help, in any order. This, or
    /// `chain`.
    #[schema(example = "-----BEGIN CERTIFICATE-----…")]
    pub(super) chain_pem: Option<String>,
    /// The same as base64 of DER, one string for each certificate.
    #[serde(default)]
    pub(super) chain: Vec<String>,
    /// What the key is used for.
    pub(super) purpose: PurposeName,
    /// What the end entity is, as the dated policy sees it; the service's own if not given.
    #[schema(value_type = Option<ClassName>)]
    pub(super) class: Option<Class>,
    /// Names that the end entity must have, all of them.
    #[serde(default)]
    pub(super) names: Vec<NameWanted>,
    /// The time to judge at; now if not given. RFC 3339, or a date, which is midnight in Japan.
    #[schema(value_type = Option<String>, example = "2030-12-31T14:59:59Z")]
    pub(super) at: Option<UnixTime>,
    /// CRLs, complete or delta, base64 of DER.
    #[serde(default)]
    pub(super) crls: Vec<String>,
    /// OCSP responses, base64 of DER.
    #[serde(default)]
    pub(super) ocsp: Vec<String>,
    /// Certificates about which no more evidence will come, as an earlier answer named them. Their
    /// status is then judged by the service's rules for unavailable status.
    #[serde(default)]
    pub(super) given_up: Vec<GivenUpCertificate>,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PurposeName {
    /// TLS client (id-kp-clientAuth).
    Client,
    /// TLS server (id-kp-serverAuth).
    Server,
    /// Signing OCSP responses.
    OcspSigning,
    /// Signing CRLs.
    CrlSigning,
    /// Anything: only that the certificate is genuine.
    Any,
}

impl From<PurposeName> for Purpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::Client => Self::ClientAuth,
            PurposeName::Server => Self::ServerAuth,
            PurposeName::OcspSigning => Self::OcspSigning,
            PurposeName::CrlSigning => Self::CrlSigning,
            PurposeName::Any => Self::Any,
        }
    }
}

/// [`Class`], for the document.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[expect(dead_code, reason = "names the values of another type")]
pub(super) enum ClassName {
    Ca,
    Status,
    Operator,
    Probe,
    Server,
    SystemClient,
    Terminal,
}

/// A name that the end entity must have.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NameWanted {
    /// A URI, compared character by character.
    Uri(String),
    /// A host name, compared by RFC 9525.
    Dns(String),
    /// A mailbox.
    Mailbox(String),
    /// An IP address.
    #[schema(value_type = String)]
    Ip(IpAddr),
}

impl NameWanted {
    pub(super) fn borrowed(&self) -> ExpectedName<'_> {
        match self {
            Self::Uri(name) => ExpectedName::Uri(name),
            Self::Dns(name) => ExpectedName::Dns(name),
            Self::Mailbox(name) => ExpectedName::Mailbox(name),
            Self::Ip(address) => ExpectedName::Ip(*address),
        }
    }
}

/// A certificate as an answer's `needs` names it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenUpCertificate {
    /// Its issuer's name, base64 of DER.
    pub(super) issuer: String,
    /// Its serial number, lower-case hexadecimal.
    pub(super) serial: String,
}
