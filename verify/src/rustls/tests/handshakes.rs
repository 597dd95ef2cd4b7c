use std::sync::Arc;

use ::rustls::sign::{CertifiedKey, SingleCertAndKey};
use ::rustls::version::{TLS12, TLS13};
use ::rustls::{CertificateError as TlsError, Error};
use rcgen::{PublicKeyData, SigningKey};

use super::support::{
    HOST, Seen, Shaken, at, client_config, dual, ecc, provider, rsa, server_config, shake,
    shake_with, trust,
};
use crate::SignatureAlgorithm;
use crate::certificate::Certificate;
use crate::crypto::{AwsLc, DigestAlgorithm};
use crate::ocsp::{
    BasicOcspResponse, CertId, CertStatus, ResponderId, ResponseData, SingleResponse, Version,
};
use crate::path::{Position, Reason};
use crate::policy::Class;
use crate::revocation::{Basis, HeldCrls};
use crate::rustls::{ClientVerifier, DualCertificate};

const NOW: &str = "2028-06-01";

fn single(key: &Arc<CertifiedKey>) -> Arc<SingleCertAndKey> {
    Arc::new(SingleCertAndKey::from(Arc::clone(key)))
}

fn login(version: usize, key: &Arc<CertifiedKey>, seen: &Arc<Seen>) -> Shaken {
    let version = [&TLS12, &TLS13][version];
    let trust = trust(Class::Terminal, &provider()).with_observer(Arc::clone(seen) as _);
    shake(
        client_config(version, at(NOW), provider(), single(key)),
        server_config(version, at(NOW), ClientVerifier::new(trust), dual()),
    )
}

#[test]
fn both_kinds_of_terminals_log_in_with_either_version() {
    for version in 0..2 {
        for family in [ecc(), rsa()] {
            let seen = Arc::default();
            let shaken = login(version, &family.terminal, &seen).succeeded();
            assert!(shaken.client_used(&family.terminal));
            assert!(shaken.server_used(&ecc().server), "ECC comes first");
            let accepted = seen.accepted.lock().unwrap();
            assert_eq!(
                accepted[0].identity(),
                Some("https://id.kasane.example/facility/1312345678/1")
            );
            assert_eq!(accepted[0].statuses().len(), 2, "leaf and intermediate");
        }
    }
}

#[test]
fn revoked_terminal_is_refused_and_the_reason_observed() {
    for version in 0..2 {
        for family in [ecc(), rsa()] {
            let seen = Arc::default();
            let shaken = login(version, &family.revoked, &seen);
            assert_eq!(
                shaken.by_server,
                Some(Error::InvalidCertificate(TlsError::Revoked))
            );
            let refused = seen.refused.lock().unwrap();
            assert_eq!(refused[0].code(), "path.revoked");
            assert_eq!(refused[0].position, Position::EndEntity);
        }
    }
}

#[test]
fn unknown_status_is_refused_unless_the_rules_put_up_with_it() {
    let crls = || Arc::new(HeldCrls::default());
    for (rules, expected) in [
        (
            Default::default(),
            Some(Error::InvalidCertificate(TlsError::UnknownRevocationStatus)),
        ),
        (
            crate::revocation::RevocationRules::of_all(crate::revocation::Requirement::SoftFail),
            None,
        ),
    ] {
        let seen = Arc::<Seen>::default();
        let trust = trust(Class::Terminal, &provider())
            .with_evidence(crls())
            .with_revocation(rules)
            .with_observer(Arc::clone(&seen) as _);
        let shaken = shake(
            client_config(&TLS13, at(NOW), provider(), single(&ecc().terminal)),
            server_config(&TLS13, at(NOW), ClientVerifier::new(trust), dual()),
        );
        let tolerated = expected.is_none();
        assert_eq!(shaken.by_server, expected);
        let accepted = seen.accepted.lock().unwrap();
        assert_eq!(accepted.len(), usize::from(tolerated));
        assert!(accepted.iter().all(|path| path.tolerated().count() == 2));
    }
}

