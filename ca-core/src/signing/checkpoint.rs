//! The ledger's own key, behind the door.

use std::sync::Arc;

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger::CheckpointSigner;
use kasane_ledger::checkpoint::CheckpointVerifier;
use kasane_verify::spki;

use super::{SigningDoor, SigningError};

/// Signs checkpoints with the ledger's Ed25519 key.
#[derive(Debug)]
pub struct LedgerKey {
    door: Arc<SigningDoor>,
    label: KeyLabel,
    verifier: CheckpointVerifier,
}

impl LedgerKey {
    /// The key `label`, which signs under the name `origin` (C2SP signed-note key name).
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not there or has another role.
    pub fn open(
        door: Arc<SigningDoor>,
        label: KeyLabel,
        origin: &str,
    ) -> Result<Self, SigningError> {
        let info = door.key(&label, KeyRole::Ledger)?;
        let damaged = || kasane_hsm::Error::Damaged {
            label: label.clone(),
            reason: "its public key is not Ed25519",
        };
        let key = spki::key_bytes(&info.spki).map_err(|_| damaged())?;
        let key = key.try_into().map_err(|_| damaged())?;
        let verifier = CheckpointVerifier::new(origin, key).map_err(|_| damaged())?;
        Ok(Self {
            door,
            label,
            verifier,
        })
    }

    /// Its label.
    #[must_use]
    pub const fn label(&self) -> &KeyLabel {
        &self.label
    }

    /// What verifies its checkpoints.
    #[must_use]
    pub const fn verifier(&self) -> &CheckpointVerifier {
        &self.verifier
    }
}

impl CheckpointSigner for LedgerKey {
    fn key_name(&self) -> &str {
        self.verifier.name()
    }

    fn key_id(&self) -> [u8; 4] {
        self.verifier.key_id()
    }

    fn sign(&self, note_text: &[u8]) -> Result<Vec<u8>, String> {
        self.door
            .sign_checkpoint(&self.label, note_text)
            .map_err(|error| error.to_string())
    }
}
