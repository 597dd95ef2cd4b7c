//! Keys of each algorithm are made, shown and used.

use aws_lc_rs::{encoding::AsDer, signature};
use kasane_hsm_simulator::protocol::CommandCode;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{
    pkcs8::DecodePrivateKey,
    traits::{PrivateKeyParts, SignatureScheme},
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use yubihsm::{Capability, Client, Domain, asymmetric::Algorithm, object::Id};

use crate::{
    raw_client::RawSession,
    support::{client, device_error, label, simulator},
};

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
    let key = signature::UnparsedPublicKey::new(&signature::ED25519, public.bytes.as_slice());
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

#[test]
fn rsa_signs_longer_digests_and_pss() {
    let simulator = simulator();
    let client = client(&simulator);
    let may = Capability::SIGN_PKCS | Capability::SIGN_PSS;
    generate(&client, 7, may, Algorithm::Rsa2048);
    let modulus = client.get_public_key(7).unwrap().bytes;
    let components = aws_lc_rs::rsa::PublicKeyComponents {
        n: modulus.as_slice(),
        e: &[1, 0, 1],
    };
    let mut session = RawSession::open(&simulator, 1, "password").ok().unwrap();
    let mut sign = |command, parts: &[&[u8]]| session.command(command, &parts.concat());
    let id = [0, 7].as_slice();
    let message = b"message";
    let (middle, long) = (Sha384::digest(message), Sha512::digest(message));
    let signature = sign(CommandCode::SIGN_PKCS1, &[id, &middle]).unwrap();
    components
        .verify(&signature::RSA_PKCS1_2048_8192_SHA384, message, &signature)
        .unwrap();
    let signature = sign(CommandCode::SIGN_PKCS1, &[id, &long]).unwrap();
    components
        .verify(&signature::RSA_PKCS1_2048_8192_SHA512, message, &signature)
        .unwrap();
    for (length, error) in [(20, 0x12), (31, 0x08), (0, 0x08)] {
        let refused = sign(CommandCode::SIGN_PKCS1, &[id, &vec![1; length]]);
        assert_eq!(refused.unwrap_err(), error);
    }
    // MGF1 with SHA-384, a salt of 48 octets.
    let signature = sign(CommandCode::SIGN_PSS, &[id, &[34, 0, 48], &middle]).unwrap();
    components
        .verify(&signature::RSA_PSS_2048_8192_SHA384, message, &signature)
        .unwrap();
    for wrong in [[33, 0, 48], [34, 0, 20]] {
        let refused = sign(CommandCode::SIGN_PSS, &[id, &wrong, &middle]);
        assert_eq!(refused.unwrap_err(), 0x02);
    }
    // An RSA key makes no ECDSA signature, whatever its capabilities.
    let refused = sign(CommandCode::SIGN_ECDSA, &[id, &middle]);
    assert_eq!(refused.unwrap_err(), 0x09);
}

#[test]
fn p521_signs_digests() {
    let simulator = simulator();
    let client = client(&simulator);
    generate(&client, 7, Capability::SIGN_ECDSA, Algorithm::EcP521);
    let public = client.get_public_key(7).unwrap().bytes;
    assert_eq!(public.len(), 2 * 66);
    let signed = client
        .sign_ecdsa_prehash_raw(7, Sha512::digest(b"message").as_slice())
        .unwrap();
    let point = [&[4], public.as_slice()].concat();
    signature::UnparsedPublicKey::new(&signature::ECDSA_P521_SHA512_ASN1, point)
        .verify(b"message", &signed)
        .unwrap();
}

#[test]
fn imported_rsa_key_is_completed_from_its_primes() {
    let simulator = simulator();
    let client = client(&simulator);
    let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let key = rsa::RsaPrivateKey::from_pkcs8_der(der.as_ref()).unwrap();
    let [p, q] = key.primes() else {
        panic!("two primes");
    };
    let primes = [p.to_be_bytes(), q.to_be_bytes()].concat();
    let put = |primes: Vec<u8>| {
        client.put_asymmetric_key(
            7,
            label(),
            Domain::DOM1,
            Capability::SIGN_PKCS,
            Algorithm::Rsa2048,
            primes,
        )
    };
    device_error(put(vec![0; 256]));
    device_error(put(vec![0xff; 256]));
    put(primes).unwrap();
    let signed = client.sign_rsa_pkcs1v15_sha256(7, b"message").unwrap();
    let mut expected = vec![0; 256];
    pair.sign(
        &signature::RSA_PKCS1_SHA256,
        &aws_lc_rs::rand::SystemRandom::default(),
        b"message",
        &mut expected,
    )
    .unwrap();
    assert_eq!(signed.as_slice(), expected);
}

#[test]
fn disabled_algorithm_makes_no_key() {
    let simulator = simulator();
    let client = client(&simulator);
    for algorithm in [Algorithm::EcK256, Algorithm::EcBp384, Algorithm::EcP224] {
        let outcome = client.generate_asymmetric_key(
            7,
            label(),
            Domain::DOM1,
            Capability::SIGN_ECDSA,
            algorithm,
        );
        assert_eq!(
            device_error(outcome),
            yubihsm::device::ErrorKind::Unknown { code: 0x12 }
        );
    }
}

#[test]
fn hmac_is_made_and_checked() {
    let simulator = simulator();
    let client = client(&simulator);
    let both = Capability::SIGN_HMAC | Capability::VERIFY_HMAC;
    client
        .put_hmac_key(
            7,
            label(),
            Domain::DOM1,
            both,
            yubihsm::hmac::Algorithm::Sha256,
            [0x0b; 20].to_vec(),
        )
        .unwrap();
    // RFC 4231, test case 1.
    let tag = client.sign_hmac(7, b"Hi There".as_slice()).unwrap();
    let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    assert_eq!(hex::encode(tag.as_slice()), expected);
    client
        .verify_hmac(7, b"Hi There".as_slice(), tag.clone())
        .unwrap();
    client
        .verify_hmac(7, b"Hi there".as_slice(), tag)
        .unwrap_err();
}
