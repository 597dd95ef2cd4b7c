//! What OCSP and CRL say of a certificate, asked over HTTP.

use std::net::SocketAddr;

use kasane_ca_core::authority::Authority;
use kasane_ca_core::pipeline::Issued;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{self, CertId, CertStatus, OcspIssuer, OcspRequest, OcspResponse, OcspRules};
use kasane_verify::revocation::{self, CrlIssuer, Freshness};

use super::QuickstartError;
use super::fetch::fetch;

/// What the two products say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// `good`, `revoked (reason)`, `unknown`.
    pub(super) ocsp: String,
    /// The same, by the CRL of the certificate's shard, with its number.
    pub(super) crl: String,
}
