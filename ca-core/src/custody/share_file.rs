//! A share as it lies on its custodian's medium.
//!
//! PEM around `ShareFile ::= SEQUENCE { header OCTET STRING, encrypted EncryptedPrivateKeyInfo }`.
//! The header is DER and in the clear; what is encrypted (RFC 5958 §3, PBES2 with scrypt and
//! AES-256-GCM) repeats its SHA-256, so that neither can be exchanged.

use der::asn1::{OctetString, OctetStringRef, Utf8StringRef};
use der::pem::LineEnding;
use der::{Decode, Encode, Sequence};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::share::disturbs;
use super::{CustodyError, Share, ShareHeader};
use crate::random::RandomSource;

/// Largest file that is read.
pub const MAX_SHARE_FILE_BYTES: usize = 16_384;

/// Fewest characters of a passphrase.
pub const MIN_PASSPHRASE_CHARS: usize = 12;

const PEM_LABEL: &str = "KASANE CUSTODY SHARE";
const VERSION: u8 = 1;

/// scrypt with N = 2^17, r = 8, p = 1: 128 MiB and about half a second for each guess.
const SCRYPT_LOG_N: u8 = 17;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

#[derive(Sequence)]
struct Outer<'a> {
    header: &'a OctetStringRef,
    encrypted: EncryptedPrivateKeyInfoRef<'a>,
}

#[derive(Sequence)]
struct Header<'a> {
    version: u8,
    set: Utf8StringRef<'a>,
    index: u8,
    threshold: u8,
    shares: u8,
    role: Utf8StringRef<'a>,
    salt: &'a OctetStringRef,
    checksum: &'a OctetStringRef,
}

#[derive(Sequence)]
struct Content<'a> {
    header_sha256: &'a OctetStringRef,
    share: &'a OctetStringRef,
}

/// A share file that was read and is not opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareFile {
    /// What may be known of the share.
    pub header: ShareHeader,
    header_der: Vec<u8>,
    pub(super) encrypted: Vec<u8>,
}

impl ShareFile {
    /// Encrypts a share under its custodian's passphrase; the file's text.
    ///
    /// # Errors
    /// [`CustodyError::PassphraseShort`], [`CustodyError::Random`] or [`CustodyError::Failed`].
    pub fn seal(
        share: &Share,
        passphrase: &str,
        random: &dyn RandomSource,
    ) -> Result<String, CustodyError> {
        let chars = passphrase.chars().count();
        if chars < MIN_PASSPHRASE_CHARS {
            return Err(CustodyError::PassphraseShort { chars });
        }
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        random.fill(&mut salt)?;
        random.fill(&mut nonce)?;
        let header = header_der(&share.header).map_err(|_| failed("encoding a share"))?;
        let content =
            encode_content(&header, &share.octets).map_err(|_| failed("encoding a share"))?;
        let parameters = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
            .ok()
            .and_then(|cost| pbes2::Parameters::scrypt_aes256gcm(cost, &salt, nonce).ok())
            .ok_or_else(|| failed("encrypting a share"))?;
        let encrypted = parameters
            .encrypt(passphrase, &content)
            .map_err(|_| failed("encrypting a share"))?;
        let file = || -> Result<String, der::Error> {
            let encrypted = EncryptedPrivateKeyInfo {
                encryption_algorithm: parameters.into(),
                encrypted_data: OctetString::new(encrypted)?,
            }
            .to_der()?;
            let outer = Outer {
                header: OctetStringRef::new(&header)?,
                encrypted: EncryptedPrivateKeyInfoRef::from_der(&encrypted)?,
            };
            let text = der::pem::encode_string(PEM_LABEL, LineEnding::LF, &outer.to_der()?);
            text.map_err(der::Error::from)
        };
        file().map_err(|_| failed("encoding a share"))
    }

