//! Verification of a checkpoint's Ed25519 signature.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::checkpoint::note::is_key_name;
use crate::checkpoint::{Checkpoint, Note, NoteError};

/// Signature type of Ed25519 (C2SP signed-note, "Signature types").
const ED25519_TYPE: u8 = 0x01;

/// A trusted log key: `name+hexid+base64(0x01 || key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointVerifier {
    name: String,
    key_id: [u8; 4],
    public_key: [u8; 32],
}

/// Key ID of an Ed25519 note key (C2SP signed-note, "Ed25519 signatures").
#[must_use]
pub fn ed25519_key_id(name: &str, public_key: &[u8; 32]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519_TYPE])
        .chain_update(public_key)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// The verifier key as text: `name+hexid+base64(0x01 || key)`.
#[must_use]
pub fn ed25519_vkey(name: &str, public_key: &[u8; 32]) -> String {
    let id = u32::from_be_bytes(ed25519_key_id(name, public_key));
    let key = [&[ED25519_TYPE][..], public_key].concat();
    format!("{name}+{id:08x}+{}", STANDARD.encode(key))
}

impl CheckpointVerifier {
    /// A verifier for a raw Ed25519 public key (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name cannot stand in a note.
    pub fn new(name: &str, public_key: [u8; 32]) -> Result<Self, NoteError> {
        if !is_key_name(name) {
            return Err(NoteError::Key {
                what: "its name has spaces, plus signs or is empty",
            });
        }
        let key_id = ed25519_key_id(name, &public_key);
        Ok(Self {
            name: name.to_owned(),
            key_id,
            public_key,
        })
    }

    /// Reads a verifier key from its text form.
    ///
    /// # Errors
    /// [`NoteError::Key`] says what is wrong, such as an ID that is not the key's.
    pub fn from_vkey(vkey: &str) -> Result<Self, NoteError> {
        let wrong = |what| NoteError::Key { what };
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("want name+id+key"));
        };
        if key.len() != 44 {
            return Err(wrong("the key must be 33 bytes in base64"));
        }
        let bytes = STANDARD
            .decode(key)
            .map_err(|_| wrong("the key is not base64"))?;
        let key = match bytes.split_first() {
            Some((&ED25519_TYPE, key)) => key
                .try_into()
                .map_err(|_| wrong("the key must be 32 bytes"))?,
            _ => return Err(wrong("the key is not of type Ed25519")),
        };
        let verifier = Self::new(name, key)?;
        if id != format!("{:08x}", u32::from_be_bytes(verifier.key_id)) {
            return Err(wrong("the id is not the key's"));
        }
        Ok(verifier)
    }

    /// Key name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Key ID, which begins each of its signature lines.
    #[must_use]
    pub const fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Text form of the key.
    #[must_use]
    pub fn vkey(&self) -> String {
        ed25519_vkey(&self.name, &self.public_key)
    }

    /// Reads a signed checkpoint and verifies that this key signed it.
    ///
    /// # Errors
    /// [`NoteError`] says what is wrong. One good signature does not make up for a wrong one by the
    /// same key.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let note = Note::parse(note)?;
        let mut signed = false;
        for line in &note.signatures {
            // C2SP signed-note: signatures by unknown keys are ignored.
            if line.name != self.name || line.key_id != self.key_id {
                continue;
            }
            UnparsedPublicKey::new(&ED25519, &self.public_key)
                .verify(note.text.as_bytes(), &line.signature)
                .map_err(|_| NoteError::Signature {
                    name: self.name.clone(),
                })?;
            signed = true;
        }
        if !signed {
            return Err(NoteError::Unsigned {
                name: self.name.clone(),
            });
        }
        Checkpoint::from_text(&note.text)
    }
}
