//! Form, limits and proof of possession.

use proptest::prelude::*;
use rcgen::KeyPair as TerminalKey;

use super::*;

/// PKCS#9 challengePassword and Microsoft's operating system version: what tools add unasked.
const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";
const MICROSOFT_OS_VERSION: &str = "1.3.6.1.4.1.311.13.2.3";

#[test]
fn requests_of_every_algorithm_are_read() {
    for (algorithm, expected, signature) in [
        (
            &rcgen::PKCS_ECDSA_P256_SHA256,
            kasane_verify::KeyAlgorithm::P256,
            SignatureAlgorithm::EcdsaSha256,
        ),
        (
            &rcgen::PKCS_ECDSA_P384_SHA384,
            kasane_verify::KeyAlgorithm::P384,
            SignatureAlgorithm::EcdsaSha384,
        ),
        (
            &rcgen::PKCS_RSA_SHA256,
            kasane_verify::KeyAlgorithm::RSA_2048,
            SignatureAlgorithm::RsaPkcs1Sha256,
        ),
        (
            &rcgen::PKCS_RSA_SHA512,
            kasane_verify::KeyAlgorithm::RSA_2048,
            SignatureAlgorithm::RsaPkcs1Sha512,
        ),
    ] {
        let key = TerminalKey::generate_for(algorithm).unwrap();
        let csr = terminal_request(&key);
        let request = parse(csr.der()).unwrap();
        assert_eq!(request.key().algorithm(), expected);
        assert_eq!(request.signature_algorithm(), signature);
        assert_eq!(request.der(), csr.der().as_ref());
        assert_eq!(request.subject().to_string(), "CN=1312345679-1");
        assert_eq!(request.subject_der(), request.subject().to_der().unwrap());
        assert_eq!(request.subject_alt_names(), [dns("a.example.jp")]);
        assert_eq!(
            request.sha256(),
            <[u8; 32]>::from(Sha256::digest(csr.der()))
        );
    }
}

#[test]
fn every_truncation_is_noticed() {
    let csr = terminal_request(&TerminalKey::generate().unwrap());
    let der = csr.der();
    for length in 1..der.len() {
        assert_eq!(code(&der[..length]), "csr.truncated", "{length}");
    }
    let pem = csr.pem().unwrap();
    for length in "-----BEGIN C".len()..pem.find("-----END").unwrap() {
        assert_eq!(code(&pem.as_bytes()[..length]), "csr.truncated", "{length}");
    }
}

#[test]
fn large_input_is_refused_unread() {
    assert_eq!(code(&vec![0x30; 10_000_000]), "csr.too-large");
    assert_eq!(code(&vec![b'-'; MAX_INPUT_BYTES + 1]), "csr.too-large");
    assert_ne!(code(&vec![b'-'; MAX_INPUT_BYTES]), "csr.too-large");
}

#[test]
fn every_flipped_bit_is_noticed() {
    let der = Draft::with_names(&[dns("a.example.jp")]).der();
    assert!(parse(&der).is_ok());
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(parse(&changed).is_err(), "{place}");
    }
}

#[test]
fn signature_of_another_key_or_request_is_refused() {
    let mut draft = Draft::new();
    draft.spki = Draft::new().spki;
    assert_eq!(draft.code(), "csr.signature-invalid");
    let draft = Draft::new();
    let (mut der, info) = (draft.der(), draft.info());
    let last = der.len() - 1;
    der[last] ^= 1;
    assert_eq!(code(&der), "csr.signature-invalid");
    // An honest signature by the same key, over another request.
    let mut other = Draft {
        subject: subject("CN=other"),
        ..Draft::new()
    };
    (other.spki, other.key) = (draft.spki.clone(), draft.key);
    let signed = other.der();
    let forged = tlv(
        Tag::Sequence,
        &[&info, tail(&signed, &other.info())].concat(),
    );
    assert_eq!(code(&forged), "csr.signature-invalid");
}

