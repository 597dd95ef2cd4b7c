//! Lists of every kind over the life of a CA: bases, deltas on them, deltas beside their complete
//! lists, a root's list of a cross-certificate, the final lists of an ended CA.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, OnceLock};

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_crl::{CrlKind, PublishedCrl, Publisher, Schedule};
use kasane_tests::lint::{Object, findings, judge};
use kasane_tests::sample::{Sample, SampleCertificate, SampleCrl, write_crl};
use kasane_tests::tools::{Tool, fail, succeed};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{AcceptAll, Purpose, Question, TrustAnchor, Verifier};
use kasane_verify::revocation::{Evidence, RevocationRules};

const EXCEPTIONS: &str = include_str!("../../pkilint-exceptions.toml");

/// Revoked in the delta after the first lists.
const LATE: &str = "terminal-ecc.facility-1312345679-2";

/// Never revoked, in any shard.
const GOOD: &str = "terminal-ecc.facility-1312345679-1";

/// Revoked before its CA ended.
const LAST: &str = "operator.operator-hanako-1";

struct Life {
    sample: Sample,
    /// By what they are: `base`, `delta`, `full`, `beside`, `root-before`, `root`, `final`.
    lists: BTreeMap<&'static str, SampleCrl>,
}

fn life() -> &'static Life {
    static LIFE: OnceLock<Life> = OnceLock::new();
    LIFE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strangers-crls");
        let sample = Sample::make(&folder);
        let authority = &sample.authority;
        let publisher = Publisher::new(Arc::clone(authority), Schedule::default()).unwrap();
        let mut lists = BTreeMap::new();
        let mut keep = |what, published: Arc<PublishedCrl>| {
            lists.insert(what, write_crl(&folder, published));
        };
        let held = |issuer: &str, shard| publisher.current(issuer, shard, CrlKind::Full).unwrap();
        let late = sample.certificate(LATE);
        let shard_of = |one: &SampleCertificate| {
            let issuer = authority.issuer(&one.issuer).unwrap();
            issuer.shard_of(&one.serial)
        };
        let shard = shard_of(late);
        keep("base", held(&late.issuer, shard));
        revoke(&sample, late);
        let sweep = publisher.revoked(&late.issuer, shard, authority.now());
        let [delta, full, beside] = sweep.published.as_slice() else {
            panic!("{sweep:?}")
        };
        keep("delta", Arc::clone(delta));
        keep("full", Arc::clone(full));
        keep("beside", Arc::clone(beside));
        keep("root-before", held("root-ecc", 0));
        revoke(&sample, sample.certificate("root-rsa-by-ecc"));
        for crl in publisher.publish("root-ecc", 0).unwrap() {
            keep("root", crl);
        }
        let last = sample.certificate(LAST);
        revoke(&sample, last);
        let shard = shard_of(last);
        for crl in publisher
            .publish_final(&Actor::system(), &last.issuer)
            .unwrap()
        {
            if crl.shard == shard {
                keep("final", crl);
            }
        }
        Life { sample, lists }
    })
}

fn revoke(sample: &Sample, certificate: &SampleCertificate) {
    let order = RevocationOrder {
        issuer: &certificate.issuer,
        serial: &certificate.serial,
        reason: None,
        invalidity_date: None,
    };
    sample.authority.revoke(&Actor::system(), &order).unwrap();
}

/// A certificate, the way to it, the lists at hand, and whether it is good.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const TERMINAL_WAY: &[&str] = &["issuing-ecc-terminal"];

const CASES: [Case; 9] = [
    (LATE, "root-ecc", TERMINAL_WAY, &["root", "base"], true),
    (
        LATE,
        "root-ecc",
        TERMINAL_WAY,
        &["root", "base", "delta"],
        false,
    ),
    (
        LATE,
        "root-ecc",
        TERMINAL_WAY,
        &["root", "base", "beside"],
        false,
    ),
    (LATE, "root-ecc", TERMINAL_WAY, &["root", "full"], false),
    (
        LATE,
        "root-ecc",
        TERMINAL_WAY,
        &["root", "full", "beside"],
        false,
    ),
    (
        LAST,
        "root-ecc",
        &["issuing-ecc-operator"],
        &["root", "final"],
        false,
    ),
    // The cross-certificate, before and after it was revoked.
    ("root-rsa-by-ecc", "root-ecc", &[], &["root-before"], true),
    ("root-rsa-by-ecc", "root-ecc", &[], &["root"], false),
    ("issuing-ecc-terminal", "root-ecc", &[], &["root"], true),
];

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
    let shard = sample
        .authority
        .issuer(&good.issuer)
        .unwrap()
        .shard_of(&good.serial);
    let list = sample
        .authority
        .current_crl(&good.issuer, shard, CrlKind::Full);
    let list = IndexedCrl::from_der(list.unwrap().unwrap().der.to_vec()).unwrap();
    assert!(list.find(&good.serial).unwrap().is_none());
}

#[test]
fn gnutls_verifies_lists_of_every_kind() {
    let Some(_) = Tool::CertTool.or_skip("certtool --verify-crl over the life of a CA") else {
        return;
    };
    let Life { sample, lists } = life();
    for (what, crl) in lists {
        let mut command = Tool::CertTool.command();
        command.args(["--verify-crl", "--infile"]).arg(&crl.pem);
        let issuer = sample.pem(&crl.published.issuer);
        command.arg("--load-ca-certificate").arg(issuer);
        let said = succeed(what, &command.output().unwrap());
        assert!(said.contains("Verified"), "{what}: {said}");
    }
}

#[test]
fn lists_of_every_kind_have_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of CRLs over the life of a CA") else {
        return;
    };
    // Roots list CAs only, so theirs are authority revocation lists.
    let object = |(what, crl): (&&'static str, &SampleCrl)| -> Object {
        let kind = if what.starts_with("root") {
            "arl"
        } else {
            "crl"
        };
        (kind, vec![crl.pem.clone()])
    };
    let objects: Vec<Object> = life().lists.iter().map(object).collect();
    assert_eq!(objects.len(), 7);
    let wrong = judge(&findings(&objects), &["crl", "arl"], EXCEPTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}
