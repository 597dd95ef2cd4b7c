use kasane_ledger::CheckpointVerifier;
use kasane_ledger::proof::LogProof;
use kasane_verify::pem;

use super::world::{FACILITY, World, csr_base64, list, order, revoke};
use crate::control::*;

macro_rules! answer {
    ($world:expr, $request:expr, $variant:ident) => {
        match $world.ask($request).unwrap() {
            Response::$variant(it) => it,
            other => panic!("{other:?}"),
        }
    };
}

fn show(name: &str) -> Request {
    Request::Show(Show {
        name: name.into(),
        issuer: None,
    })
}

#[test]
fn issued_certificate_is_shown_by_serial_and_by_subject() {
    let world = World::new();
    let issued = world.issue(1);
    let by_serial = answer!(world, show(&issued.serial), Certificate);
    let by_subject = answer!(world, show(&issued.subject), Certificate);
    assert_eq!(by_serial, by_subject);
    assert_eq!(by_serial.pem, issued.pem);
    assert_eq!(by_serial.known.unwrap().state, CertificateState::Valid);
    let content = by_serial.content.unwrap();
    assert_eq!(content.serial, issued.serial);
    assert_eq!(
        content.subject_alt_names,
        [format!(
            "uri:https://id.kasane.example/facility/{FACILITY}/1"
        )]
    );
    assert_eq!((content.key.as_str(), content.is_ca), ("p-384", false));
}

#[test]
fn ca_is_shown_by_name_and_a_chain_leaves_the_root_out() {
    let world = World::new();
    let root = answer!(world, show("root-ecc"), Certificate);
    assert!(root.content.unwrap().is_ca);
    assert_eq!(root.chain_pem, "");
    let issued = world.issue(1);
    let chain = pem::certificates(issued.chain_pem.as_bytes()).unwrap();
    assert_eq!(chain.len(), 1);
    let above = describe_certificate(&chain[0]).unwrap();
    assert!(
        above.subject.contains("Test Issuing ECC Terminal"),
        "{}",
        above.subject
    );
}

#[test]
fn same_request_key_gives_the_same_certificate_and_no_other_request() {
    let world = World::new();
    let first = order(1, Some("order-1"));
    let issued = answer!(world, Request::Issue(first.clone()), Issued);
    let again = answer!(world, Request::Issue(first), Issued);
    assert_eq!(issued, again);
    let other = order(1, Some("order-1"));
    let refused = world.refusal(Request::Issue(other));
    assert_eq!(refused, ("request-key.reused".into(), ExitClass::Conflict));
}

#[test]
fn bad_orders_have_their_own_codes() {
    let world = World::new();
    let with = |change: &dyn Fn(&mut Issue)| {
        let mut order = order(1, None);
        change(&mut order);
        world.refusal(Request::Issue(order))
    };
    let refused = |code: &str| (code.to_owned(), ExitClass::Refused);
    let unknown = |code: &str| (code.to_owned(), ExitClass::NotFound);
    assert_eq!(
        with(&|it| it.csr_base64 = "%".into()),
        refused("argument.bad")
    );
    assert_eq!(
        with(&|it| it.csr_base64 = String::new()),
        refused("csr.empty")
    );
    assert_eq!(
        with(&|it| it.profile = "none".into()),
        unknown("profile.unknown")
    );
    assert_eq!(
        with(&|it| it.identity = format!("facility/{FACILITY}/3")),
        unknown("terminal.unknown")
    );
    assert_eq!(
        with(&|it| it.identity = "system/portal/1".into()),
        refused("profile.not-for-subject")
    );
    assert_eq!(
        with(&|it| it.profile = "terminal-rsa".into()),
        refused("key.not-of-profile")
    );
}

#[test]
fn revocation_publishes_crls_and_happens_once() {
    let world = World::new();
    let issued = world.issue(1);
    let revoked = answer!(world, revoke(&issued.serial), Revoked);
    assert_eq!(revoked.revocation.reason.as_deref(), Some("superseded"));
    assert!(revoked.crls.failed.is_empty(), "{:?}", revoked.crls.failed);
    assert!(revoked.crls.published.iter().any(|crl| !crl.delta));
    let full = revoked
        .crls
        .published
        .iter()
        .find(|crl| !crl.delta)
        .unwrap();
    let shown = answer!(
        world,
        Request::CrlShow(CrlShow {
            issuer: full.issuer.clone(),
            shard: full.shard,
            delta: false
        }),
        Crl
    );
    assert_eq!(shown.crl.entries, Some(1));
    assert_eq!(pem::crls(shown.pem.as_bytes()).unwrap().len(), 1);
    let again = world.refusal(revoke(&issued.serial));
    assert_eq!(
        again,
        ("certificate.already-revoked".into(), ExitClass::Conflict)
    );
}