/// What follows `info` in `der`: algorithm and signature.
fn tail<'a>(der: &'a [u8], info: &[u8]) -> &'a [u8] {
    let start = der
        .windows(info.len())
        .position(|octets| octets == info)
        .unwrap();
    &der[start + info.len()..]
}

fn subject(text: &str) -> Vec<u8> {
    text.parse::<Name>().unwrap().to_der().unwrap()
}

/// The signature covers the octets as sent; a re-encoding would sort these and break it.
#[test]
fn unsorted_attributes_do_not_break_proof_of_possession() {
    let password = attribute(oid(CHALLENGE_PASSWORD), &tlv(Tag::Utf8String, b"secret"));
    let version = attribute(
        oid(MICROSOFT_OS_VERSION),
        &tlv(Tag::Ia5String, b"10.0.19044.2"),
    );
    let names = extension_request(&[]);
    for attributes in [
        vec![version.clone(), names.clone(), password.clone()],
        vec![names.clone(), password.clone(), version.clone()],
        vec![password, version, names],
    ] {
        let request = Draft::with_attributes(attributes).parse().unwrap();
        assert!(request.extensions().is_empty());
    }
}

#[test]
fn missing_attributes_have_their_own_error() {
    let draft = Draft {
        attributes: None,
        ..Draft::new()
    };
    assert_eq!(draft.code(), "csr.attributes-missing");
    assert!(Draft::new().parse().is_ok());
}

#[test]
fn attributes_are_limited_and_distinct() {
    let numbered = |i| attribute(oid(&format!("1.2.3.{i}")), &[]);
    let many = |count| Draft::with_attributes((0..count).map(numbered).collect());
    assert!(many(MAX_ATTRIBUTES).parse().is_ok());
    assert_eq!(many(MAX_ATTRIBUTES + 1).code(), "csr.too-many-attributes");
    assert_eq!(
        Draft::with_attributes(vec![numbered(1), numbered(1)]).code(),
        "csr.attribute-duplicated"
    );
    let twice = Draft::with_attributes(vec![extension_request(&[]), extension_request(&[])]);
    assert_eq!(twice.code(), "csr.attribute-duplicated");
    let request = |values: &[u8]| {
        Draft::with_attributes(vec![attribute(rfc5912::ID_EXTENSION_REQ, values)]).code()
    };
    assert_eq!(request(&[]), "csr.extension-request-values");
    assert_eq!(
        request(&[0x30, 0x00, 0x30, 0x00]),
        "csr.extension-request-values"
    );
    assert_eq!(request(&[0x04, 0x00]), "csr.malformed");
    let no_set = tlv(
        Tag::Sequence,
        &[oid("1.2.3").to_der().unwrap(), vec![0x30, 0x00]].concat(),
    );
    assert_eq!(Draft::with_attributes(vec![no_set]).code(), "csr.malformed");
}

