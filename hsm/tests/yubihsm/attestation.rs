//! The device's word about a key.

use der::{Decode, Encode};
use kasane_hsm::config::Access;
use kasane_hsm::{KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{Site, label};

/// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }: enough of it to take the
/// key out.
fn contains(certificate: &[u8], octets: &[u8]) -> bool {
    certificate
        .windows(octets.len())
        .any(|window| window == octets)
}

#[test]
fn attestation_is_a_certificate_of_that_key_with_the_devices_own_behind_it() {
    let site = Site::commissioned();
    let device = site.device(Access::Ceremony);
    for (name, algorithm) in [
        ("p384", KeyAlgorithm::P384),
        ("rsa", KeyAlgorithm::RSA_2048),
        ("ed", KeyAlgorithm::Ed25519),
    ] {
        let key = device
            .generate(&label(name), KeyRole::RootCa, algorithm)
            .unwrap();
        let attestation = device.attestation(&label(name)).unwrap().unwrap();
        for certificate in attestation.chain.iter().chain([&attestation.certificate]) {
            let whole = der::AnyRef::from_der(certificate).unwrap();
            assert_eq!(whole.to_der().unwrap(), *certificate);
        }
        assert!(contains(&attestation.certificate, &key.spki), "{name}");
        assert_eq!(attestation.chain.len(), 1);
        assert!(!contains(&attestation.chain[0], &key.spki));
    }
    let error = device.attestation(&label("none")).unwrap_err();
    assert_eq!(error.code(), "key.not-found");
}
