//! Parts of a request that say more than which certificate (RFC 6960 §4.1.2 and §4.4).

use der::asn1::{Any, BitString, OctetString};
use der::{Decode, Encode, Tag};
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::SignatureAlgorithm;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{Nonce, OcspRequest, Signature};
use kasane_verify::revocation::Status;
use kasane_verify::signature::algorithm_identifier;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;

use crate::common::{World, requester, rsa2048, terminal_order, world};
use crate::scene::{TERMINALS, id, issue, judge, now, responder, with_basic};

const SERVICE_LOCATOR: &str = "1.3.6.1.5.5.7.48.1.7";
const ACCEPTABLE_RESPONSES: &str = "1.3.6.1.5.5.7.48.1.4";
const PREFERRED_SIGNATURE_ALGORITHMS: &str = "1.3.6.1.5.5.7.48.1.8";

/// `id-pkix-ocsp-basic`, DER.
const BASIC: [u8; 11] = [0x06, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

fn extension(oid: &str, critical: bool, value: impl Into<Vec<u8>>) -> Extension {
    Extension {
        extn_id: oid.parse().unwrap(),
        critical,
        extn_value: OctetString::new(value.into()).unwrap(),
    }
}

fn sequence(content: &[u8]) -> Vec<u8> {
    Any::new(Tag::Sequence, content).unwrap().to_der().unwrap()
}

/// `ServiceLocator ::= SEQUENCE { issuer Name, locator AuthorityInfoAccessSyntax OPTIONAL }`.
fn service_locator(world: &World, critical: bool) -> Extension {
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let value = sequence(&issuer.signer.subject_der);
    extension(SERVICE_LOCATOR, critical, value)
}

/// `SEQUENCE OF OBJECT IDENTIFIER`: the basic response and another that nobody knows.
fn acceptable_responses(critical: bool) -> Extension {
    let other = [0x06, 2, 0x2a, 3];
    let value = sequence(&[&other[..], &BASIC].concat());
    extension(ACCEPTABLE_RESPONSES, critical, value)
}

fn encoded(algorithm: SignatureAlgorithm) -> Vec<u8> {
    algorithm_identifier(algorithm).to_der().unwrap()
}

/// `SEQUENCE OF PreferredSignatureAlgorithm`: each a SEQUENCE of the algorithm and, left out, a key's.
fn preferred(algorithms: &[SignatureAlgorithm]) -> Extension {
    let each = algorithms
        .iter()
        .map(|algorithm| sequence(&encoded(*algorithm)));
    let value = sequence(&each.collect::<Vec<_>>().concat());
    extension(PREFERRED_SIGNATURE_ALGORITHMS, false, value)
}

/// A request about `serial` that `change` was done to.
fn changed(world: &World, serial: &[u8], change: impl FnOnce(&mut OcspRequest)) -> Vec<u8> {
    let id = id(world, TERMINALS, serial, DigestAlgorithm::Sha1);
    let mut asked = OcspRequest::new(vec![id], None).unwrap();
    change(&mut asked);
    asked.encode_der().unwrap()
}

/// Asks with a request that `change` was done to, and is answered as without it.
fn answered_alike(world: &World, nonce: Option<&Nonce>, change: impl FnOnce(&mut OcspRequest)) {
    let responder = responder(world);
    let issued = issue(world);
    let asked = changed(world, &issued.serial, change);
    let response = responder.respond(Some(TERMINALS), &asked, now(world));
    let answer = judge(world, &issued, &response, nonce);
    assert_eq!(answer.status, Status::Good);
    with_basic(&response, |basic| {
        let extensions = basic.data.response_extensions.clone().unwrap_or_default();
        // The nonce, never critical, and nothing else that the request brought.
        assert_eq!(extensions.len(), usize::from(nonce.is_some()));
        assert!(extensions.iter().all(|it| !it.critical));
    });
    // What says more is not looked for among what is kept by the certificate alone.
    assert!(
        responder
            .prepared(Some(TERMINALS), &asked, now(world))
            .is_none()
    );
}

fn refused(world: &World, change: impl FnOnce(&mut OcspRequest)) {
    let responder = responder(world);
    let issued = issue(world);
    let asked = changed(world, &issued.serial, change);
    let response = responder.respond(Some(TERMINALS), &asked, now(world));
    assert_eq!(response.status, OcspResponseStatus::MalformedRequest);
    assert_eq!(response.cacheable, None);
}

#[test]
fn signature_and_name_of_whoever_asks_change_nothing() {
    let world = world();
    let directory_name = || Some(GeneralName::DirectoryName(Default::default()));
    answered_alike(&world, None, |request| {
        request.tbs_request.requestor_name = directory_name();
    });
    answered_alike(&world, None, |request| {
        request.tbs_request.requestor_name = directory_name();
        // Nobody's, over nothing, with a certificate that is none: everybody may ask.
        request.optional_signature = Some(Signature {
            signature_algorithm: Decode::from_der(&encoded(SignatureAlgorithm::RsaPkcs1Sha256))
                .unwrap(),
            signature: BitString::from_bytes(&[0; 256]).unwrap(),
            certs: Some(vec![Any::null()]),
        });
    });
}

#[test]
fn service_locator_is_ignored_and_refused_where_it_is_critical() {
    let world = world();
    answered_alike(&world, None, |request| {
        let single = &mut request.tbs_request.request_list[0];
        single.single_request_extensions = Some(vec![service_locator(&world, false)]);
    });
    // RFC 6960 §4.4: what is critical must be understood.
    refused(&world, |request| {
        let single = &mut request.tbs_request.request_list[0];
        single.single_request_extensions = Some(vec![service_locator(&world, true)]);
    });
}

#[test]
fn acceptable_responses_are_answered_with_the_basic_one() {
    let world = world();
    answered_alike(&world, None, |request| {
        request.tbs_request.request_extensions = Some(vec![acceptable_responses(false)]);
    });
    refused(&world, |request| {
        request.tbs_request.request_extensions = Some(vec![acceptable_responses(true)]);
    });
}

/// RFC 6960 §4.4.7: an issuer has one signer, of its own algorithm; whoever trusts the issuer verifies
/// it.
#[test]
fn preferred_algorithm_does_not_change_the_signer() {
    let world = world();
    let lists: [&[SignatureAlgorithm]; 3] = [
        &[SignatureAlgorithm::RsaPkcs1Sha256],
        &[
            SignatureAlgorithm::RsaPkcs1Sha256,
            SignatureAlgorithm::EcdsaSha384,
        ],
        &[],
    ];
    for list in lists {
        answered_alike(&world, None, |request| {
            request.tbs_request.request_extensions = Some(vec![preferred(list)]);
        });
    }
    let rsa = terminal_order("terminal-rsa", 2, rsa2048());
    let rsa = world.authority.issue(&requester(), rsa).unwrap();
    let id = id(&world, &rsa.issuer, &rsa.serial, DigestAlgorithm::Sha1);
    let mut asked = OcspRequest::new(vec![id], None).unwrap();
    asked.tbs_request.request_extensions =
        Some(vec![preferred(&[SignatureAlgorithm::EcdsaSha384])]);
    let asked = asked.encode_der().unwrap();
    let response = responder(&world).respond(None, &asked, now(&world));
    assert_eq!(judge(&world, &rsa, &response, None).status, Status::Good);
}

#[test]
fn critical_nonce_is_understood() {
    let world = world();
    let nonce = Nonce::new(&[9; 32]).unwrap();
    answered_alike(&world, Some(&nonce), |request| {
        let critical = Extension {
            critical: true,
            ..nonce.to_extension().unwrap()
        };
        request.tbs_request.request_extensions = Some(vec![critical]);
    });
}

/// Old clients put the octets where their OCTET STRING belongs (RFC 6960 §4.4.1 made it one).
#[test]
fn nonce_that_is_no_octet_string_is_malformed() {
    let world = world();
    for value in [
        vec![7; 16],
        vec![0x04, 17, 1],
        vec![0x04, 1, 7, 7],
        vec![0x02, 1, 7],
        Vec::new(),
    ] {
        refused(&world, |request| {
            let raw = extension(&Nonce::OID.to_string(), false, value);
            request.tbs_request.request_extensions = Some(vec![raw]);
        });
    }
}

#[test]
fn repeated_or_too_many_extensions_are_malformed() {
    let world = world();
    let twice = |it: Extension| Some(vec![it.clone(), it]);
    refused(&world, |request| {
        request.tbs_request.request_extensions = twice(acceptable_responses(false));
    });
    refused(&world, |request| {
        let single = &mut request.tbs_request.request_list[0];
        single.single_request_extensions = twice(service_locator(&world, false));
    });
    refused(&world, |request| {
        let many = (0..33).map(|number| extension(&format!("1.2.3.{number}"), false, [5, 0]));
        request.tbs_request.request_extensions = Some(many.collect());
    });
}
