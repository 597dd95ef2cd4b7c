//! CAs for which nobody here signs answers: asking again later does not help (RFC 6960 §2.3).

use kasane_ca_core::Actor;
use kasane_ca_core::authority::CertificateImport;
use kasane_ocsp::{Coverage, OcspResponseStatus};
use kasane_verify::crypto::DigestAlgorithm;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyUsagePurpose, date_time_ymd,
};

use crate::common::{p384, world};
use crate::scene::{
    TERMINALS, ask, forward_to, id, issue, issuer, now, request, responder, revoke, statuses,
};

#[test]
fn expired_ca_is_unauthorized() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let end = issuer(&world, TERMINALS).not_after;
    forward_to(&world, end.plus_seconds(-3_600));
    let last = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(last.status, OcspResponseStatus::Successful);
    for after in [0, 1, 10 * 365 * 86_400] {
        forward_to(&world, end.plus_seconds(after));
        let response = ask(&world, &responder, TERMINALS, &issued.serial);
        assert_eq!(response.status, OcspResponseStatus::Unauthorized, "{after}");
        assert_eq!(response.cacheable, None);
        assert!(responder.ensure_signers(now(&world)).failed.is_empty());
    }
}

#[test]
fn ended_ca_is_answered_for_until_its_last_signer_ends_and_unauthorized_then() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    revoke(&world, TERMINALS, &issued.serial, None);
    responder.ensure_signers(now(&world));
    world
        .authority
        .end_issuer(&Actor::system(), TERMINALS)
        .unwrap();
    let revoked = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(statuses(&revoked).len(), 1);
    let signers = world.authority.ocsp_signers(TERMINALS).unwrap();
    let end = signers.iter().map(|it| it.not_after).max().unwrap();
    forward_to(&world, end.plus_seconds(1));
    for _ in 0..2 {
        let response = ask(&world, &responder, TERMINALS, &issued.serial);
        assert_eq!(response.status, OcspResponseStatus::Unauthorized);
    }
    // Another CA's signers are replaced as ever.
    responder.ensure_signers(now(&world));
    let other = ask(&world, &responder, "issuing-ecc-server", &[1]);
    assert_eq!(other.status, OcspResponseStatus::Successful);
}

#[test]
fn coverage_names_cas_that_lack_a_signer_and_no_ca_that_wants_none() {
    let world = world();
    let responder = responder(&world);
    let coverage = |answered: &[&str], without_signer: &[&str]| {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        let expected = Coverage {
            answered: names(answered),
            without_signer: names(without_signer),
        };
        assert_eq!(responder.coverage(now(&world)).unwrap(), expected);
    };
    let (operators, servers, rsa) = ("issuing-ecc-operator", "issuing-ecc-server", "issuing-rsa");
    coverage(&[operators, servers, TERMINALS, rsa], &[]);
    // One that was chosen a moment ago counts no more once it is revoked.
    let issued = issue(&world);
    ask(&world, &responder, TERMINALS, &issued.serial);
    coverage(&[operators, servers, TERMINALS, rsa], &[]);
    for signer in world.authority.ocsp_signers(TERMINALS).unwrap() {
        revoke(&world, TERMINALS, &signer.serial, None);
    }
    coverage(&[operators, servers, rsa], &[TERMINALS]);
    responder.ensure_signers(now(&world));
    coverage(&[operators, servers, TERMINALS, rsa], &[]);

    // An ended CA is answered for as long as it has a signer, and wants no other.
    revoke(&world, TERMINALS, &issued.serial, None);
    let system = Actor::system();
    world.authority.end_issuer(&system, TERMINALS).unwrap();
    coverage(&[operators, servers, TERMINALS, rsa], &[]);
    let signers = world.authority.ocsp_signers(TERMINALS).unwrap();
    let end = signers.iter().map(|it| it.not_after).max().unwrap();
    forward_to(&world, end.plus_seconds(1));
    coverage(&[], &[operators, servers, rsa]);
}

#[test]
fn ca_whose_key_is_elsewhere_is_unauthorized() {
    let world = world();
    let responder = responder(&world);
    let ca = |name: &str, below| {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let names = &mut params.distinguished_name;
        names.push(DnType::CommonName, name.to_owned());
        params.is_ca = IsCa::Ca(below);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2025, 1, 1);
        params.not_after = date_time_ymd(2034, 1, 1);
        params.use_authority_key_identifier_extension = true;
        params
    };
    let root_key = p384();
    let root = ca("Other Root", BasicConstraints::Unconstrained);
    let issuing = ca("Other Issuing", BasicConstraints::Constrained(0));
    let by = Issuer::from_params(&root, &root_key);
    let certificates = [
        ("other-root", "root-ecc", root.self_signed(&root_key)),
        (
            "other-issuing",
            "issuing-ecc-server",
            issuing.signed_by(&p384(), &by),
        ),
    ];
    for (name, profile, certificate) in certificates {
        let certificate = certificate.unwrap().der().to_vec();
        let crypto = world.authority.crypto();
        let digest = crypto.digest(DigestAlgorithm::Sha256, &certificate);
        let order = CertificateImport {
            name: name.to_owned(),
            profile: profile.to_owned(),
            sha256: digest.as_ref().try_into().unwrap(),
            certificate,
            key_label: None,
            crl_shards: 1,
            last_crl_number: 0,
        };
        let actor = Actor::ceremony();
        world.authority.import_certificate(&actor, &order).unwrap();
    }
    for address in [None, Some("other-issuing")] {
        let id = id(&world, "other-issuing", &[1], DigestAlgorithm::Sha256);
        let response = responder.respond(address, &request(vec![id], None), now(&world));
        assert_eq!(
            response.status,
            OcspResponseStatus::Unauthorized,
            "{address:?}"
        );
    }
}
