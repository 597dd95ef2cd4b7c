use super::*;

#[test]
fn threshold_is_met_by_exactly_that_many_officers() {
    let [a, b, c] = people(["a", "b", "c"]);
    let set = set(2, &[&a, &b, &c]);
    let mut store = store(&set, &[&a, &b]);
    let offer = |signers: &[&Person]| {
        let mut store = store.clone();
        code(store.accept(&policy(1, &set, signers), now(), &AwsLc))
    };
    assert_eq!(offer(&[]), "trust.threshold");
    assert_eq!(offer(&[&b]), "trust.threshold");
    assert_eq!(offer(&[&b, &c]), "accepted");
    assert_eq!(offer(&[&a, &c]), "accepted");
    assert_eq!(offer(&[&a, &b, &c]), "accepted");
    let refused = store.accept(&policy(1, &set, &[&c]), now(), &AwsLc);
    assert_eq!(
        refused.unwrap_err(),
        TrustError::Threshold {
            needed: 2,
            signed: 1
        }
    );
}

#[test]
fn all_of_all_and_one_of_one_are_thresholds() {
    let [a, b] = people(["a", "b"]);
    let both = set(2, &[&a, &b]);
    let mut held = store(&both, &[&a, &b]);
    assert_eq!(
        code(held.accept(&policy(1, &both, &[&a]), now(), &AwsLc)),
        "trust.threshold"
    );
    assert_eq!(
        code(held.accept(&policy(1, &both, &[&a, &b]), now(), &AwsLc)),
        "accepted"
    );
    let alone = set(1, &[&a]);
    let mut held = store(&alone, &[&a]);
    assert_eq!(
        code(held.accept(&policy(1, &alone, &[&a]), now(), &AwsLc)),
        "accepted"
    );
}

#[test]
fn threshold_outside_the_set_is_refused() {
    let [a, b] = people(["a", "b"]);
    for threshold in [0, 3, usize::MAX] {
        assert_eq!(
            set_of("kasane.example", threshold, &[&a, &b]).unwrap_err(),
            TrustError::ThresholdOutOfRange {
                threshold,
                officers: 2
            }
        );
    }
    assert_eq!(
        set_of("kasane.example", 0, &[]).unwrap_err().code(),
        "trust.threshold_range"
    );
}

#[test]
fn officer_counts_once() {
    let [a, b] = people(["a", "b"]);
    let set = set(2, &[&a, &b]);
    let mut document = policy(1, &set, &[&a]);
    // ECDSA is random: another good signature by the same key.
    let again = a.key.sign(&document.to_be_signed()).unwrap();
    assert_eq!(
        document
            .add_signature(&a.spki(), again.clone(), &AwsLc)
            .unwrap_err(),
        TrustError::AlreadySigned { officer: a.id() }
    );
    // One who writes the octets themselves gets no further.
    let mut wire: wire::WireDocument = wire::read(&document.to_der().unwrap()).unwrap();
    wire.signatures.push(wire::WireSignature {
        officer: wire::octets(a.id().as_bytes()).unwrap(),
        algorithm: SignatureAlgorithm::EcdsaSha384.oid(),
        value: wire::octets(&again).unwrap(),
    });
    let der = der::Encode::to_der(&wire).unwrap();
    assert_eq!(
        TrustDocument::from_der(&der).unwrap_err(),
        TrustError::SignatureOrder
    );
}

#[test]
fn key_or_name_that_stands_twice_makes_no_set() {
    let [a, b] = people(["a", "b"]);
    let other_name = Officer::new("other", &a.spki(), &AwsLc).unwrap();
    let same_name = Officer::new("a", &b.spki(), &AwsLc).unwrap();
    for officers in [vec![a.officer(), other_name], vec![a.officer(), same_name]] {
        let refused = OfficerSet::new(domain("kasane.example"), 1, officers, &AwsLc);
        assert_eq!(refused.unwrap_err().code(), "trust.duplicate_officer");
    }
}

#[test]
fn signature_of_a_stranger_is_refused_even_beside_a_quorum() {
    let [a, b, stranger] = people(["a", "b", "stranger"]);
    let set = set(2, &[&a, &b]);
    let mut store = store(&set, &[&a, &b]);
    let document = policy(1, &set, &[&a, &b, &stranger]);
    assert_eq!(
        store.accept(&document, now(), &AwsLc).unwrap_err(),
        TrustError::UnknownOfficer {
            officer: stranger.id()
        }
    );
}

