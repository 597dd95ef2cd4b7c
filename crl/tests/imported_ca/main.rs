//! An RSA hierarchy that OpenSSL made before Kasane: its keys are in a token and found there, its
//! certificates are taken over, and OpenSSL believes what is issued afterwards.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;
mod hierarchy;
mod token;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{FACILITY, documents, requester, rsa2048, terminal_order};
use hierarchy::{openssl, script};
use kasane_ca_core::authority::{Authority, Devices, Parts, RevocationOrder};
use kasane_ca_core::ceremony::{Script, StepReport, Surroundings};
use kasane_ca_core::clock::{Clock, ManualClock, SystemClock};
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{CheckDigit, FacilityCode};
use kasane_ca_core::{Actor, Error, ceremony};
use kasane_crl::{CrlKind, Publisher, Schedule};
use kasane_hsm::InMemoryBackend;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::AwsLc;
use token::{WithForeignKeys, token, with_token};

struct Old {
    authority: Arc<Authority>,
    _folder: DataFolder,
}

fn begin(place: &Path, data: &str, script: &str) -> Result<(Old, Vec<StepReport>), Error> {
    let backend = WithForeignKeys {
        own: InMemoryBackend::new(),
        foreign: token(),
    };
    // OpenSSL dates by the machine's clock.
    let clock = ManualClock::new(SystemClock.now().plus_seconds(60));
    let parts = Parts {
        clock: Arc::new(clock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(backend),
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices::default(),
    };
    let folder = DataFolder::open_or_create(&place.join(data)).unwrap();
    let parsed = Script::from_toml(script)?;
    Authority::begin(&folder, &parts, &parsed.authority, &documents(script))?;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {})?;
    let publisher = Publisher::new(Arc::clone(&authority), Schedule::default())?;
    let mut steps = Vec::new();
    let read = |name: &str| std::fs::read(place.join(name)).map_err(|it| it.to_string());
    for _ in 0..2 {
        let mut publish =
            |issuer: &str, shard| Ok(publisher.publish(issuer, shard)?.remove(0).number);
        let surroundings = Surroundings {
            read: Some(&read),
            publish: Some(&mut publish),
            ..Surroundings::default()
        };
        ceremony::run_with(&authority, script, surroundings, &mut |step| {
            steps.push(step.clone());
        })?;
    }
    let old = Old {
        authority,
        _folder: folder,
    };
    Ok((old, steps))
}

#[test]
fn imported_rsa_ca_issues_revokes_and_signs_crls_that_openssl_believes() {
    with_token(
        "imported_rsa_ca_issues_revokes_and_signs_crls_that_openssl_believes",
        issues_revokes_and_signs_crls,
    );
}

