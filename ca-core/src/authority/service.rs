//! What the service notes about itself.

use kasane_hsm::KeyRole;
use kasane_ledger_schema::{Event, ServiceChanged, SignaturesCounted};

use super::Authority;
use crate::{Actor, Error};

impl Authority {
    /// Notes that the service `started` or `stopped`; `detail` names version and key backend.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn note_service(&self, change: &str, detail: &str) -> Result<u64, Error> {
        let event = ServiceChanged {
            change: change.to_owned(),
            detail: detail.to_owned(),
        };
        self.append(&Actor::system(), event.into())
    }

    /// Notes how often each key signed what has no entry of its own (OCSP responses, checkpoints)
    /// since the last such note. `coming_checkpoints` is counted ahead: what a stop signs last can
    /// be noted by nobody.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn note_signatures(&self, coming_checkpoints: u64) -> Result<(), Error> {
        let mut counts = self.door.take_counts();
        let checkpoints = counts
            .iter_mut()
            .find(|(_, role, _)| *role == KeyRole::Ledger);
        match checkpoints {
            Some((_, _, count)) => *count += coming_checkpoints,
            None if coming_checkpoints > 0 => {
                let label = self.ledger_key.label().clone();
                counts.push((label, KeyRole::Ledger, coming_checkpoints));
            }
            None => {}
        }
        let events: Vec<Event> = counts
            .into_iter()
            .map(|(label, role, count)| {
                let product = match role {
                    KeyRole::Ledger => "checkpoint",
                    _ => "ocsp-response",
                };
                Event::SignaturesCounted(SignaturesCounted {
                    key_label: label.to_string(),
                    product: product.to_owned(),
                    count,
                })
            })
            .collect();
        if !events.is_empty() {
            self.append_all(&Actor::system(), events)?;
        }
        Ok(())
    }

    /// Whether the published checkpoint covers every entry.
    #[must_use]
    pub fn is_checkpointed(&self) -> bool {
        self.ledger
            .latest_checkpoint()
            .and_then(|note| self.ledger_key.verifier().open(&note).ok())
            .is_some_and(|checkpoint| checkpoint.size == self.ledger.size())
    }
}
