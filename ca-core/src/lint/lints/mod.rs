//! The list of all lints: one file each, in the folder of the rule's source.

pub(super) mod cabf;
pub(super) mod profile;
pub(super) mod rfc;

use super::{CertificateLint, CrlLint};

/// Every lint over a `TBSCertificate`.
pub const CERTIFICATE_LINTS: &[CertificateLint] = &[
    rfc::certificate_version_v3::LINT,
    rfc::certificate_serial_positive::LINT,
    rfc::certificate_signature_parameters::LINT,
    rfc::certificate_issuer_not_empty::LINT,
    rfc::certificate_subject_not_empty::LINT,
    rfc::certificate_subject_string_types::LINT,
    rfc::certificate_subject_lengths::LINT,
    rfc::certificate_country_two_letters::LINT,
    rfc::certificate_names_have_no_empty_rdn::LINT,
    rfc::certificate_validity_encoding::LINT,
    rfc::certificate_validity_ordered::LINT,
    rfc::certificate_no_unique_identifiers::LINT,
    rfc::certificate_no_duplicate_extensions::LINT,
    rfc::certificate_extension_syntax::LINT,
    rfc::certificate_extension_values_canonical::LINT,
    rfc::certificate_der_canonical::LINT,
    rfc::certificate_ca_basic_constraints::LINT,
    rfc::certificate_path_len_only_in_ca::LINT,
    rfc::certificate_ca_key_usage::LINT,
    rfc::certificate_key_cert_sign_only_in_ca::LINT,
    rfc::certificate_key_usage_not_empty::LINT,
    rfc::certificate_ec_key_usage::LINT,
    rfc::certificate_authority_key_identifier::LINT,
    rfc::certificate_subject_key_identifier::LINT,
    rfc::certificate_subject_alt_name_syntax::LINT,
    rfc::certificate_name_constraints::LINT,
    rfc::certificate_policies_unique::LINT,
    rfc::certificate_policy_qualifiers_absent::LINT,
    rfc::certificate_extended_key_usage_unique::LINT,
    rfc::certificate_distribution_points_syntax::LINT,
    rfc::certificate_authority_info_access_syntax::LINT,
    rfc::certificate_ec_public_key::LINT,
    rfc::certificate_rsa_public_key::LINT,
    rfc::certificate_related_certificate::LINT,
    rfc::certificate_ocsp_nocheck::LINT,
    rfc::certificate_self_issued_only_root::LINT,
];

/// Every lint over a `TBSCertList`.
pub const CRL_LINTS: &[CrlLint] = &[rfc::crl_version_v2::LINT];
