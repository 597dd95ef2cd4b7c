//! Paths that these lists decide: OpenSSL and the `verify` crate agree.

use std::process::Output;
use std::sync::Arc;

use kasane_crl::CrlKind;
use kasane_tests::tools::{Tool, fail, succeed};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{AcceptAll, Purpose, Question, TrustAnchor, Verifier};
use kasane_verify::revocation::{Evidence, RevocationRules};

use super::life::{KINDS, LAST, LATE, Life, life, shard_of};

/// Never revoked, in any shard.
const GOOD: &str = "terminal-ecc.facility-1312345679-1";

/// A certificate, the way to it, the lists at hand, and whether it is good.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const ECC: &[&str] = &["issuing-ecc-terminal"];
const OPERATOR: &[&str] = &["issuing-ecc-operator"];
const RSA: &[&str] = &["issuing-rsa"];
const ACROSS: &[&str] = &["issuing-rsa", "root-rsa-by-ecc"];

const CASES: [Case; 19] = [
    // A CA with shards.
    (LATE[0], "root-ecc", ECC, &["root-ecc", "shard-base"], true),
    (
        LATE[0],
        "root-ecc",
        ECC,
        &["root-ecc", "shard-base", "shard-delta"],
        false,
    ),
    (
        LATE[0],
        "root-ecc",
        ECC,
        &["root-ecc", "shard-base", "shard-beside"],
        false,
    ),
    (LATE[0], "root-ecc", ECC, &["root-ecc", "shard"], false),
    (
        LATE[0],
        "root-ecc",
        ECC,
        &["root-ecc", "shard", "shard-beside"],
        false,
    ),
    (
        LAST[0],
        "root-ecc",
        OPERATOR,
        &["root-ecc", "shard-final"],
        false,
    ),
    // One without.
    (LATE[1], "root-rsa", RSA, &["root-rsa", "whole-base"], true),
    (
        LATE[1],
        "root-rsa",
        RSA,
        &["root-rsa", "whole-base", "whole-delta"],
        false,
    ),
    (
        LATE[1],
        "root-rsa",
        RSA,
        &["root-rsa", "whole-base", "whole-beside"],
        false,
    ),
    (LATE[1], "root-rsa", RSA, &["root-rsa", "whole"], false),
    (LAST[1], "root-rsa", RSA, &["root-rsa", "whole"], true),
    (
        LAST[1],
        "root-rsa",
        RSA,
        &["root-rsa", "whole-final"],
        false,
    ),
    // The cross-certificates, before and after they were revoked; and a way across one.
    (
        "root-rsa-by-ecc",
        "root-ecc",
        &[],
        &["root-ecc-before"],
        true,
    ),
    ("root-rsa-by-ecc", "root-ecc", &[], &["root-ecc"], false),
    (
        "root-ecc-by-rsa",
        "root-rsa",
        &[],
        &["root-rsa-before"],
        true,
    ),
    ("root-ecc-by-rsa", "root-rsa", &[], &["root-rsa"], false),
    (
        LAST[1],
        "root-ecc",
        ACROSS,
        &["root-ecc-before", "root-rsa", "whole"],
        true,
    ),
    (
        LAST[1],
        "root-ecc",
        ACROSS,
        &["root-ecc", "root-rsa", "whole"],
        false,
    ),
    ("issuing-ecc-terminal", "root-ecc", &[], &["root-ecc"], true),
];

#[test]
fn every_kind_of_list_decides_a_path() {
    let used = |kind: &&str| CASES.iter().any(|case| case.3.contains(kind));
    assert!(KINDS.iter().all(used));
}

fn openssl(case: &Case) -> Output {
    let (name, anchor, between, lists, _) = case;
    let Life { sample, lists: all } = life();
    let mut command = Tool::OpenSsl.command();
    command.args(["verify", "-x509_strict", "-no-CApath", "-no-CAstore"]);
    command.args(["-crl_check_all", "-extended_crl", "-use_deltas"]);
    command.arg("-CAfile").arg(sample.pem(anchor));
    if !between.is_empty() {
        command.arg("-untrusted").arg(sample.bundle(between));
    }
    for list in *lists {
        command.arg("-CRLfile").arg(&all[list].pem);
    }
    command.arg(sample.pem(name)).output().unwrap()
}

#[test]
fn openssl_follows_bases_deltas_and_final_lists() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify -use_deltas over the life of a CA") else {
        return;
    };
    for case in &CASES {
        let (name, _, _, lists, good) = case;
        let what = format!("{name} by {lists:?}");
        if *good {
            let _ = succeed(&what, &openssl(case));
        } else {
            let said = fail(&what, &openssl(case));
            assert!(said.contains("certificate revoked"), "{what}: {said}");
        }
    }
}

#[test]
fn verify_crate_agrees_on_every_kind() {
    let Life { sample, lists: all } = life();
    for (name, anchor, between, lists, good) in &CASES {
        let what = format!("{name} by {lists:?}");
        let anchor = &sample.certificate(anchor).der;
        let anchors = [TrustAnchor::from_certificate(anchor, &AwsLc).unwrap()];
        let end_entity = Certificate::from_der(&sample.certificate(name).der).unwrap();
        let between: Vec<_> = between
            .iter()
            .map(|name| Certificate::from_der(&sample.certificate(name).der).unwrap())
            .collect();
        let evidence: Vec<_> = lists
            .iter()
            .map(|list| IndexedCrl::from_der(all[list].published.der.to_vec()).unwrap())
            .map(|crl| Evidence::Crl(Arc::new(crl)))
            .collect();
        let now = sample.authority.now();
        let question =
            Question::new(&end_entity, &between, now, Purpose::Any).with_evidence(&evidence);
        let verdict = Verifier::new(&AwsLc, &anchors, &AcceptAll)
            .with_revocation(RevocationRules::default())
            .verify(&question);
        match verdict {
            Ok(_) => assert!(*good, "{what} is accepted"),
            Err(error) => {
                let said = error.to_string();
                assert!(!*good && said.contains("revoked"), "{what}: {said}");
            }
        }
    }
    // A good one stays good by the list that revokes another of its shard or of another.
    let good = sample.certificate(GOOD);
    let list = sample
        .authority
        .current_crl(&good.issuer, shard_of(sample, good), CrlKind::Full);
    let list = IndexedCrl::from_der(list.unwrap().unwrap().der.to_vec()).unwrap();
    assert!(list.find(&good.serial).unwrap().is_none());
}
