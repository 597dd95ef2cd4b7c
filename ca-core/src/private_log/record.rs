//! One record: sealed under its subject's key, committed to in the ledger.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::PrivateError;
use crate::Error;
use crate::random::RandomSource;

/// Largest plaintext: a letter or a few contacts.
const MAX_PLAINTEXT_BYTES: usize = 16_384;

/// Octets of the salt that keeps a commitment from being guessed.
const SALT_BYTES: usize = 32;

/// A sealed record and the commitment to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Nonce, then AES-256-GCM of salt and plaintext; the subject is the associated data.
    pub bytes: Vec<u8>,
    /// SHA-256 of salt and plaintext.
    pub commitment: [u8; 32],
}

/// Seals `plaintext` for `subject`.
///
/// # Errors
/// [`PrivateError::TooLarge`], or no random bytes.
pub fn seal(
    key: &[u8; 32],
    subject: &str,
    plaintext: &[u8],
    random: &dyn RandomSource,
) -> Result<Sealed, Error> {
    if plaintext.len() > MAX_PLAINTEXT_BYTES {
        return Err(PrivateError::TooLarge {
            bytes: plaintext.len(),
        }
        .into());
    }
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce)?;
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt)?;
    let mut salted = Zeroizing::new(Vec::with_capacity(SALT_BYTES + plaintext.len() + 16));
    salted.extend_from_slice(&salt);
    salted.extend_from_slice(plaintext);
    let commitment = Sha256::digest(&salted[..]).into();
    let aad = Aad::from(subject.as_bytes());
    cipher(key, subject)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *salted)
        .map_err(|_| damaged(subject))?;
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(&salted);
    Ok(Sealed { bytes, commitment })
}

/// Opens a sealed record and checks it against its commitment.
///
/// # Errors
/// [`PrivateError::Damaged`].
pub fn open(
    key: &[u8; 32],
    subject: &str,
    sealed: &[u8],
    commitment: &[u8],
) -> Result<Zeroizing<Vec<u8>>, PrivateError> {
    let (nonce, ciphertext) = sealed
        .split_at_checked(NONCE_LEN)
        .ok_or_else(|| damaged(subject))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged(subject))?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let salted = cipher(key, subject)?
        .open_in_place(nonce, Aad::from(subject.as_bytes()), &mut buffer[..])
        .map_err(|_| damaged(subject))?;
    if Sha256::digest(&*salted).as_slice() != commitment {
        return Err(damaged(subject));
    }
    let plaintext = salted.get(SALT_BYTES..).ok_or_else(|| damaged(subject))?;
    Ok(Zeroizing::new(plaintext.to_vec()))
}

fn cipher(key: &[u8; 32], subject: &str) -> Result<LessSafeKey, PrivateError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| damaged(subject))?;
    Ok(LessSafeKey::new(key))
}

fn damaged(subject: &str) -> PrivateError {
    PrivateError::Damaged {
        subject: subject.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn sealed_record_opens_for_its_subject_only() {
        let sealed = seal(&KEY, "operator/hanako", b"hanako@example.jp", &SystemRandom).unwrap();
        let opened = open(&KEY, "operator/hanako", &sealed.bytes, &sealed.commitment).unwrap();
        assert_eq!(&opened[..], b"hanako@example.jp");
        assert!(open(&KEY, "operator/taro", &sealed.bytes, &sealed.commitment).is_err());
        assert!(
            open(
                &[8; 32],
                "operator/hanako",
                &sealed.bytes,
                &sealed.commitment
            )
            .is_err()
        );
    }

    #[test]
    fn changed_commitment_is_noticed() {
        let sealed = seal(&KEY, "operator/hanako", b"x", &SystemRandom).unwrap();
        assert!(open(&KEY, "operator/hanako", &sealed.bytes, &[0; 32]).is_err());
    }

    #[test]
    fn same_text_commits_differently_each_time() {
        let first = seal(&KEY, "a", b"x", &SystemRandom).unwrap();
        assert_ne!(
            first.commitment,
            seal(&KEY, "a", b"x", &SystemRandom).unwrap().commitment
        );
    }
}