#[test]
fn extensions_and_names_are_limited_and_distinct() {
    let numbered = |i| extension(oid(&format!("1.2.3.{i}")), &[]);
    let many = |count| Draft::with_extensions(&(0..count).map(numbered).collect::<Vec<_>>());
    assert_eq!(
        many(MAX_EXTENSIONS).parse().unwrap().extensions().len(),
        MAX_EXTENSIONS
    );
    assert_eq!(many(MAX_EXTENSIONS + 1).code(), "csr.too-many-extensions");
    let twice = Draft::with_extensions(&[numbered(1), numbered(2), numbered(1)]);
    assert_eq!(twice.code(), "csr.extension-duplicated");
    // Also when the two come in the two spellings of the extension request.
    let one = vec![numbered(1)].to_der().unwrap();
    let spellings = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"];
    let both = spellings.map(|text| attribute(oid(text), &one));
    assert_eq!(
        Draft::with_attributes(both.to_vec()).code(),
        "csr.extension-duplicated"
    );

    let names = |count| {
        Draft::with_names(
            &(0..count)
                .map(|i| dns(&format!("h{i}.example.jp")))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        names(MAX_NAMES).parse().unwrap().subject_alt_names().len(),
        MAX_NAMES
    );
    assert_eq!(names(MAX_NAMES + 1).code(), "csr.too-many-names");
    assert_eq!(names(1000).code(), "csr.too-many-names");
    let broken = Draft::with_extensions(&[extension(ID_CE_SUBJECT_ALT_NAME, &[0x30, 0x01])]);
    assert_eq!(broken.code(), "csr.names-malformed");
}

#[test]
fn weak_and_unknown_signature_algorithms_are_told_apart() {
    let with = |text: &str, parameters| {
        let algorithm = AlgorithmIdentifierOwned {
            oid: oid(text),
            parameters,
        };
        Draft {
            algorithm,
            ..Draft::new()
        }
        .code()
    };
    for weak in [
        "1.2.840.113549.1.1.5",
        "1.2.840.113549.1.1.4",
        "1.2.840.10045.4.1",
        "1.3.14.3.2.29",
    ] {
        assert_eq!(with(weak, None), "csr.weak-digest", "{weak}");
    }
    // RSASSA-PSS, Ed448, ecdsa-with-SHA3-256.
    for unknown in [
        "1.2.840.113549.1.1.10",
        "1.3.101.113",
        "2.16.840.1.101.3.4.3.10",
    ] {
        assert_eq!(
            with(unknown, None),
            "csr.algorithm-unsupported",
            "{unknown}"
        );
    }
    let (ecdsa_sha384, rsa_sha256, ed25519) = (
        "1.2.840.10045.4.3.3",
        "1.2.840.113549.1.1.11",
        "1.3.101.112",
    );
    assert_eq!(
        with(ecdsa_sha384, Some(Any::null())),
        "csr.algorithm-parameters"
    );
    assert_eq!(
        with(rsa_sha256, Some(Any::null())),
        "csr.algorithm-mismatch"
    );
    assert_eq!(with(rsa_sha256, None), "csr.algorithm-mismatch");
    assert_eq!(with(ed25519, None), "csr.algorithm-mismatch");
    // SHA-256 under a signature that is over SHA-384.
    assert_eq!(with("1.2.840.10045.4.3.2", None), "csr.signature-invalid");
}

#[test]
fn unfit_keys_are_refused_with_the_code_of_the_key() {
    let mut draft = Draft::new();
    *draft.spki.last_mut().unwrap() ^= 1;
    assert_eq!(draft.code(), "key.point-not-on-curve");
    let rsa_1024 = "30819f300d06092a864886f70d010101050003818d0030818902818100".to_owned()
        + &"ff".repeat(128)
        + "0203010001";
    let draft = Draft {
        spki: hex::decode(rsa_1024).unwrap(),
        ..Draft::new()
    };
    assert_eq!(draft.code(), "key.rsa-too-short");
    let draft = Draft {
        spki: tlv(Tag::Sequence, &[]),
        ..Draft::new()
    };
    assert_eq!(draft.code(), "key.malformed");
}

#[test]
fn only_version_one_exists() {
    let draft = Draft {
        version: 1,
        ..Draft::new()
    };
    assert_eq!(draft.code(), "csr.version-unsupported");
}

#[test]
fn debug_output_is_short() {
    let printed = format!("{:?}", Draft::new().parse().unwrap());
    assert!(
        printed.len() < 300 && printed.contains("sha256"),
        "{printed}"
    );
}

proptest! {
    #[test]
    fn no_octets_make_the_parser_panic(
        octets in prop::collection::vec(any::<u8>(), 0..300),
        attributes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let _ = parse(&octets);
        let _ = parse(&tlv(Tag::Sequence, &octets));
        let _ = attributes::read(&attributes);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(-----BEGIN [A-Z ]{0,20}-----)?\\PC{0,80}(-----END)?") {
        prop_assert!(parse(text.as_bytes()).is_err());
    }
}
