//! Keys of each algorithm are made, shown and used.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::traits::SignatureScheme;
use sha2::{Digest, Sha256, Sha384};
use yubihsm::{Capability, Client, Domain, asymmetric::Algorithm, object::Id};

use crate::support::{client, label, simulator};

fn generate(client: &Client, id: Id, may: Capability, algorithm: Algorithm) {
    let made = client
        .generate_asymmetric_key(id, label(), Domain::DOM1, may, algorithm)
        .unwrap();
    assert_eq!(made, id);
}

#[test]
fn p384_signs_digests() {
    let simulator = simulator();
    let client = client(&simulator);
    generate(&client, 7, Capability::SIGN_ECDSA, Algorithm::EcP384);
    let public = client.get_public_key(7).unwrap();
    assert_eq!(public.algorithm, Algorithm::EcP384);
    let point = [&[4], public.bytes.as_slice()].concat();
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
    for digest in [
        Sha384::digest(b"message").to_vec(),
        Sha256::digest(b"message").to_vec(),
    ] {
        let signature = client.sign_ecdsa_prehash_raw(7, digest.as_slice()).unwrap();
        let signature = p384::ecdsa::Signature::from_der(&signature).unwrap();
        // The verifier of p384 takes digests from half of the curve's length.
        key.verify_prehash(&digest, &signature).unwrap();
        let other = Sha384::digest(b"other");
        key.verify_prehash(&other, &signature).unwrap_err();
    }
}

#[test]
fn p256_signs_digests() {
    let simulator = simulator();
    let client = client(&simulator);
    generate(&client, 7, Capability::SIGN_ECDSA, Algorithm::EcP256);
    let public = client.get_public_key(7).unwrap();
    let point = [&[4], public.bytes.as_slice()].concat();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
    for digest in [
        Sha256::digest(b"message").to_vec(),
        Sha384::digest(b"message").to_vec(),
    ] {
        let signature = client.sign_ecdsa_prehash_raw(7, digest.as_slice()).unwrap();
        let signature = p256::ecdsa::Signature::from_der(&signature).unwrap();
        key.verify_prehash(&digest, &signature).unwrap();
    }
}

#[test]
fn ed25519_signs_messages() {
    let simulator = simulator();
    let client = client(&simulator);
    generate(&client, 7, Capability::SIGN_EDDSA, Algorithm::Ed25519);
    let public = client.get_public_key(7).unwrap();
    let signature = client.sign_ed25519(7, b"message".as_slice()).unwrap();
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ED25519,
        public.bytes.as_slice(),
    );
    key.verify(b"message", &signature.to_bytes()).unwrap();
    key.verify(b"other", &signature.to_bytes()).unwrap_err();
}

#[test]
fn rsa_signs_digests() {
    let simulator = simulator();
    let client = client(&simulator);
    for (id, algorithm, modulus_bytes) in [
        (2048, Algorithm::Rsa2048, 256),
        (3072, Algorithm::Rsa3072, 384),
        (4096, Algorithm::Rsa4096, 512),
    ] {
        generate(&client, id, Capability::SIGN_PKCS, algorithm);
        let public = client.get_public_key(id).unwrap();
        assert_eq!(public.bytes.len(), modulus_bytes);
        let key = rsa::RsaPublicKey::new(
            rsa::BoxedUint::from_be_slice_vartime(&public.bytes),
            65_537_u64.into(),
        )
        .unwrap();
        let signature = client.sign_rsa_pkcs1v15_sha256(id, b"message").unwrap();
        rsa::Pkcs1v15Sign::new::<Sha256>()
            .verify(&key, &Sha256::digest(b"message"), signature.as_slice())
            .unwrap();
        rsa::Pkcs1v15Sign::new::<Sha256>()
            .verify(&key, &Sha256::digest(b"other"), signature.as_slice())
            .unwrap_err();
    }
}

#[test]
fn imported_keys_are_the_keys_that_were_given() {
    let simulator = simulator();
    let client = client(&simulator);
    let scalar = [7; 48];
    client
        .put_asymmetric_key(
            9,
            label(),
            Domain::DOM1,
            Capability::SIGN_ECDSA,
            Algorithm::EcP384,
            scalar,
        )
        .unwrap();
    let expected = p384::SecretKey::from_slice(&scalar).unwrap().public_key();
    let public = client.get_public_key(9).unwrap();
    let point = [&[4], public.bytes.as_slice()].concat();
    assert_eq!(p384::PublicKey::from_sec1_bytes(&point).unwrap(), expected);
}
