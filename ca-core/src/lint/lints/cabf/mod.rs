//! Rules of the CA/Browser Forum's Baseline Requirements, where a private authority does well to keep them.

pub(in crate::lint) mod certificate_authority_info_access_http;
pub(in crate::lint) mod certificate_ca_no_ocsp_signing;
pub(in crate::lint) mod certificate_common_name_in_alt_names;
pub(in crate::lint) mod certificate_distribution_points_http;
pub(in crate::lint) mod certificate_ec_point_on_curve;
pub(in crate::lint) mod certificate_no_any_policy;
pub(in crate::lint) mod certificate_no_any_purpose;
pub(in crate::lint) mod certificate_ocsp_signer_pointers;
pub(in crate::lint) mod certificate_ocsp_signer_purpose;
pub(in crate::lint) mod certificate_rsa_modulus;
pub(in crate::lint) mod certificate_serial_entropy;
pub(in crate::lint) mod certificate_server_has_host;
pub(in crate::lint) mod certificate_server_validity;
pub(in crate::lint) mod crl_next_update_within_a_year;
pub(in crate::lint) mod crl_no_certificate_hold;
pub(in crate::lint) mod crl_not_partitioned_by_reason;