#[test]
fn officers_have_the_listed_keys_only() {
    let generate = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let people = [
        Person::with_key("p-384", generate(&rcgen::PKCS_ECDSA_P384_SHA384)),
        Person::with_key("p-256", generate(&rcgen::PKCS_ECDSA_P256_SHA256)),
        Person::with_key("ed25519", generate(&rcgen::PKCS_ED25519)),
    ];
    let all: Vec<_> = people.iter().collect();
    let mixed = set(3, &all);
    let mut store = store(&mixed, &all);
    assert_eq!(
        code(store.accept(&policy(1, &mixed, &all), now(), &AwsLc)),
        "accepted"
    );
    for key in [
        generate(&rcgen::PKCS_ECDSA_P521_SHA512),
        generate(&rcgen::PKCS_RSA_SHA256),
    ] {
        let spki = key.subject_public_key_info();
        let refused = Officer::new("x", &spki, &AwsLc).unwrap_err();
        assert_eq!(refused.code(), "trust.officer_algorithm");
        let mut document = policy(1, &mixed, &[]);
        let refused = document
            .add_signature(&spki, vec![0; 64], &AwsLc)
            .unwrap_err();
        assert_eq!(refused.code(), "trust.officer_algorithm");
    }
}

#[test]
fn signature_under_another_algorithm_is_refused() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let mut store = store(&set, &[&a]);
    let document = policy(1, &set, &[&a]);
    let mut wire: wire::WireDocument = wire::read(&document.to_der().unwrap()).unwrap();
    wire.signatures[0].algorithm = SignatureAlgorithm::EcdsaSha256.oid();
    let document = TrustDocument::from_der(&der::Encode::to_der(&wire).unwrap()).unwrap();
    assert_eq!(
        code(store.accept(&document, now(), &AwsLc)),
        "trust.signature_algorithm"
    );
    wire.signatures[0].algorithm = const_oid::db::rfc5912::ECDSA_WITH_SHA_224;
    let refused = TrustDocument::from_der(&der::Encode::to_der(&wire).unwrap());
    assert_eq!(refused.unwrap_err().code(), "trust.signature_algorithm");
}

#[test]
fn signature_of_one_kind_is_none_of_another() {
    let [a] = people(["a"]);
    let set = set(1, &[&a]);
    let mut store = store(&set, &[&a]);
    let signed = policy(1, &set, &[&a]);
    for target in [
        anchors(1, &set, &[]),
        emergency(1, &set, &[]),
        policy(2, &set, &[]),
    ] {
        let value = signed.signatures()[0].value.clone();
        let mut forged = target.clone();
        assert_eq!(
            forged
                .add_signature(&a.spki(), value, &AwsLc)
                .unwrap_err()
                .code(),
            "trust.bad_signature"
        );
        // The signatures of the policy under the other statement.
        let mut wire: wire::WireDocument = wire::read(&target.to_der().unwrap()).unwrap();
        let donor: wire::WireDocument = wire::read(&signed.to_der().unwrap()).unwrap();
        wire.signatures = donor.signatures;
        let forged = TrustDocument::from_der(&der::Encode::to_der(&wire).unwrap()).unwrap();
        assert_eq!(
            code(store.accept(&forged, now(), &AwsLc)),
            "trust.bad_signature"
        );
    }
    // And the statement with its kind changed.
    let mut wire: wire::WireDocument = wire::read(&signed.to_der().unwrap()).unwrap();
    let mut statement: wire::WireStatement = wire::read(wire.statement.as_bytes()).unwrap();
    statement.kind = Kind::Anchors.number();
    wire.statement = wire::octets(&der::Encode::to_der(&statement).unwrap()).unwrap();
    let forged = TrustDocument::from_der(&der::Encode::to_der(&wire).unwrap()).unwrap();
    assert_eq!(
        code(store.accept(&forged, now(), &AwsLc)),
        "trust.bad_signature"
    );
}

#[test]
fn document_of_another_network_is_refused_although_the_same_officers_signed_it() {
    let [a] = people(["a"]);
    let ours = set(1, &[&a]);
    let theirs = set_of("other.example", 1, &[&a]).unwrap();
    let mut store = store(&ours, &[&a]);
    for document in [policy(1, &theirs, &[&a]), first(&theirs, &[&a])] {
        assert_eq!(
            code(store.accept(&document, now(), &AwsLc)),
            "trust.other_domain"
        );
    }
    // Our network's name over their set.
    let mut mixed = header(Kind::Policy, 1, &theirs);
    mixed.domain = ours.domain().clone();
    let document = prepare(mixed, OVERLAP_TIMELINE_TOML.as_bytes().to_vec());
    let refused = code(store.accept(&sign(document, &[&a]), now(), &AwsLc));
    assert_eq!(refused, "trust.unknown_officer_set");
}
