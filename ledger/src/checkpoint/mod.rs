//! Checkpoints (C2SP tlog-checkpoint) as signed notes (C2SP signed-note).

mod note;
mod verifier;

pub(crate) use note::is_key_name;
pub use note::{MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, Note, NoteError, NoteSignature};
pub use verifier::{CheckpointVerifier, ed25519_key_id, ed25519_vkey};

use crate::hash::{Hash, TreeHead};

/// Signs checkpoints; the key is elsewhere.
pub trait CheckpointSigner: Send + Sync {
    /// Key name of the signature line; the log's origin by convention.
    fn key_name(&self) -> &str;
    /// Key ID of C2SP signed-note; [`ed25519_key_id`] makes it.
    fn key_id(&self) -> [u8; 4];
    /// Signature over the note text, which ends with a newline.
    ///
    /// # Errors
    /// The reason, for people; nothing is published then.
    fn sign(&self, note_text: &[u8]) -> Result<Vec<u8>, String>;
}

/// The content of a checkpoint's note text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Identity of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root at that size.
    pub root: Hash,
    /// Opaque further lines.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The checkpoint of a tree, without extension lines.
    #[must_use]
    pub fn new(origin: &str, head: TreeHead) -> Self {
        Self {
            origin: origin.to_owned(),
            size: head.size,
            root: head.root,
            extensions: vec![],
        }
    }

    /// The tree that it is for.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: self.root,
        }
    }

    /// The note text: what is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Reads a note text.
    ///
    /// # Errors
    /// [`NoteError::Checkpoint`] when it is not a checkpoint's.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let wrong = |what| NoteError::Checkpoint { what };
        let body = text
            .strip_suffix('\n')
            .ok_or_else(|| wrong("final newline"))?;
        let mut lines = body.split('\n');
        let origin = lines
            .next()
            .filter(|l| !l.is_empty())
            .ok_or_else(|| wrong("origin"))?;
        let size = lines
            .next()
            .and_then(decimal)
            .ok_or_else(|| wrong("tree size"))?;
        let root = lines
            .next()
            .and_then(Hash::from_base64)
            .ok_or_else(|| wrong("root hash"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(wrong("non-empty extension line"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions,
        })
    }
}

/// ASCII decimal without leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || (!text.starts_with('0') && !text.is_empty());
    (canonical && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests;