#[test]
fn revoked_certificate_is_not_renewed_and_a_valid_one_is() {
    let world = World::new();
    let renew = |serial: &str| {
        Request::Renew(Renew {
            serial: serial.into(),
            issuer: None,
            profile: None,
            csr_base64: csr_base64(),
            request_key: None,
        })
    };
    let first = world.issue(1);
    let second = answer!(world, renew(&first.serial), Issued);
    assert_eq!(
        (second.profile, second.subject),
        (first.profile, first.subject)
    );
    answer!(world, revoke(&first.serial), Revoked);
    assert_eq!(world.refusal(renew(&first.serial)).0, "certificate.state");
}

#[test]
fn list_filters_by_subject_issuer_and_state_and_says_when_there_is_more() {
    let world = World::new();
    let (first, second) = (world.issue(1), world.issue(2));
    answer!(world, revoke(&first.serial), Revoked);
    let serials = |question: List| {
        let found = answer!(world, Request::List(question), Certificates);
        found
            .certificates
            .into_iter()
            .map(|it| it.serial)
            .collect::<Vec<_>>()
    };
    let of_facility = List {
        subject: Some(format!("facility/{FACILITY}")),
        ..list()
    };
    let mut both = vec![first.serial.clone(), second.serial.clone()];
    both.sort();
    assert_eq!(serials(of_facility.clone()), both);
    let of_terminal = List {
        subject: Some(second.subject.clone()),
        ..list()
    };
    assert_eq!(serials(of_terminal), std::slice::from_ref(&second.serial));
    let revoked = List {
        state: Some(CertificateState::Revoked),
        ..list()
    };
    assert_eq!(serials(revoked), [first.serial]);
    let of_root = List {
        issuer: Some("root-ecc".into()),
        ..list()
    };
    assert_eq!(serials(of_root).len(), 2);
    // A prefix that ends within a code is another subject.
    let shorter = List {
        subject: Some("facility/131".into()),
        ..list()
    };
    assert_eq!(serials(shorter).len(), 0);
    let one = answer!(
        world,
        Request::List(List {
            limit: 1,
            ..of_facility
        }),
        Certificates
    );
    assert_eq!((one.certificates.len(), one.more), (1, true));
    let nobody = List {
        issuer: Some("nobody".into()),
        ..list()
    };
    assert_eq!(world.refusal(Request::List(nobody)).0, "issuer.unknown");
}

#[test]
fn contact_is_kept_apart_and_can_be_forgotten() {
    let world = World::new();
    let contacts = |private| {
        let list = RegistrationList { limit: 10, private };
        answer!(world, Request::FacilityList(list), Facilities).facilities[0]
            .contacts
            .clone()
    };
    assert_eq!(contacts(false), Vec::<String>::new());
    assert_eq!(contacts(true), ["front desk"]);
    let forget = Forget {
        name: FACILITY.into(),
        reason: "closed".into(),
    };
    answer!(world, Request::FacilityForget(forget), Noted);
    assert_eq!(contacts(true), Vec::<String>::new());
}

#[test]
fn incapable_terminal_is_listed() {
    let world = World::new();
    let order = FacilityTerminal {
        code: FACILITY.into(),
        terminal: 2,
        ecc_capable: false,
        reason: "TPM 1.2".into(),
    };
    answer!(world, Request::FacilityTerminal(order), Noted);
    let list = RegistrationList {
        limit: 10,
        private: false,
    };
    let found = answer!(world, Request::FacilityList(list), Facilities);
    assert_eq!(found.facilities[0].ecc_incapable, [2]);
}

#[test]
fn systems_and_staff_are_registered_once() {
    let world = World::new();
    let system = SystemAdd {
        name: "portal".into(),
        dns_names: vec!["portal.kasane.example".into()],
        server: true,
        client: false,
    };
    answer!(world, Request::SystemAdd(system.clone()), Noted);
    assert_eq!(world.refusal(Request::SystemAdd(system)).0, "system.exists");
    let person = OperatorAdd {
        name: "op-017".into(),
        person: Some("Hanako".into()),
    };
    answer!(world, Request::OperatorAdd(person), Noted);
    let list = RegistrationList {
        limit: 10,
        private: true,
    };
    let found = answer!(world, Request::OperatorList(list.clone()), Operators);
    assert_eq!(found.operators[0].person, ["Hanako"]);
    let found = answer!(world, Request::SystemList(list), Systems);
    assert_eq!(found.systems[0].dns_names, ["portal.kasane.example"]);
}