#[test]
fn anonymous_client_is_refused_unless_allowed() {
    #[derive(Debug)]
    struct Nobody;
    impl ::rustls::client::ResolvesClientCert for Nobody {
        fn resolve(
            &self,
            _: &[&[u8]],
            _: &[::rustls::SignatureScheme],
        ) -> Option<Arc<CertifiedKey>> {
            None
        }
        fn has_certs(&self) -> bool {
            false
        }
    }
    for version in [&TLS12, &TLS13] {
        let verifier = ClientVerifier::new(trust(Class::Terminal, &provider()));
        let run = |verifier| {
            shake(
                client_config(version, at(NOW), provider(), Arc::new(Nobody)),
                server_config(version, at(NOW), verifier, dual()),
            )
        };
        let shaken = run(verifier.clone());
        assert_eq!(shaken.by_server, Some(Error::NoCertificatesPresented));
        let shaken = run(verifier.dangerously_allow_anonymous()).succeeded();
        assert_eq!(shaken.client_certificate, None);
    }
}

#[test]
fn server_must_have_the_name_and_the_purpose() {
    let verifier = || ClientVerifier::new(trust(Class::Terminal, &provider()));
    let client = || client_config(&TLS13, at(NOW), provider(), single(&ecc().terminal));
    let shaken = shake_with(
        "other.kasane.example",
        client(),
        server_config(&TLS13, at(NOW), verifier(), dual()),
    );
    assert_eq!(
        shaken.by_client,
        Some(Error::InvalidCertificate(TlsError::NotValidForName))
    );
    // A terminal that poses as a server.
    let (ecc, rsa) = (Arc::clone(&ecc().terminal), Arc::clone(&rsa().terminal));
    let posing = DualCertificate::new(ecc, rsa).unwrap();
    let shaken = shake(client(), server_config(&TLS13, at(NOW), verifier(), posing));
    assert_eq!(
        shaken.by_client,
        Some(Error::InvalidCertificate(TlsError::InvalidPurpose))
    );
}

/// The server's certificate and a response about it, or about another, stapled.
fn stapled(serial: &[u8]) -> Arc<CertifiedKey> {
    let family = ecc();
    let issuer = Certificate::from_der(&family.issuing).unwrap();
    let (name, spki) = (issuer.subject().der(), issuer.spki());
    let now: crate::UnixTime = NOW.parse().unwrap();
    let key = &family.issuing_entity.key;
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::by_key(&AwsLc, &key.subject_public_key_info()).unwrap(),
        produced_at: now,
        responses: vec![SingleResponse {
            cert_id: CertId::new(&AwsLc, DigestAlgorithm::Sha256, name, spki, serial).unwrap(),
            cert_status: CertStatus::GOOD,
            this_update: now,
            next_update: Some(now.plus_days(1)),
            single_extensions: None,
        }],
        response_extensions: None,
    };
    let tbs = data.encode_der().unwrap();
    let signature = key.sign(&tbs).unwrap();
    let algorithm = SignatureAlgorithm::EcdsaSha384;
    let response = BasicOcspResponse::assemble(&tbs, algorithm, &signature, &[]).unwrap();
    let mut certified = (*family.server).clone();
    certified.ocsp = Some(response);
    Arc::new(certified)
}

