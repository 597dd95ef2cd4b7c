use super::*;
use rcgen::{KeyPair, PublicKeyData};

fn p256() -> Vec<u8> {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
        .unwrap()
        .subject_public_key_info()
}

#[test]
fn uncompressed_named_curve_is_read() {
    let der = p256();
    let info = PublicKeyInfo::from_der(&der).unwrap();
    assert_eq!(info.algorithm(), KeyAlgorithm::P256);
    assert_eq!(info.key_bytes(), &der[der.len() - 65..]);
    assert_eq!(key_bytes(&der).unwrap(), info.key_bytes());
}

#[test]
fn compressed_point_is_refused_by_name() {
    let mut der = p256();
    let x = der[der.len() - 64..der.len() - 32].to_vec();
    der.truncate(der.len() - 65);
    der.push(2);
    der.extend_from_slice(&x);
    der[1] -= 32;
    let bits = der.len() - 33 - 2;
    der[bits] -= 32;
    assert_eq!(
        PublicKeyInfo::from_der(&der),
        Err(SpkiError::CompressedPoint(KeyAlgorithm::P256))
    );
}

#[test]
fn explicit_curve_parameters_are_refused() {
    // AlgorithmIdentifier { id-ecPublicKey, SEQUENCE {} }
    let der = hex::decode("3011300b06072a8648ce3d02013000030200 04".replace(' ', "")).unwrap();
    assert_eq!(
        PublicKeyInfo::from_der(&der),
        Err(SpkiError::Parameters("a named curve"))
    );
}

#[test]
fn rsa_without_null_and_with_even_exponent_is_refused() {
    let without_null =
        hex::decode("3016300b06092a864886f70d0101010307003004020111 0200".replace(' ', ""));
    assert!(PublicKeyInfo::from_der(&without_null.unwrap()).is_err());
    let even =
        hex::decode("301a300d06092a864886f70d010101050003090030060201110201 04".replace(' ', ""));
    assert_eq!(
        PublicKeyInfo::from_der(&even.unwrap()),
        Err(SpkiError::RsaExponent)
    );
    let tiny =
        hex::decode("301a300d06092a864886f70d010101050003090030060201110201 03".replace(' ', ""));
    assert_eq!(
        PublicKeyInfo::from_der(&tiny.unwrap()).map(|info| info.algorithm()),
        Ok(KeyAlgorithm::Rsa { bits: 5 })
    );
}

#[test]
fn rsa_exponent_has_at_most_33_bits() {
    // RSAPublicKey { 17, e }, its lengths filled in.
    let with = |exponent: &str| {
        let octets = exponent.len() / 2;
        let key = format!("30{:02x}02011102{octets:02x}{exponent}", 5 + octets);
        let bits = format!("03{:02x}00{key}", 8 + octets);
        let spki = format!("30{:02x}300d06092a864886f70d0101010500{bits}", 25 + octets);
        PublicKeyInfo::from_der(&hex::decode(spki).unwrap()).map(|info| info.algorithm())
    };
    for exponent in ["03", "010001", "00ffffffff", "0100000001", "01ffffffff"] {
        assert_eq!(
            with(exponent),
            Ok(KeyAlgorithm::Rsa { bits: 5 }),
            "{exponent}"
        );
    }
    for exponent in ["00", "01", "02", "0200000001", "03ffffffff", "010000000001"] {
        assert_eq!(with(exponent), Err(SpkiError::RsaExponent), "{exponent}");
    }
}
