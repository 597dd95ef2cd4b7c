//! Signed notes (C2SP signed-note).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest note read: 16 post-quantum signatures of 5 kB as the standard asks, with room.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// Most signatures read; C2SP signed-note asks for at least 16.
pub const MAX_NOTE_SIGNATURES: usize = 64;

const DASH: &str = "\u{2014} ";

/// A parsed signed note; nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Text with its final newline: what is signed.
    pub text: String,
    /// Signature lines in order.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Key name.
    pub name: String,
    /// Key ID.
    pub key_id: [u8; 4],
    /// Signature bytes after the key ID.
    pub signature: Vec<u8>,
}

/// Why a note or checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too long.
    #[error("note has {length_bytes} bytes, the limit is {limit_bytes}")]
    Long {
        /// Length of the note.
        length_bytes: usize,
        /// Greatest length read.
        limit_bytes: usize,
    },
    /// Not a signed note.
    #[error("not a signed note: {what}")]
    Form {
        /// What is wrong.
        what: &'static str,
    },
    /// A note whose text is not a checkpoint's.
    #[error("note is no checkpoint: no valid {what}")]
    Checkpoint {
        /// What is missing or malformed.
        what: &'static str,
    },
    /// No signature by the expected key.
    #[error("note is not signed by {name}")]
    Unsigned {
        /// Expected key name.
        name: String,
    },
    /// The expected key's signature does not verify.
    #[error("signature of {name} on the note is wrong")]
    Signature {
        /// Key name.
        name: String,
    },
    /// A checkpoint of another log.
    #[error("checkpoint is of log {found:?}, not of {expected:?}")]
    Origin {
        /// Origin wanted.
        expected: String,
        /// Origin found.
        found: String,
    },
    /// Not an Ed25519 verifier key.
    #[error("not an Ed25519 verifier key: {what}")]
    Key {
        /// What is wrong.
        what: &'static str,
    },
}

impl NoteError {
    /// Stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Long { .. } => "checkpoint.long",
            Self::Form { .. } => "checkpoint.form",
            Self::Checkpoint { .. } => "checkpoint.text",
            Self::Unsigned { .. } => "checkpoint.unsigned",
            Self::Signature { .. } => "checkpoint.signature",
            Self::Origin { .. } => "checkpoint.origin",
            Self::Key { .. } => "checkpoint.key",
        }
    }
}

impl Note {
    /// Reads a signed note.
    ///
    /// # Errors
    /// [`NoteError::Long`] or [`NoteError::Form`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::Long {
                length_bytes: note.len(),
                limit_bytes: MAX_NOTE_BYTES,
            });
        }
        let form = |what| NoteError::Form { what };
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(form("control character"));
        }
        // The last empty line separates text and signatures.
        let at = note
            .rfind("\n\n")
            .ok_or_else(|| form("no empty line before the signatures"))?;
        let (text, rest) = note
            .split_at_checked(at + 1)
            .ok_or_else(|| form("no text"))?;
        let lines = rest.strip_prefix('\n').and_then(|r| r.strip_suffix('\n'));
        let mut signatures = Vec::new();
        for line in lines.ok_or_else(|| form("no signature line"))?.split('\n') {
            if signatures.len() == MAX_NOTE_SIGNATURES {
                return Err(form("too many signatures"));
            }
            signatures.push(signature_line(line).ok_or_else(|| form("malformed signature line"))?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Writes the note.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for line in &self.signatures {
            let bytes = [&line.key_id[..], &line.signature].concat();
            note.push_str(&format!("{DASH}{} {}\n", line.name, STANDARD.encode(bytes)));
        }
        note
    }
}

/// Whether a text can be a key name: non-empty, no spaces, no plus, no control characters.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn signature_line(line: &str) -> Option<NoteSignature> {
    let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (key_id, signature) = bytes.split_first_chunk::<4>()?;
    (is_key_name(name) && !signature.is_empty()).then(|| NoteSignature {
        name: name.to_owned(),
        key_id: *key_id,
        signature: signature.to_vec(),
    })
}