fn issues_revokes_and_signs_crls(place: &Path) {
    let (old, steps) = begin(place, "data", &script(place)).unwrap();
    // The end of the ceremony is noted once.
    let (first, second) = steps.split_at(steps.len() / 2 + 1);
    assert!(first.iter().all(|step| !step.done_before), "{first:?}");
    assert!(second.iter().all(|step| step.done_before), "{second:?}");
    let authority = &old.authority;
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    let issue = |terminal| {
        let order = terminal_order("terminal-rsa", terminal, rsa2048());
        authority.issue(&requester(), order).unwrap()
    };
    let (kept, revoked) = (issue(1), issue(1));
    let issuer = authority.issuer("issuing-rsa").unwrap();
    let certificate = Certificate::from_der(&kept.der).unwrap();
    let key_id = certificate.extensions().authority_key_id.unwrap();
    assert_eq!(
        key_id.key_id.unwrap(),
        issuer.signer.ski,
        "copied, not computed"
    );
    assert_eq!(certificate.issuer().der(), issuer.signer.subject_der);
    assert!(kept.not_after <= issuer.not_after, "never beyond the CA");
    let order = RevocationOrder {
        issuer: "issuing-rsa",
        serial: &revoked.serial,
        reason: None,
        invalidity_date: None,
    };
    authority.revoke(&Actor::system(), &order).unwrap();
    let publisher = Publisher::new(Arc::clone(authority), Schedule::default()).unwrap();
    publisher.publish("issuing-rsa", 0).unwrap();

    for (name, lowest) in [("root-rsa", 41), ("issuing-rsa", 4711)] {
        let crl = authority
            .current_crl(name, 0, CrlKind::Full)
            .unwrap()
            .unwrap();
        assert!(crl.number > lowest, "{name}: {}", crl.number);
        let list = CertificateList::from_der(&crl.der).unwrap();
        let issuer = authority.issuer(name).unwrap();
        let id = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(id, issuer.signer.ski);
        std::fs::write(place.join(format!("{name}.crl")), &crl.der).unwrap();
        openssl(
            place,
            &format!("crl -inform DER -in {name}.crl -out {name}.crl.pem"),
        );
    }
    let mut crls = String::new();
    for name in ["root-rsa", "issuing-rsa"] {
        crls += &std::fs::read_to_string(place.join(format!("{name}.crl.pem"))).unwrap();
    }
    std::fs::write(place.join("crls.pem"), crls).unwrap();
    let verify = |name: &str, der: &[u8]| {
        std::fs::write(place.join(name), der).unwrap();
        openssl(
            place,
            &format!("x509 -inform DER -in {name} -out {name}.pem"),
        );
        let output = Command::new("openssl")
            .args([
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-CAfile",
                "root.pem",
            ])
            .args(["-untrusted", "issuing.pem", "-CRLfile", "crls.pem"])
            .args([
                "-attime",
                &authority.now().plus_seconds(60).seconds().to_string(),
            ])
            .arg(format!("{name}.pem"))
            .current_dir(place)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    };
    let (good, text) = verify("kept", &kept.der);
    assert!(good, "{text}");
    let (good, text) = verify("revoked", &revoked.der);
    assert!(!good && text.contains("certificate revoked"), "{text}");
}

#[test]
fn each_fault_of_an_import_is_named_and_nothing_is_recorded() {
    with_token(
        "each_fault_of_an_import_is_named_and_nothing_is_recorded",
        each_fault_is_named,
    );
}

fn each_fault_is_named(place: &Path) {
    let good = script(place);
    let cases = [
        // Two CAs exchanged under one label.
        (
            r#"key = "old-root""#,
            r#"key = "old-issuing""#,
            "key.role-mismatch",
        ),
        (
            r#"key = "old-issuing""#,
            r#"key = "unknown""#,
            "key.not-found",
        ),
        (r#"sha256 = ""#, r#"sha256 = "00"#, "ceremony.value"),
        (
            r#"certificate = "issuing.pem""#,
            r#"certificate = "root.pem""#,
            "import.digest",
        ),
        (
            r#"certificate = "root.pem""#,
            r#"certificate = "none.pem""#,
            "ceremony.file",
        ),
        (
            r#"name = "issuing-rsa""#,
            "name = \"issuing-rsa\"\nprofile = \"issuing-ecc-terminal\"",
            "import.profile",
        ),
        (
            r#"name = "issuing-rsa""#,
            "name = \"issuing-rsa\"\nprofile = \"root-rsa\"",
            "import.profile",
        ),
        (
            r#"name = "root-rsa""#,
            r#"name = "issuing-rsa""#,
            "ceremony.duplicate",
        ),
        (r#"last_crl_number = 41"#, "crl_shards = 3", "argument.bad"),
    ];
    for (at, (from, to, code)) in cases.into_iter().enumerate() {
        assert!(good.contains(from), "{from}");
        let script = good.replacen(from, to, 1);
        let error = begin(place, &format!("data-{at}"), &script).err().unwrap();
        assert_eq!(error.code(), code, "{from} -> {to}: {error}");
    }
}
