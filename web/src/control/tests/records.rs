//! What the authority's own records say: of paths, of blobs, of subjects.

use der::asn1::OctetString;
use kasane_ledger::{Batch, Ledger, NoProjection, Options};
use kasane_ledger_schema::{Entry, KeyGenerated};

use super::world::{FACILITY, World, revoke};
use crate::control::*;

fn verify(chain_pem: String, anchors_pem: Option<String>, at: Option<&str>) -> Request {
    Request::Verify(Verify {
        chain_pem,
        anchors_pem,
        at: at.map(|at| at.parse().unwrap()),
        ..Verify::default()
    })
}

fn chain(issued: &IssuedCertificate) -> String {
    format!("{}{}", issued.pem, issued.chain_pem)
}

fn root(world: &World) -> String {
    let name = "root-ecc".to_owned();
    match world
        .ask(Request::Show(Show { name, issuer: None }))
        .unwrap()
    {
        Response::Certificate(root) => root.pem,
        other => panic!("{other:?}"),
    }
}

/// What is said of revocation.
fn said(world: &World, request: Request) -> String {
    match world.ask(request).unwrap() {
        Response::Verified(report) => report.verified.unwrap().revocation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn revoked_certificate_is_refused_whatever_time_is_asked_about() {
    let world = World::new();
    let issued = world.issue(1);
    let good = "good by this authority's records";
    assert_eq!(said(&world, verify(chain(&issued), None, None)), good);
    world.ask(revoke(&issued.serial)).unwrap();
    let later = Some("2027-06-01");
    for (anchors, at) in [(None, None), (None, later), (Some(root(&world)), later)] {
        let refusal = world.untrusted(verify(chain(&issued), anchors, at));
        assert_eq!(refusal.code, "path.revoked");
        assert!(refusal.message_ja.contains("失効"), "{refusal:?}");
        let message = refusal.message;
        assert!(message.contains("2026-11-20 12:00"), "{message}");
        assert!(message.contains("(superseded)"), "{message}");
        assert!(message.contains(&issued.serial), "{message}");
    }
    // Another certificate of the same issuer is not concerned.
    let other = world.issue(2);
    assert_eq!(said(&world, verify(chain(&other), None, None)), good);
}

#[test]
fn chain_through_a_revoked_ca_is_refused_and_only_the_crl_tells() {
    let world = World::new();
    let issued = world.issue(1);
    let ca = world
        .context
        .authority()
        .issuer("issuing-ecc-terminal")
        .unwrap();
    match world.ask(revoke(&hex::encode(&ca.serial))).unwrap() {
        Response::Revoked(revoked) => assert!(!revoked.ocsp),
        other => panic!("{other:?}"),
    }
    let refusal = world.untrusted(verify(chain(&issued), None, None));
    assert_eq!(refusal.code, "path.revoked");
    match world.ask(revoke(&issued.serial)).unwrap() {
        Response::Revoked(revoked) => assert!(revoked.ocsp),
        other => panic!("{other:?}"),
    }
}

#[test]
fn chain_of_another_authority_is_not_checked() {
    // Both have CAs of the same names.
    let (world, other) = (World::new(), World::new());
    let issued = other.issue(1);
    other.ask(revoke(&issued.serial)).unwrap();
    let question = verify(chain(&issued), Some(root(&other)), None);
    assert_eq!(said(&world, question), "not checked");
}

#[test]
fn certificate_that_no_record_knows_is_refused() {
    let [world, other] = World::twins();
    let issued = other.issue(1);
    let refusal = world.untrusted(verify(chain(&issued), None, None));
    assert_eq!(refusal.code, "path.unrecorded");
    world.issue(2);
    let good = "good by this authority's records";
    assert_eq!(said(&other, verify(chain(&issued), None, None)), good);
}

#[test]
fn audit_checks_every_blob_and_names_the_entry_of_a_bad_one() {
    let world = World::new();
    let issued = world.issue(1);
    world.ask(revoke(&issued.serial)).unwrap();
    let authority = world.context.authority();
    authority.checkpoint().unwrap();
    let audit = || audit(authority.ledger(), &mut |_, _| {});
    // The newest CRL and the first document: entries at both ends.
    let mut blobs = Vec::new();
    let note = &mut |index, bytes: &[u8]| {
        let blob = match Entry::from_bytes(bytes).unwrap().event {
            kasane_ledger_schema::Event::DocumentAdopted(it) => it.content,
            kasane_ledger_schema::Event::CrlRecorded(it) => it.tbs,
            _ => return std::ops::ControlFlow::Continue(()),
        };
        blobs.push((index, hex::encode(blob.sha256.as_bytes())));
        std::ops::ControlFlow::Continue(())
    };
    authority.ledger().entries(0, note).unwrap();
    assert!(blobs.len() > 10);
    assert_eq!(audit().unwrap().blobs, blobs.len() as u64);

    for (index, name) in [blobs.first().unwrap(), blobs.last().unwrap()] {
        let folder = world.path.path().join("ledger/blobs").join(&name[..2]);
        let file = folder.join(&name[2..]);
        let whole = std::fs::read(&file).unwrap();
        let mut changed = whole.clone();
        *changed.last_mut().unwrap() ^= 1;
        let longer = [whole.as_slice(), b"x"].concat();
        for damaged in [changed, longer, Vec::new()] {
            replace(&file, &damaged);
            let problem = audit().unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.class),
                ("ledger.blob-damaged", ExitClass::Integrity)
            );
            let message = problem.message;
            assert!(
                message.starts_with(&format!("entry {index} (")),
                "{message}"
            );
            assert!(message.contains(name), "{message}");
        }
        std::fs::remove_file(&file).unwrap();
        let problem = audit().unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.class),
            ("ledger.blob-missing", ExitClass::Integrity)
        );
        replace(&file, &whole);
    }
    audit().unwrap();
}

