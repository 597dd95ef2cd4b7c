//! The text form of C2SP tlog-proof: an inclusion proof with its checkpoint, checked offline.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointVerifier, NoteError, decimal};
use crate::hash::Hash;
use crate::proof::{InclusionProof, MAX_PROOF_HASHES, ProofError, verify_inclusion};

/// First line of the format (C2SP tlog-proof, "Format").
const TITLE: &str = "c2sp.org/tlog-proof@v1";

/// Longest text read: a checkpoint's limit, and proof and extra data beside it.
const MAX_TEXT_BYTES: usize = 512 * 1024;

/// An inclusion proof as a file: index, hashes and the signed checkpoint, verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// Application data beside the proof. Nothing vouches for it.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// From the leaf's sibling to the root's child.
    pub hashes: Vec<Hash>,
    /// Signed note, verbatim; not verified before [`LogProof::verify`].
    pub checkpoint: String,
}

/// Why a proof text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofTextError {
    /// Not a tlog-proof.
    #[error("not a log proof: {what} at line {line}")]
    Form {
        /// What was expected.
        what: &'static str,
        /// Line, from one.
        line: usize,
    },
    /// Too long to be a proof.
    #[error("log proof has {length_bytes} bytes, the limit is {limit_bytes}")]
    Long {
        /// Length of the text.
        length_bytes: usize,
        /// Greatest length read.
        limit_bytes: usize,
    },
    /// The checkpoint is not acceptable.
    #[error("checkpoint of the proof is not acceptable: {0}")]
    Checkpoint(#[from] NoteError),
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl ProofTextError {
    /// Stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form { .. } => "proof.form",
            Self::Long { .. } => "proof.long",
            Self::Checkpoint(_) => "proof.checkpoint",
            Self::Proof(error) => error.code(),
        }
    }
}

impl LogProof {
    /// Joins a proof and the checkpoint of the tree that it is for.
    #[must_use]
    pub fn new(proof: InclusionProof, checkpoint: String) -> Self {
        Self {
            extra: None,
            index: proof.index,
            hashes: proof.hashes,
            checkpoint,
        }
    }

    /// Writes the text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{TITLE}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", STANDARD.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads the text. Nothing is verified.
    ///
    /// # Errors
    /// [`ProofTextError::Form`] with the line, or [`ProofTextError::Long`].
    pub fn from_text(text: &str) -> Result<Self, ProofTextError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(ProofTextError::Long {
                length_bytes: text.len(),
                limit_bytes: MAX_TEXT_BYTES,
            });
        }
        let form = |what, line| ProofTextError::Form { what, line };
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| form("an empty line", 1))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        if lines.next() != Some((1, TITLE)) {
            return Err(form(TITLE, 1));
        }
        let mut extra = None;
        if let Some((line, data)) = lines
            .peek()
            .and_then(|(n, l)| Some((*n, l.strip_prefix("extra ")?)))
        {
            extra = Some(STANDARD.decode(data).map_err(|_| form("base64", line))?);
            lines.next();
        }
        let index = lines
            .next()
            .and_then(|(_, line)| decimal(line.strip_prefix("index ")?))
            .ok_or_else(|| form("index", 2 + usize::from(extra.is_some())))?;
        let mut hashes = Vec::new();
        for (line, text) in lines {
            if hashes.len() == MAX_PROOF_HASHES {
                return Err(form("an empty line", line));
            }
            hashes.push(Hash::from_base64(text).ok_or_else(|| form("a base64 hash", line))?);
        }
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Verifies the checkpoint's signature and that the leaf is in its tree.
    ///
    /// # Errors
    /// The checkpoint is not acceptable, or the proof does not hold.
    pub fn verify(
        &self,
        leaf: &Hash,
        verifier: &CheckpointVerifier,
    ) -> Result<Checkpoint, ProofTextError> {
        let checkpoint = verifier.open(&self.checkpoint)?;
        let proof = InclusionProof {
            index: self.index,
            size: checkpoint.size,
            hashes: self.hashes.clone(),
        };
        verify_inclusion(leaf, &proof, &checkpoint.root)?;
        Ok(checkpoint)
    }
}
