//! What several CRLs say together (RFC 5280 §6.3.3).

use std::sync::Arc;

use super::super::{CrlQuestion, Freshness, RevocationReason, Status, Voice, decide};
use crate::certificate::Certificate;
use crate::crl::IndexedCrl;
use crate::crl::tests::raw::{
    Raw, certificate_issuer, covering, entry, number, point_name, reason, tlv,
};
use crate::path::ProfileRule;
use crate::test_support::{Entity, client, extension, now};

/// The serial number of every certificate of the fixtures.
const SERIAL: u16 = 1234;

const REVOKED: Result<bool, ()> = Ok(true);
const GOOD: Result<bool, ()> = Ok(false);
const NOTHING: Result<bool, ()> = Err(());

/// What the CRLs say of `leaf`, all of them authentic but those that `refused` names by number; and
/// what is said against them.
fn decided(leaf: &[u8], crls: &[&Raw<'_>], refused: &[u8]) -> (Result<bool, ()>, Vec<String>) {
    let crls: Vec<_> = crls
        .iter()
        .map(|raw| Arc::new(IndexedCrl::from_der(raw.der()).unwrap()))
        .collect();
    let certificate = Certificate::from_der(leaf).unwrap();
    let question = CrlQuestion {
        certificate: &certificate,
        crls: &crls,
        at: now(),
        freshness: Freshness::Required,
        profile: ProfileRule::Validation,
    };
    let mut authentic = |crl: &Arc<IndexedCrl>| {
        let number = crl.list().number().unwrap();
        let bad = refused.iter().any(|it| number == [*it]);
        Ok::<_, ()>(if bad {
            Err("forged".to_owned())
        } else {
            Ok(Voice::Issuer)
        })
    };
    let mut problems = Vec::new();
    let decision = decide(&question, &mut authentic, &mut problems).unwrap();
    let said = decision.map(|it| match it.status {
        Status::Revoked { .. } => true,
        Status::Good => false,
        Status::Unknown => panic!("no CRL says so"),
    });
    (said.ok_or(()), problems)
}

fn says(leaf: &[u8], crls: &[&Raw<'_>]) -> Result<bool, ()> {
    let (said, problems) = decided(leaf, crls, &[]);
    let mut backwards = crls.to_vec();
    backwards.reverse();
    assert_eq!(
        decided(leaf, &backwards, &[]).0,
        said,
        "order counts for nothing"
    );
    assert!(said.is_ok() || crls.is_empty() || !problems.is_empty());
    said
}

fn fixture() -> (Entity, Vec<u8>) {
    let issuer = Entity::new("Issuing");
    let leaf = issuer.issue_client(&Entity::new("leaf"));
    (issuer, leaf)
}

#[test]
fn newest_crl_wins() {
    let (issuer, leaf) = fixture();
    let older = |raw: Raw<'static>| Raw {
        this_update: "280529000000Z",
        ..raw.numbered(9)
    };
    let issuer: &'static Entity = Box::leak(Box::new(issuer));
    let with = || Raw::of(issuer).listing(&[SERIAL]);
    let without = || Raw::of(issuer).listing(&[5]);
    assert_eq!(says(&leaf, &[&older(with()), &without()]), GOOD);
    assert_eq!(says(&leaf, &[&older(without()), &with()]), REVOKED);
    assert_eq!(says(&leaf, &[]), NOTHING);
    // One that is not authentic hides none that is.
    let (said, problems) = decided(&leaf, &[&older(with()), &without()], &[10]);
    assert_eq!(said, REVOKED);
    assert_eq!(problems, ["CRL of CN=Issuing,O=Example,C=JP: forged"]);
}

#[test]
fn delta_adds_and_removes() {
    let (issuer, leaf) = fixture();
    let delta = || Raw::of(&issuer).numbered(12).delta_on(10);
    let base = Raw::of(&issuer).listing(&[5]);
    let full = Raw::of(&issuer).listing(&[5, SERIAL]);
    assert_eq!(says(&leaf, &[&base, &delta().listing(&[SERIAL])]), REVOKED);
    assert_eq!(says(&leaf, &[&base, &delta().listing(&[7])]), GOOD);
    assert_eq!(says(&leaf, &[&full, &delta().listing(&[7])]), REVOKED);
    let mut removing = delta();
    removing.entries.push(entry(&number(SERIAL), &[reason(8)]));
    assert_eq!(says(&leaf, &[&full, &removing]), GOOD);
    assert_eq!(says(&leaf, &[&base, &removing]), GOOD);
    // Alone it says nothing.
    assert_eq!(
        decided(&leaf, &[&delta().listing(&[SERIAL])], &[]).0,
        NOTHING
    );
}

#[test]
fn delta_counts_for_its_own_base_scope_and_time_only() {
    let (issuer, leaf) = fixture();
    let base = Raw::of(&issuer).listing(&[5]);
    let revoking = || Raw::of(&issuer).listing(&[SERIAL]);
    let user_only = covering(&[tlv(0x81, &[0xff])]);
    let rekeyed = issuer.rekeyed();
    let stranger = Entity::new("Other");
    let not_yet = Raw {
        this_update: "280602000000Z",
        ..revoking().numbered(12).delta_on(10)
    };
    let over = Raw {
        next_update: "280531000000Z",
        ..revoking().numbered(12).delta_on(10)
    };
    for (why, delta) in [
        (
            "its base is newer than the complete CRL",
            revoking().numbered(12).delta_on(11),
        ),
        (
            "it is older than the complete CRL",
            revoking().numbered(9).delta_on(8),
        ),
        (
            "it covers another scope",
            revoking().numbered(12).delta_on(10).with(user_only),
        ),
        (
            "another key",
            Raw::of(&rekeyed)
                .numbered(12)
                .delta_on(10)
                .listing(&[SERIAL]),
        ),
        (
            "another issuer",
            Raw::of(&stranger)
                .numbered(12)
                .delta_on(10)
                .listing(&[SERIAL]),
        ),
        ("not valid yet", not_yet),
        ("out of date", over),
    ] {
        assert_eq!(decided(&leaf, &[&base, &delta], &[]).0, GOOD, "{why}");
    }
    let delta = revoking().numbered(12).delta_on(10);
    let (said, problems) = decided(&leaf, &[&base, &delta], &[12]);
    assert_eq!(said, GOOD);
    assert!(problems.concat().contains("forged"), "{problems:?}");
}

#[test]
fn current_delta_brings_an_old_base_up_to_date() {
    let (issuer, leaf) = fixture();
    let old = Raw {
        next_update: "280531000000Z",
        ..Raw::of(&issuer).listing(&[5])
    };
    let delta = || Raw::of(&issuer).numbered(12).delta_on(10);
    let (said, problems) = decided(&leaf, &[&old], &[]);
    assert_eq!(said, NOTHING);
    assert!(
        problems.concat().contains("it is out of date"),
        "{problems:?}"
    );
    assert_eq!(says(&leaf, &[&old, &delta()]), GOOD);
    assert_eq!(says(&leaf, &[&old, &delta().listing(&[SERIAL])]), REVOKED);
    // A forged one does not.
    assert_eq!(decided(&leaf, &[&old, &delta()], &[12]).0, NOTHING);
}

#[test]
fn reasons_may_be_split_over_two_crls() {
    let (issuer, leaf) = fixture();
    // keyCompromise and cACompromise; everything else.
    let keys = || Raw::of(&issuer).with(covering(&[tlv(0x83, &[5, 0x60])]));
    let others = || Raw::of(&issuer).with(covering(&[tlv(0x83, &[7, 0x1f, 0x80])]));
    let (said, problems) = decided(&leaf, &[&keys()], &[]);
    assert_eq!(said, NOTHING);
    assert!(
        problems.concat().contains("do not cover every reason"),
        "{problems:?}"
    );
    assert_eq!(says(&leaf, &[&keys(), &others()]), GOOD);
    assert_eq!(
        says(&leaf, &[&keys().listing(&[SERIAL]), &others()]),
        REVOKED
    );
    assert_eq!(
        says(&leaf, &[&keys(), &others().listing(&[SERIAL])]),
        REVOKED
    );
    assert_eq!(says(&leaf, &[&others().listing(&[SERIAL])]), REVOKED);
    assert_eq!(decided(&leaf, &[&others()], &[]).0, NOTHING);
}

#[test]
fn indirect_crl_names_the_issuer_of_each_entry() {
    let (issuer, signer) = (Entity::new("Issuing"), Entity::new("CRL Issuer"));
    let (issuer_name, signer_name) = (Raw::of(&issuer).issuer, Raw::of(&signer).issuer);
    let uri = "http://status.example/indirect.crl";
    let by_signer = tlv(0xa2, &tlv(0xa4, &signer_name));
    let point = tlv(0x30, &[point_name(uri), by_signer].concat());
    let leaf = issuer.issue(&Entity::new("leaf"), |params| {
        client(params);
        params.custom_extensions = vec![extension(31, false, &tlv(0x30, &point))];
    });
    let indirect = || Raw::of(&signer).with(covering(&[point_name(uri), tlv(0x84, &[0xff])]));
    let listed = |entries: &[Vec<u8>]| {
        let mut raw = indirect();
        raw.entries = entries.to_vec();
        says(&leaf, &[&raw])
    };
    let (mine, other) = (number(SERIAL), number(7));
    let of_issuer = [certificate_issuer(&issuer_name)];
    let of_signer = [certificate_issuer(&signer_name)];
    assert_eq!(listed(&[entry(&mine, &of_issuer)]), REVOKED);
    // Without the extension: the CRL issuer's own certificates, or those of the entry before.
    assert_eq!(listed(&[entry(&mine, &[])]), GOOD);
    assert_eq!(
        listed(&[entry(&other, &of_issuer), entry(&mine, &[])]),
        REVOKED
    );
    let back = [entry(&other, &of_issuer), entry(&mine, &of_signer)];
    assert_eq!(listed(&back), GOOD);
    // Not said to be indirect, or of somebody whom the certificate does not name.
    let direct = Raw::of(&signer).with(covering(&[point_name(uri)]));
    assert_eq!(says(&leaf, &[&direct]), NOTHING);
    let stranger = Entity::new("Stranger");
    let strange = Raw::of(&stranger).with(covering(&[point_name(uri), tlv(0x84, &[0xff])]));
    assert_eq!(says(&leaf, &[&strange]), NOTHING);
}

#[test]
fn date_and_reason_of_the_entry_are_told() {
    let (issuer, leaf) = fixture();
    let mut raw = Raw::of(&issuer);
    raw.entries.push(entry(&number(SERIAL), &[reason(1)]));
    let crls = [Arc::new(IndexedCrl::from_der(raw.der()).unwrap())];
    let certificate = Certificate::from_der(&leaf).unwrap();
    let question = CrlQuestion {
        certificate: &certificate,
        crls: &crls,
        at: now(),
        freshness: Freshness::Required,
        profile: ProfileRule::Validation,
    };
    let mut authentic = |_: &Arc<IndexedCrl>| Ok::<_, ()>(Ok(Voice::Issuer));
    let decision = decide(&question, &mut authentic, &mut Vec::new()).unwrap();
    assert_eq!(
        decision.unwrap().status,
        Status::Revoked {
            date: "2028-05-01T00:00:00Z".parse().unwrap(),
            reason: Some(RevocationReason::KeyCompromise),
        }
    );
}

#[test]
fn nothing_is_authenticated_that_does_not_concern_the_certificate() {
    let (issuer, leaf) = fixture();
    let strangers: Vec<_> = (0..20)
        .map(|it| Entity::new(&format!("Other {it}")))
        .collect();
    let mut crls: Vec<_> = strangers
        .iter()
        .map(|it| Arc::new(IndexedCrl::from_der(Raw::of(it).der()).unwrap()))
        .collect();
    crls.push(Arc::new(
        IndexedCrl::from_der(Raw::of(&issuer).der()).unwrap(),
    ));
    let certificate = Certificate::from_der(&leaf).unwrap();
    let question = CrlQuestion {
        certificate: &certificate,
        crls: &crls,
        at: now(),
        freshness: Freshness::Required,
        profile: ProfileRule::Validation,
    };
    let mut asked = 0;
    let mut authentic = |_: &Arc<IndexedCrl>| {
        asked += 1;
        Ok::<_, ()>(Ok(Voice::Issuer))
    };
    let mut problems = Vec::new();
    let decision = decide(&question, &mut authentic, &mut problems).unwrap();
    assert_eq!(decision.unwrap().status, Status::Good);
    assert_eq!(asked, 1);
    assert!(problems.len() <= 16, "{}", problems.len());
}

#[test]
fn forged_delta_hides_no_authentic_one() {
    let (issuer, leaf) = fixture();
    let base = Raw::of(&issuer).listing(&[5]);
    let older = Raw {
        this_update: "280529000000Z",
        ..Raw::of(&issuer)
            .numbered(12)
            .delta_on(10)
            .listing(&[SERIAL])
    };
    let forged = Raw::of(&issuer).numbered(13).delta_on(10).listing(&[7]);
    let (said, problems) = decided(&leaf, &[&base, &forged, &older], &[13]);
    assert_eq!(said, REVOKED);
    assert_eq!(problems, ["CRL of CN=Issuing,O=Example,C=JP: forged"]);
}

#[test]
fn of_two_crls_of_one_second_the_greater_number_counts() {
    let (issuer, leaf) = fixture();
    let first = Raw::of(&issuer).listing(&[5]);
    let second = Raw::of(&issuer).listing(&[SERIAL]).numbered(11);
    assert_eq!(says(&leaf, &[&first, &second]), REVOKED);
}

#[test]
fn thousands_of_names_of_points_cost_little() {
    let (issuer, _) = fixture();
    let names = |octet: u8| -> Vec<u8> {
        (0..12_000_u16)
            .flat_map(|it| {
                let [a, b] = [it % 100, it / 100 % 100].map(|it| u8::try_from(it).unwrap() + 20);
                [0x86, 3, octet, a, b]
            })
            .collect()
    };
    let point = |octet: u8| tlv(0xa0, &tlv(0xa0, &names(octet)));
    let leaf = issuer.issue(&Entity::new("leaf"), |params| {
        client(params);
        let points = tlv(0x30, &tlv(0x30, &point(b'a')));
        params.custom_extensions = vec![extension(31, false, &points)];
    });
    assert!(leaf.len() > 50_000);
    assert!(Certificate::from_der(&leaf).is_ok());
    let crl = Raw::of(&issuer).with(covering(&[point(b'b')]));
    // Compared each with each they would take minutes.
    assert_eq!(decided(&leaf, &[&crl; 20], &[]).0, NOTHING);
}