#[test]
fn chain_is_trusted_until_its_end_and_not_after() {
    let world = World::new();
    let issued = world.issue(1);
    let verify = |at: &str| {
        Request::Verify(Verify {
            chain_pem: format!("{}{}", issued.pem, issued.chain_pem),
            at: Some(at.parse().unwrap()),
            ..Verify::default()
        })
    };
    match world.ask(verify("2027-06-01")).unwrap() {
        Response::Verified(report) => {
            let verified = report.verified.unwrap();
            assert_eq!(verified.path.len(), 3);
            assert_eq!(verified.purpose, "clientAuth");
            assert_eq!(
                verified.identity,
                Some(format!("https://id.kasane.example/facility/{FACILITY}/1"))
            );
        }
        other => panic!("{other:?}"),
    }
    let refusal = world.untrusted(verify("2031-06-01"));
    assert_eq!(refusal.code, "path.expired");
    assert!(refusal.message_ja.contains("有効期間"), "{refusal:?}");
}

#[test]
fn proof_verifies_offline_and_the_audit_covers_everything() {
    let world = World::new();
    let issued = world.issue(1);
    for what in [
        Provable::Record(issued.serial.clone()),
        Provable::Outcome(issued.serial),
    ] {
        let proof = answer!(world, Request::LedgerProve(LedgerProve { what }), Proof);
        let verifier = CheckpointVerifier::from_vkey(&proof.verifier_key).unwrap();
        let entry = world
            .context
            .authority()
            .ledger()
            .entry(proof.index)
            .unwrap();
        let leaf = kasane_ledger::leaf_hash(&entry);
        let read = LogProof::from_text(&proof.proof).unwrap();
        assert_eq!(read.verify(&leaf, &verifier).unwrap().size, proof.size);
    }
    let report = answer!(world, Request::LedgerVerify(LedgerVerify {}), LedgerReport);
    assert_eq!(report.entries, world.context.authority().ledger().size());
}

#[test]
fn every_entry_of_a_ledger_is_decoded() {
    let world = World::new();
    let issued = world.issue(1);
    answer!(world, revoke(&issued.serial), Revoked);
    let question = LedgerEntries {
        from: 0,
        limit: 1000,
    };
    let found = answer!(world, Request::LedgerEntries(question), Entries);
    assert_eq!(found.entries.len() as u64, found.size);
    for entry in &found.entries {
        assert!(entry.body.is_object(), "{} {}", entry.index, entry.kind);
    }
    let beyond = LedgerEntries {
        from: found.size,
        limit: 1,
    };
    assert_eq!(
        world.refusal(Request::LedgerEntries(beyond)).1,
        ExitClass::NotFound
    );
}

#[test]
fn policy_is_explained_by_profile_and_date() {
    let world = World::new();
    let question = PolicyExplain {
        profile: "terminal-rsa".into(),
        key: None,
        at: Some("2040-01-01".parse().unwrap()),
        not_after: None,
        ecc_incapable: false,
    };
    let explained = answer!(world, Request::PolicyExplain(question), Policy);
    assert!(explained.profile_takes_key);
    assert!(
        explained
            .answers
            .iter()
            .take(2)
            .all(|answer| answer.decision == "refuse")
    );
}

#[test]
fn answers_survive_the_wire() {
    let world = World::new();
    let issued = world.issue(1);
    for request in [
        show(&issued.serial),
        Request::List(list()),
        Request::CrlPublish(CrlPublish::default()),
        Request::CrlList(CrlList {}),
        Request::LedgerEntries(LedgerEntries { from: 0, limit: 10 }),
    ] {
        let sent = serde_json::to_string(&request).unwrap();
        let request: Request = serde_json::from_str(&sent).unwrap();
        let response = world.ask(request).unwrap();
        let sent = serde_json::to_string(&response).unwrap();
        assert_eq!(serde_json::from_str::<Response>(&sent).unwrap(), response);
    }
    let unknown = r#"{"show":{"name":"root-ecc","issuer":null,"more":1}}"#;
    assert!(serde_json::from_str::<Request>(unknown).is_err());
}
