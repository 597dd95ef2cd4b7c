//! The encrypted form of a key in its file.
//!
//! PEM around a PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958 §3) with PBES2: scrypt (RFC 7914 §7) and
//! AES-256-GCM. What is encrypted is not the bare private key but [`Content`], which also names
//! label, role and algorithm: GCM authenticates them with the key, where CBC would let role bits be
//! flipped. OpenSSL cannot read it, and the PEM label does not pretend otherwise.

use aws_lc_rs::rand::SecureRandom;
use der::asn1::{OctetStringRef, Utf8StringRef};
use der::pem::LineEnding;
use der::{Decode, Encode, Sequence};
use pkcs8::pkcs5::{self, pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::key::{SoftwareKey, system_random};
use crate::{Disposition, Error, KeyLabel, SigningKey};

const PEM_LABEL: &str = "KASANE SOFTWARE KEY";

/// scrypt with N = 2^14, r = 8, p = 1: 16 MiB and about 50 ms per key. A start opens about twelve
/// keys, each once.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// A file cannot make us spend more than four times our own cost.
const SCRYPT_MAX_N: u64 = 1 << 16;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;

/// `Content ::= SEQUENCE { version INTEGER, label UTF8String, role UTF8String, algorithm
/// UTF8String, privateKey OCTET STRING }`
#[derive(Sequence)]
struct Content<'a> {
    version: u8,
    label: Utf8StringRef<'a>,
    role: Utf8StringRef<'a>,
    algorithm: Utf8StringRef<'a>,
    private_key: &'a OctetStringRef,
}

const VERSION: u8 = 1;

/// Encrypts a key. Each file has its own salt and nonce.
pub(super) fn seal(key: &SoftwareKey, passphrase: &[u8]) -> Result<String, Error> {
    let label = &key.info().label;
    try_seal(key, passphrase).map_err(|reason| Error::Device {
        backend: "software".to_owned(),
        operation: "encrypt",
        reason: format!("key {label}: {reason}"),
        disposition: Disposition::Stop,
    })
}

fn try_seal(key: &SoftwareKey, passphrase: &[u8]) -> Result<String, String> {
    let info = key.info();
    let pkcs8 = key.to_pkcs8().map_err(|_| "cannot be exported")?;
    let algorithm = info.algorithm.to_string();
    let describe = |error: der::Error| error.to_string();
    let content = Content {
        version: VERSION,
        label: Utf8StringRef::new(info.label.as_str()).map_err(describe)?,
        role: Utf8StringRef::new(info.role.as_str()).map_err(describe)?,
        algorithm: Utf8StringRef::new(&algorithm).map_err(describe)?,
        private_key: OctetStringRef::new(&pkcs8).map_err(describe)?,
    };
    let plain = Zeroizing::new(content.to_der().map_err(describe)?);
    let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_BYTES]);
    let random = system_random();
    random
        .fill(&mut salt)
        .and_then(|()| random.fill(&mut nonce))
        .map_err(|_| "the operating system gives no randomness")?;
    let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).map_err(|e| e.to_string())?;
    let parameters =
        pbes2::Parameters::scrypt_aes256gcm(cost, &salt, nonce).map_err(|e| e.to_string())?;
    let encrypted = parameters
        .encrypt(passphrase, &plain)
        .map_err(|e| e.to_string())?;
    let der = EncryptedPrivateKeyInfo {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&encrypted).map_err(describe)?,
    }
    .to_der()
    .map_err(describe)?;
    der::pem::encode_string(PEM_LABEL, LineEnding::LF, &der).map_err(|e| e.to_string())
}

/// Decrypts the key of `label`.
pub(super) fn open(label: &KeyLabel, pem: &[u8], passphrase: &[u8]) -> Result<SoftwareKey, Error> {
    let damaged = |reason| Error::Damaged {
        label: label.clone(),
        reason,
    };
    let (pem_label, der) = der::pem::decode_vec(pem).map_err(|_| damaged("it is not PEM"))?;
    if pem_label != PEM_LABEL {
        return Err(damaged("the PEM label is not KASANE SOFTWARE KEY"));
    }
    let envelope = EncryptedPrivateKeyInfoRef::from_der(&der)
        .map_err(|_| damaged("it is not an EncryptedPrivateKeyInfo"))?;
    let parameters = acceptable(&envelope.encryption_algorithm)
        .ok_or_else(|| damaged("its encryption is not scrypt with AES-256-GCM of a sane cost"))?;
    let plain = parameters
        .decrypt(passphrase, envelope.encrypted_data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| Error::CannotDecrypt {
            label: label.clone(),
        })?;
    let content = Content::from_der(&plain).map_err(|_| damaged("its content has another form"))?;
    if content.version != VERSION {
        return Err(damaged("its content has another version"));
    }
    if content.label.as_str() != label.as_str() {
        return Err(damaged("it is the file of another key"));
    }
    let role = content
        .role
        .as_str()
        .parse()
        .map_err(|_| damaged("its role does not exist"))?;
    let algorithm = content
        .algorithm
        .as_str()
        .parse()
        .map_err(|_| damaged("its algorithm does not exist"))?;
    SoftwareKey::from_pkcs8(label, role, algorithm, content.private_key.as_bytes())
}

/// The parameters, if they are of the kind that [`seal`] writes and cost about as much.
fn acceptable(scheme: &pkcs5::EncryptionScheme) -> Option<&pbes2::Parameters> {
    let parameters = scheme.pbes2()?;
    let scrypt = parameters.kdf.scrypt()?;
    let sane = scrypt.cost_parameter.is_power_of_two()
        && (2..=SCRYPT_MAX_N).contains(&scrypt.cost_parameter)
        && u32::from(scrypt.block_size) == SCRYPT_R
        && u32::from(scrypt.parallelization) == SCRYPT_P;
    let authenticated = matches!(
        parameters.encryption,
        pbes2::EncryptionScheme::Aes256Gcm { .. }
    );
    (sane && authenticated).then_some(parameters)
}