#[test]
fn stapled_response_is_evidence_for_the_server() {
    let leaf = Certificate::from_der(&ecc().server.cert[0]).unwrap();
    let other = [7];
    // Only the root's CRL is at hand: it speaks for the intermediate alone.
    let root_crl = Arc::new(HeldCrls::new(vec![Arc::clone(&ecc().crls[0])]));
    for (serial, garbage, expected) in [
        (leaf.serial(), false, None),
        (&other, false, Some(TlsError::UnknownRevocationStatus)),
        (leaf.serial(), true, Some(TlsError::UnknownRevocationStatus)),
    ] {
        let mut certified = stapled(serial);
        if garbage {
            Arc::make_mut(&mut certified).ocsp = Some(vec![0x30; 40]);
        }
        let seen = Arc::<Seen>::default();
        let trusted = trust(Class::Server, &provider())
            .with_evidence(Arc::clone(&root_crl) as _)
            .with_observer(Arc::clone(&seen) as _);
        let mut client = client_config(&TLS13, at(NOW), provider(), single(&ecc().terminal));
        let verifier = Arc::new(crate::rustls::ServerVerifier::new(trusted));
        client.dangerous().set_certificate_verifier(verifier);
        let verifier = ClientVerifier::new(trust(Class::Terminal, &provider()));
        let dual = DualCertificate::new(certified, Arc::clone(&rsa().server)).unwrap();
        let shaken = shake(client, server_config(&TLS13, at(NOW), verifier, dual));
        assert_eq!(shaken.by_client, expected.map(Error::InvalidCertificate));
        let accepted = seen.accepted.lock().unwrap();
        for path in accepted.iter() {
            let used = path.statuses().iter();
            let mut leaf = used.filter(|it| it.position == Position::EndEntity);
            assert!(matches!(leaf.next().unwrap().basis, Basis::Ocsp { .. }));
        }
    }
}

#[test]
fn clients_hear_which_authorities_are_trusted() {
    use ::rustls::server::danger::ClientCertVerifier;
    let verifier = ClientVerifier::new(trust(Class::Terminal, &provider()));
    let root = Certificate::from_der(&ecc().root).unwrap();
    let hints = verifier.root_hint_subjects();
    assert_eq!(hints.len(), 2);
    assert_eq!(hints[0].as_ref(), root.subject().der());
}

#[test]
fn reasons_without_a_counterpart_stay_readable() {
    let error = crate::path::PathError {
        position: Position::Intermediate(0),
        subject: HOST.to_owned(),
        reason: Box::new(Reason::NotACa),
    };
    let told = super::super::error::refusal(error.clone());
    assert_eq!(crate::rustls::path_error(&told), Some(&error));
    let unknown = Reason::UnknownIssuer {
        issuer: String::new(),
    };
    let told = super::super::error::refusal(crate::path::PathError {
        reason: Box::new(unknown),
        ..error
    });
    assert_eq!(told, Error::InvalidCertificate(TlsError::UnknownIssuer));
    assert!(crate::rustls::path_error(&told).is_none());
}

#[test]
fn unreadable_certificates_are_refused_and_helpers_passed_over() {
    use ::rustls::server::danger::ClientCertVerifier;
    let verifier = ClientVerifier::new(trust(Class::Terminal, &provider()));
    let now = ::rustls::time_provider::TimeProvider::current_time(&*at(NOW)).unwrap();
    let garbage = vec![0x30, 0x80, 0].into();
    assert_eq!(
        verifier
            .verify_client_cert(&garbage, &[], now)
            .err()
            .unwrap(),
        Error::InvalidCertificate(TlsError::BadEncoding)
    );
    let chain = &ecc().terminal.cert;
    let helpers = [garbage, chain[1].clone()];
    assert!(
        verifier
            .verify_client_cert(&chain[0], &helpers, now)
            .is_ok()
    );
}

#[test]
fn every_connection_is_judged_once_resumption_is_refused() {
    use ::rustls::server::ServerSessionMemoryCache;
    for version in [&TLS12, &TLS13] {
        for (refused, judged) in [(true, 2), (false, 1)] {
            let seen = Arc::<Seen>::default();
            let trust = trust(Class::Terminal, &provider()).with_observer(Arc::clone(&seen) as _);
            let client = client_config(version, at(NOW), provider(), single(&ecc().terminal));
            let mut server = server_config(version, at(NOW), ClientVerifier::new(trust), dual());
            if !refused {
                server.session_storage = ServerSessionMemoryCache::new(32);
                server.send_tls13_tickets = 2;
            }
            for _ in 0..2 {
                shake(client.clone(), server.clone()).succeeded();
            }
            assert_eq!(seen.accepted.lock().unwrap().len(), judged, "{version:?}");
        }
    }
}
