//! Which certificates a CRL covers.

use std::sync::Arc;

use super::super::{CrlQuestion, Freshness, Voice, decide};
use crate::certificate::Certificate;
use crate::crl::IndexedCrl;
use crate::crl::tests::raw::{Raw, covering, point_name, tlv};
use crate::path::ProfileRule;
use crate::test_support::{Entity, ca, client, extension, now};

const MINE: &str = "http://status.example/3.crl";
const OTHER: &str = "http://status.example/4.crl";

/// Whether a CRL with that issuing distribution point speaks about the certificate; why not
/// otherwise.
fn speaks(issuer: &Entity, certificate: &[u8], fields: &[Vec<u8>]) -> Result<(), String> {
    let raw = Raw::of(issuer).with(covering(fields));
    let crls = [Arc::new(IndexedCrl::from_der(raw.der()).unwrap())];
    let certificate = Certificate::from_der(certificate).unwrap();
    let question = CrlQuestion {
        certificate: &certificate,
        crls: &crls,
        at: now(),
        freshness: Freshness::Required,
        profile: ProfileRule::Validation,
    };
    let mut problems = Vec::new();
    let mut authentic = |_: &Arc<IndexedCrl>| Ok::<_, ()>(Ok(Voice::Issuer));
    let decision = decide(&question, &mut authentic, &mut problems).unwrap();
    decision.map(drop).ok_or_else(|| problems.join("; "))
}

fn leaf(issuer: &Entity, points: &[Vec<u8>]) -> Vec<u8> {
    issuer.issue(&Entity::new("leaf"), |params| {
        client(params);
        if !points.is_empty() {
            let points = tlv(0x30, &points.concat());
            params.custom_extensions = vec![extension(31, false, &points)];
        }
    })
}

fn point(name: Vec<u8>) -> Vec<u8> {
    tlv(0x30, &name)
}

#[test]
fn kind_of_certificate_must_be_covered() {
    let issuer = Entity::new("Issuing");
    let end_entity = leaf(&issuer, &[]);
    let authority = issuer.issue(&Entity::new("Below"), ca(None));
    let [users, authorities, attributes] = [1, 2, 5].map(|it| tlv(0x80 | it, &[0xff]));
    assert_eq!(
        speaks(&issuer, &end_entity, std::slice::from_ref(&users)),
        Ok(())
    );
    assert_eq!(
        speaks(&issuer, &authority, std::slice::from_ref(&authorities)),
        Ok(())
    );
    for (certificate, field, why) in [
        (&end_entity, authorities, "it covers CAs only"),
        (&authority, users, "it covers end entities only"),
        (
            &end_entity,
            attributes.clone(),
            "it covers attribute certificates only",
        ),
        (
            &authority,
            attributes,
            "it covers attribute certificates only",
        ),
    ] {
        let error = speaks(&issuer, certificate, &[field]).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn distribution_point_is_matched_by_any_of_its_names() {
    let issuer = Entity::new("Issuing");
    let uris = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|it| tlv(0x86, it.as_bytes())).collect();
        tlv(0xa0, &tlv(0xa0, &names.concat()))
    };
    let mine = leaf(
        &issuer,
        &[point(uris(&["ldap://directory.example/", MINE]))],
    );
    assert_eq!(speaks(&issuer, &mine, &[point_name(MINE)]), Ok(()));
    assert_eq!(speaks(&issuer, &mine, &[uris(&[OTHER, MINE])]), Ok(()));
    let error = speaks(&issuer, &mine, &[point_name(OTHER)]).unwrap_err();
    assert!(
        error.contains("it covers another distribution point"),
        "{error}"
    );
    // Any of several points; none at all.
    let several = leaf(
        &issuer,
        &[point(point_name(OTHER)), point(point_name(MINE))],
    );
    assert_eq!(speaks(&issuer, &several, &[point_name(MINE)]), Ok(()));
    assert!(speaks(&issuer, &leaf(&issuer, &[]), &[point_name(MINE)]).is_err());
}

#[test]
fn name_relative_to_the_issuer_is_completed() {
    let issuer = Entity::new("Issuing");
    let name = Raw::of(&issuer).issuer;
    let rdn = |text: &str| {
        let attribute = [vec![6, 3, 0x55, 4, 3], tlv(0x0c, text.as_bytes())].concat();
        tlv(0x30, &attribute)
    };
    // Short enough that its header takes two octets.
    assert!(name.len() < 0x82);
    let whole = [&name[2..], &tlv(0x31, &rdn("CRL 3"))].concat();
    let full = tlv(0xa0, &tlv(0xa0, &tlv(0xa4, &tlv(0x30, &whole))));
    let relative = |text: &str| tlv(0xa0, &tlv(0xa1, &rdn(text)));
    let by_full = leaf(&issuer, &[point(full.clone())]);
    let by_relative = leaf(&issuer, &[point(relative("CRL 3"))]);
    for certificate in [&by_full, &by_relative] {
        for crl in [&full, &relative("CRL 3")] {
            assert_eq!(
                speaks(&issuer, certificate, std::slice::from_ref(crl)),
                Ok(())
            );
        }
        assert!(speaks(&issuer, certificate, &[relative("CRL 4")]).is_err());
    }
}

#[test]
fn point_that_is_for_some_reasons_leaves_the_others_open() {
    let issuer = Entity::new("Issuing");
    let some = [point_name(MINE), tlv(0x81, &[5, 0x60])].concat();
    let rest = [point_name(OTHER), tlv(0x81, &[7, 0x1f, 0x80])].concat();
    let one = leaf(&issuer, &[point(some.clone())]);
    let error = speaks(&issuer, &one, &[point_name(MINE)]).unwrap_err();
    assert!(error.contains("do not cover every reason"), "{error}");
    // Both points lead to this CRL, which covers every reason.
    let both = leaf(&issuer, &[point(some), point(rest)]);
    let names = [MINE, OTHER].map(|it| tlv(0x86, it.as_bytes())).concat();
    let name = tlv(0xa0, &tlv(0xa0, &names));
    assert_eq!(speaks(&issuer, &both, &[name]), Ok(()));
}