    /// Reads a file; its passphrase is not needed yet.
    ///
    /// # Errors
    /// [`CustodyError::NotAShare`].
    pub fn read(text: &[u8]) -> Result<Self, CustodyError> {
        let not = |reason| CustodyError::NotAShare { reason };
        if text.len() > MAX_SHARE_FILE_BYTES {
            return Err(not("it is too large"));
        }
        let (label, der) = der::pem::decode_vec(text).map_err(|_| not("it is not PEM"))?;
        if label != PEM_LABEL {
            return Err(not("the PEM label is not KASANE CUSTODY SHARE"));
        }
        let outer = Outer::from_der(&der).map_err(|_| not("its content has another form"))?;
        let header_der = outer.header.as_bytes().to_vec();
        let header = Header::from_der(&header_der).map_err(|_| not("its header is damaged"))?;
        if header.version != VERSION {
            return Err(not("it is of another version"));
        }
        // Both are shown at a terminal, before any passphrase proves where the file is from.
        let shown = [header.set.as_str(), header.role.as_str()];
        if shown.iter().any(|text| text.chars().any(disturbs)) {
            return Err(not("its set or role has control characters"));
        }
        let header = ShareHeader {
            set: header.set.as_str().to_owned(),
            index: header.index,
            threshold: header.threshold,
            shares: header.shares,
            role: header.role.as_str().to_owned(),
            salt: header.salt.as_bytes().to_vec(),
            checksum: header.checksum.as_bytes().to_vec(),
        };
        let encrypted = outer.encrypted.to_der();
        Ok(Self {
            header,
            header_der,
            encrypted: encrypted.map_err(|_| not("its content has another form"))?,
        })
    }

    /// Opens it with the custodian's passphrase.
    ///
    /// # Errors
    /// [`CustodyError::DoesNotOpen`]; [`CustodyError::NotAShare`] for encryption of another kind.
    pub fn open(&self, passphrase: &str) -> Result<Share, CustodyError> {
        let not = |reason| CustodyError::NotAShare { reason };
        let closed = || CustodyError::DoesNotOpen {
            set: self.header.set.clone(),
            index: self.header.index,
            role: self.header.role.clone(),
        };
        let info = EncryptedPrivateKeyInfoRef::from_der(&self.encrypted)
            .map_err(|_| not("its content has another form"))?;
        let parameters = info.encryption_algorithm.pbes2();
        // A file cannot make us spend more than what this program spends itself.
        let sane = parameters.is_some_and(|it| {
            let gcm = matches!(it.encryption, pbes2::EncryptionScheme::Aes256Gcm { .. });
            gcm && it.kdf.scrypt().is_some_and(|cost| {
                cost.cost_parameter == 1 << SCRYPT_LOG_N
                    && u32::from(cost.block_size) == SCRYPT_R
                    && u32::from(cost.parallelization) == SCRYPT_P
            })
        });
        let parameters = parameters
            .filter(|_| sane)
            .ok_or_else(|| not("its encryption is not what this program writes"))?;
        let plain = parameters
            .decrypt(passphrase, info.encrypted_data.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| closed())?;
        let content = Content::from_der(&plain).map_err(|_| closed())?;
        if content.header_sha256.as_bytes() != Sha256::digest(&self.header_der).as_slice()
            || content.share.as_bytes().first() != Some(&self.header.index)
        {
            return Err(not("its header was exchanged"));
        }
        Ok(Share {
            header: self.header.clone(),
            octets: Zeroizing::new(content.share.as_bytes().to_vec()),
        })
    }
}

fn header_der(header: &ShareHeader) -> Result<Vec<u8>, der::Error> {
    Header {
        version: VERSION,
        set: Utf8StringRef::new(&header.set)?,
        index: header.index,
        threshold: header.threshold,
        shares: header.shares,
        role: Utf8StringRef::new(&header.role)?,
        salt: OctetStringRef::new(&header.salt)?,
        checksum: OctetStringRef::new(&header.checksum)?,
    }
    .to_der()
}

fn encode_content(header: &[u8], share: &[u8]) -> Result<Zeroizing<Vec<u8>>, der::Error> {
    let digest = Sha256::digest(header);
    let content = Content {
        header_sha256: OctetStringRef::new(&digest)?,
        share: OctetStringRef::new(share)?,
    };
    Ok(Zeroizing::new(content.to_der()?))
}

const fn failed(operation: &'static str) -> CustodyError {
    CustodyError::Failed { operation }
}