/// Whatever its rights are.
fn replace(file: &std::path::Path, content: &[u8]) {
    let _gone = std::fs::remove_file(file);
    std::fs::write(file, content).unwrap();
}

#[test]
fn ledger_with_entries_and_without_checkpoint_is_not_whole() {
    let path = tempfile::tempdir().unwrap();
    Ledger::create(path.path(), "kasane.example/ledger", Options::default()).unwrap();
    let open = Ledger::open(path.path(), Options::default(), None).unwrap();
    let ledger = open
        .start(Box::new(NoProjection), 0, &mut |_, _| {})
        .unwrap();
    // RFC 8410 §4: an Ed25519 key.
    let mut spki = hex::decode("302a300506032b6570032100").unwrap();
    spki.extend([7; 32]);
    let key = KeyGenerated {
        label: "ledger".into(),
        role: "ledger".into(),
        algorithm: "ed25519".into(),
        backend: "software".into(),
        spki: OctetString::new(spki).unwrap(),
        attestation: None,
    };
    let entry = Entry {
        time: 0,
        actor: "ceremony".into(),
        event: key.into(),
    };
    let batch = Batch {
        entries: vec![entry.to_bytes().unwrap()],
        private: Vec::new(),
    };
    ledger.append(batch).unwrap();
    let problem = audit(&ledger, &mut |_, _| {}).unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.class),
        ("ledger.checkpoint-missing", ExitClass::Integrity)
    );
}

#[test]
fn unreadable_private_record_hides_no_other_row() {
    let world = World::new();
    let person = |name: &str, person: &str| {
        Request::OperatorAdd(OperatorAdd {
            name: name.into(),
            person: Some(person.into()),
        })
    };
    world.ask(person("op-017", "Hanako")).unwrap();
    world.ask(person("op-018", "Taro")).unwrap();
    for subject in [format!("facility/{FACILITY}"), "operator/op-017".into()] {
        use sha2::Digest as _;
        let name = hex::encode(sha2::Sha256::digest(subject.as_bytes()));
        std::fs::remove_file(world.path.path().join("subject-keys").join(name)).unwrap();
    }
    let list = RegistrationList {
        limit: 10,
        private: true,
    };
    match world.ask(Request::FacilityList(list.clone())).unwrap() {
        Response::Facilities(found) => {
            let facility = &found.facilities[0];
            assert!(facility.contacts.is_empty() && facility.unreadable.is_some());
        }
        other => panic!("{other:?}"),
    }
    match world.ask(Request::OperatorList(list)).unwrap() {
        Response::Operators(found) => {
            let [first, second] = &found.operators[..] else {
                panic!("{found:?}")
            };
            assert!(first.person.is_empty() && first.unreadable.is_some());
            assert_eq!(second.person, ["Taro"]);
            assert_eq!(second.unreadable, None);
        }
        other => panic!("{other:?}"),
    }
}
