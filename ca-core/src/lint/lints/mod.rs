//! The list of all lints: one file each, in the folder of the rule's source.

pub(super) mod cabf;
pub(super) mod profile;
pub(super) mod rfc;

use super::{CertificateLint, CrlLint};

/// Every lint over a `TBSCertificate`.
pub const CERTIFICATE_LINTS: &[CertificateLint] = &[
    rfc::certificate_version_v3::LINT,
    rfc::certificate_serial_positive::LINT,
];

/// Every lint over a `TBSCertList`.
pub const CRL_LINTS: &[CrlLint] = &[rfc::crl_version_v2::LINT];
