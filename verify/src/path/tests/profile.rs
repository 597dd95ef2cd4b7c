//! What RFC 5280 §4 asks beyond validation.

use super::*;
use crate::test_support::extension;
use rcgen::{KeyUsagePurpose, SerialNumber};

/// Validation accepts the chain; the profile refuses it by that rule.
fn breaks(
    rule: &str,
    issuing: impl Fn(&mut CertificateParams),
    leaf: impl Fn(&mut CertificateParams),
) {
    let chain = Chain::new();
    let plain = chain.verify_with(&issuing, &leaf, |_| {});
    assert!(plain.is_ok(), "{rule}: {plain:?}");
    let error = chain
        .verify_with(&issuing, &leaf, |question| {
            question.profile = ProfileRule::Rfc5280
        })
        .unwrap_err();
    assert_eq!((error.code(), error.rule()), ("path.profile", rule));
    assert!(error.text_ja().contains(rule));
}

#[test]
fn usual_chain_keeps_to_the_profile() {
    let profile = |question: &mut Question<'_>| question.profile = ProfileRule::Rfc5280;
    Chain::new().verify_with(same, same, profile).unwrap();
}

#[test]
fn every_must_of_end_entities_is_asked_for() {
    breaks("RFC 5280 §4.2.1.1", same, |params| {
        params.use_authority_key_identifier_extension = false;
    });
    breaks("RFC 5280 §4.2.1.3", same, |params| {
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
    });
    breaks("RFC 5280 §4.1.2.2", same, |params| {
        params.serial_number = Some(SerialNumber::from(0_u64));
    });
    // Critical where it must not be.
    breaks("RFC 5280 §4.2.1.2", same, |params| {
        params.custom_extensions = vec![extension(14, true, &[4, 1, 7])];
    });
}

#[test]
fn every_must_of_cas_is_asked_for() {
    // Path length 0 as in the fixture, not critical.
    let constraints = |critical| extension(19, critical, &[0x30, 6, 1, 1, 0xff, 2, 1, 0]);
    breaks(
        "RFC 5280 §4.2.1.9",
        |params| {
            params.is_ca = rcgen::IsCa::NoCa;
            params.custom_extensions = vec![constraints(false), extension(14, false, &[4, 1, 7])];
        },
        |params| params.use_authority_key_identifier_extension = true,
    );
    breaks(
        "RFC 5280 §4.2.1.2",
        |params| {
            params.is_ca = rcgen::IsCa::NoCa;
            params.custom_extensions = vec![constraints(true)];
        },
        same,
    );
    // requireExplicitPolicy far below, inhibitAnyPolicy far below: both without effect here.
    for (number, value, rule) in [
        (36, &[0x30, 3, 0x80, 1, 9][..], "RFC 5280 §4.2.1.11"),
        (54, &[2, 1, 9][..], "RFC 5280 §4.2.1.14"),
    ] {
        breaks(
            rule,
            |params| params.custom_extensions = vec![extension(number, false, value)],
            same,
        );
    }
}
