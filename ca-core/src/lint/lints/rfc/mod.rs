//! Rules of the RFCs.

pub(in crate::lint) mod certificate_authority_info_access_syntax;
pub(in crate::lint) mod certificate_authority_key_identifier;
pub(in crate::lint) mod certificate_ca_basic_constraints;
pub(in crate::lint) mod certificate_ca_key_usage;
pub(in crate::lint) mod certificate_country_two_letters;
pub(in crate::lint) mod certificate_der_canonical;
pub(in crate::lint) mod certificate_distribution_points_syntax;
pub(in crate::lint) mod certificate_ec_key_usage;
pub(in crate::lint) mod certificate_ec_public_key;
pub(in crate::lint) mod certificate_extended_key_usage_unique;
pub(in crate::lint) mod certificate_extension_syntax;
pub(in crate::lint) mod certificate_extension_values_canonical;
pub(in crate::lint) mod certificate_issuer_not_empty;
pub(in crate::lint) mod certificate_key_cert_sign_only_in_ca;
pub(in crate::lint) mod certificate_key_usage_not_empty;
pub(in crate::lint) mod certificate_name_constraints;
pub(in crate::lint) mod certificate_names_have_no_empty_rdn;
pub(in crate::lint) mod certificate_no_duplicate_extensions;
pub(in crate::lint) mod certificate_no_unique_identifiers;
pub(in crate::lint) mod certificate_ocsp_nocheck;
pub(in crate::lint) mod certificate_path_len_only_in_ca;
pub(in crate::lint) mod certificate_policies_unique;
pub(in crate::lint) mod certificate_policy_qualifiers_absent;
pub(in crate::lint) mod certificate_related_certificate;
pub(in crate::lint) mod certificate_rsa_public_key;
pub(in crate::lint) mod certificate_self_issued_only_root;
pub(in crate::lint) mod certificate_serial_positive;
pub(in crate::lint) mod certificate_signature_parameters;
pub(in crate::lint) mod certificate_subject_alt_name_syntax;
pub(in crate::lint) mod certificate_subject_key_identifier;
pub(in crate::lint) mod certificate_subject_lengths;
pub(in crate::lint) mod certificate_subject_not_empty;
pub(in crate::lint) mod certificate_subject_string_types;
pub(in crate::lint) mod certificate_validity_encoding;
pub(in crate::lint) mod certificate_validity_ordered;
pub(in crate::lint) mod certificate_version_v3;
pub(in crate::lint) mod crl_authority_key_identifier;
pub(in crate::lint) mod crl_delta_indicator;
pub(in crate::lint) mod crl_der_canonical;
pub(in crate::lint) mod crl_entries_unique;
pub(in crate::lint) mod crl_entry_criticality;
pub(in crate::lint) mod crl_entry_extensions;
pub(in crate::lint) mod crl_entry_invalidity_dates;
pub(in crate::lint) mod crl_entry_reasons;
pub(in crate::lint) mod crl_entry_serials;
pub(in crate::lint) mod crl_entry_times;
pub(in crate::lint) mod crl_extension_syntax;
pub(in crate::lint) mod crl_freshest_crl;
pub(in crate::lint) mod crl_issuer_not_empty;
pub(in crate::lint) mod crl_issuing_distribution_point;
pub(in crate::lint) mod crl_next_update_follows;
pub(in crate::lint) mod crl_no_duplicate_extensions;
pub(in crate::lint) mod crl_no_empty_list;
pub(in crate::lint) mod crl_no_unknown_critical_extension;
pub(in crate::lint) mod crl_number_form;
pub(in crate::lint) mod crl_removal_only_in_delta;
pub(in crate::lint) mod crl_signature_parameters;
pub(in crate::lint) mod crl_time_encoding;
pub(in crate::lint) mod crl_version_v2;

use const_oid::ObjectIdentifier;
use kasane_verify::SignatureAlgorithm;

use super::super::{AlgorithmFacts, CrlFacts, EntryFacts, EntryNote, ExtensionFacts, Outcome};

/// RFC 4055 §5: RSA has NULL; RFC 5758 §3.2 and RFC 8410 §3: the others have nothing.
fn signature_parameters(signature: &AlgorithmFacts<'_>) -> Outcome {
    let Some(algorithm) = SignatureAlgorithm::from_oid(signature.oid) else {
        return Outcome::fail(format!("{} is unknown", signature.oid));
    };
    if algorithm.has_null_parameter() {
        Outcome::require(signature.is_null_parameter(), || {
            format!("{algorithm} without parameters or with others than NULL")
        })
    } else {
        Outcome::require(signature.parameters.is_none(), || {
            format!("{algorithm} with NULL or other parameters")
        })
    }
}

/// RFC 5280 §4.2 and §5.2: an extension is there once. The lists are short, so every pair is tried.
fn no_duplicates(extensions: &[ExtensionFacts<'_>]) -> Outcome {
    for (index, extension) in extensions.iter().enumerate() {
        if extensions
            .iter()
            .skip(index + 1)
            .any(|other| other.oid == extension.oid)
        {
            return Outcome::fail(format!("{} is there more than once", extension.oid));
        }
    }
    Outcome::Pass
}

/// Passes when the pass over the entries noted nothing under `rule`.
pub(in crate::lint) fn entry_note(
    facts: &CrlFacts<'_>,
    rule: impl FnOnce(&EntryFacts) -> &Option<EntryNote>,
) -> Outcome {
    let Some(entries) = &facts.entries else {
        return Outcome::NotApplicable;
    };
    rule(entries)
        .as_ref()
        .map_or(Outcome::Pass, |note| Outcome::fail(note.reason.clone()))
}

/// Whether there is at least one and none comes twice.
fn are_unique(oids: &[ObjectIdentifier]) -> bool {
    !oids.is_empty()
        && oids
            .iter()
            .enumerate()
            .all(|(index, oid)| !oids.iter().skip(index + 1).any(|o| o == oid))
}
