//! Requests that must be refused, each for one reason.

use std::fs;
use std::path::Path;

use crate::sample::{FACILITY, Key};
use crate::tools::{Tool, succeed};

/// A facility whose check digit is right and that nobody registered.
pub const STRANGER: &str = "2710000015";

/// A request that must be refused.
#[derive(Clone, Debug)]
pub struct BadRequest {
    /// What is wrong with it.
    pub name: &'static str,
    /// The request, DER or whatever it is.
    pub csr: Vec<u8>,
    /// The profile asked for.
    pub profile: &'static str,
    /// The facility named by whoever hands it in.
    pub facility: &'static str,
    /// The stable code of the refusal.
    pub code: &'static str,
}

/// Every one. Keys that no sane library makes come from OpenSSL, in `folder`; without OpenSSL those
/// are left out.
///
/// # Panics
/// When one cannot be made.
#[must_use]
pub fn every(folder: &Path) -> Vec<BadRequest> {
    let p384 = Key::P384.generate();
    let rsa = Key::Rsa2048.generate();
    let plain = request(&p384, &[]);
    let ecc = |name, csr, code| BadRequest {
        name,
        csr,
        profile: "terminal-ecc",
        facility: FACILITY,
        code,
    };
    let long_names: Vec<Vec<u8>> = (0..1_000)
        .map(|number| {
            tlv(
                0x86,
                format!("https://id.kasane.example/x/{number}").as_bytes(),
            )
        })
        .collect();
    let alt_names = |names: &[Vec<u8>]| extension(SUBJECT_ALT_NAME, &tlv(0x30, &names.concat()));
    let other_uri = tlv(0x86, b"https://id.kasane.example/facility/2710000015/1");
    let basic = extension(BASIC_CONSTRAINTS, &tlv(0x30, &[]));
    let mut bad = vec![
        ecc("garbage", vec![0xFF; 300], "csr.not-der"),
        ecc("nothing", Vec::new(), "csr.empty"),
        ecc(
            "truncated",
            plain[..plain.len() - 20].to_vec(),
            "csr.truncated",
        ),
        ecc(
            "bytes after the end",
            [&plain[..], &[0]].concat(),
            "csr.trailing-data",
        ),
        ecc("10 MB", vec![0x30; 10_000_000], "csr.too-large"),
        ecc(
            "wrong signature",
            wrong_signature(&p384),
            "csr.signature-invalid",
        ),
        BadRequest {
            profile: "terminal-rsa",
            ..ecc(
                "even exponent",
                even_exponent(&request(&rsa, &[])),
                "key.rsa-exponent-even",
            )
        },
        ecc(
            "point off the curve",
            off_the_curve(&plain, &p384),
            "key.point-not-on-curve",
        ),
        ecc(
            "RSA key for an ECC profile",
            request(&rsa, &[]),
            "key.not-of-profile",
        ),
        ecc(
            "duplicated extension",
            request(&p384, &[basic.clone(), basic]),
            "csr.extension-duplicated",
        ),
        ecc(
            "unknown extension",
            request(&p384, &[extension(&[0x2A, 0x03, 0x04], &tlv(0x05, &[]))]),
            "csr.extension-unknown",
        ),
        ecc(
            "another facility's name",
            request(&p384, &[alt_names(&[other_uri])]),
            "csr.name-mismatch",
        ),
        ecc(
            "another facility's subject",
            named("2710000015-1", &p384),
            "csr.subject-mismatch",
        ),
        ecc(
            "1,000 names",
            request(&p384, &[alt_names(&long_names)]),
            "csr.too-many-names",
        ),
        BadRequest {
            facility: STRANGER,
            ..ecc("unknown facility", plain.clone(), "facility.unknown")
        },
        BadRequest {
            facility: "1312345670",
            ..ecc("bad check digit", plain.clone(), "facility.bad-check-digit")
        },
        BadRequest {
            profile: "terminal-x",
            ..ecc("unknown profile", plain.clone(), "profile.unknown")
        },
        BadRequest {
            profile: "issuing-rsa",
            ..ecc("a CA's profile", plain, "profile.not-for-subject")
        },
    ];
    if Tool::OpenSsl
        .or_skip("requests with RSA-1024, P-224 and explicit curves")
        .is_some()
    {
        let rsa_1024 = openssl(folder, &["rsa:1024"]);
        bad.push(BadRequest {
            profile: "terminal-rsa",
            ..ecc("RSA-1024", rsa_1024, "key.rsa-too-short")
        });
        let p224 = openssl(folder, &["ec", "-pkeyopt", "ec_paramgen_curve:P-224"]);
        bad.push(ecc("P-224", p224, "key.curve-unsupported"));
        let explicit = openssl(
            folder,
            &[
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-384",
                "-pkeyopt",
                "ec_param_enc:explicit",
            ],
        );
        bad.push(ecc(
            "explicit EC parameters",
            explicit,
            "key.curve-explicit",
        ));
    }
    bad
}

/// A request with an empty subject that asks for `extensions`.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn request(key: &rcgen::KeyPair, extensions: &[Vec<u8>]) -> Vec<u8> {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let mut attributes = Vec::new();
    if !extensions.is_empty() {
        attributes.push(rcgen::Attribute {
            oid: EXTENSION_REQUEST,
            values: tlv(0x31, &tlv(0x30, &extensions.concat())),
        });
    }
    let csr = params
        .serialize_request_with_attributes(key, attributes)
        .unwrap();
    csr.der().to_vec()
}

/// An `Extension` (RFC 5280 §4.1), not critical.
#[must_use]
pub fn extension(oid: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x06, oid), tlv(0x04, value)].concat())
}

/// One DER element with a short tag.
///
/// # Panics
/// When `content` is longer than 65,535 bytes.
#[must_use]
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let mut bytes = match length {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    bytes.extend(content);
    bytes
}

fn named(common_name: &str, key: &rcgen::KeyPair) -> Vec<u8> {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, common_name);
    params.serialize_request(key).unwrap().der().to_vec()
}

/// The request of one key with the signature of another: well-formed, and no proof of anything.
fn wrong_signature(key: &rcgen::KeyPair) -> Vec<u8> {
    let own_key = key.public_key_raw();
    let mut csr = request(&Key::P384.generate(), &[]);
    let at = csr
        .windows(2)
        .position(|window| window == [0x00, 0x04])
        .unwrap()
        + 1;
    csr[at..at + own_key.len()].copy_from_slice(own_key);
    csr
}

fn even_exponent(csr: &[u8]) -> Vec<u8> {
    replace(
        csr,
        &[0x02, 0x03, 0x01, 0x00, 0x01],
        &[0x02, 0x03, 0x01, 0x00, 0x02],
    )
}

fn off_the_curve(csr: &[u8], key: &rcgen::KeyPair) -> Vec<u8> {
    let point = key.public_key_raw();
    let mut moved = point.to_vec();
    *moved.last_mut().unwrap() ^= 1;
    replace(csr, point, &moved)
}

fn replace(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes
        .windows(old.len())
        .position(|window| window == old)
        .unwrap();
    let mut replaced = bytes.to_vec();
    replaced[at..at + old.len()].copy_from_slice(new);
    replaced
}

fn openssl(folder: &Path, key: &[&str]) -> Vec<u8> {
    let out = folder.join("openssl.csr");
    let mut command = Tool::OpenSsl.command();
    command.args([
        "req", "-new", "-nodes", "-sha256", "-subj", "/", "-outform", "DER", "-keyout",
    ]);
    command
        .arg(folder.join("openssl.key"))
        .arg("-out")
        .arg(&out)
        .arg("-newkey")
        .args(key);
    let _ = succeed(&format!("openssl req {key:?}"), &command.output().unwrap());
    fs::read(out).unwrap()
}

/// PKCS#9 extensionRequest (RFC 2985 §5.4.2).
const EXTENSION_REQUEST: &[u64] = &[1, 2, 840, 113_549, 1, 9, 14];
/// id-ce-subjectAltName, content octets.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];
/// id-ce-basicConstraints, content octets.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
