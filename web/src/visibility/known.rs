//! What is known of edges and signers, asked for again when that is not enough.

use std::sync::Arc;

use parking_lot::Mutex;

use super::roster::WrongSigner;
use super::{Edge, Endpoint, Roster, RosterSource};

/// What is known of edges and signers.
pub(super) struct Known {
    source: Arc<dyn RosterSource>,
    roster: Mutex<Arc<Roster>>,
}

impl Known {
    pub(super) fn new(source: Arc<dyn RosterSource>, roster: Roster) -> Self {
        let roster = Mutex::new(Arc::new(roster));
        Self { source, roster }
    }

    pub(super) fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.roster.lock())
    }

    /// Whether that signer may answer there: a new one may have been made a moment ago.
    pub(super) async fn check_signer(
        &self,
        endpoint: &Endpoint,
        signer: Option<String>,
    ) -> Result<(), WrongSigner> {
        let judge = |roster: &Roster| {
            let whose = roster.whose(endpoint);
            roster.check_signer(&whose, signer.as_deref())
        };
        let first = judge(&self.roster());
        if first.is_ok() {
            return first;
        }
        // Where the authority cannot be asked, what it said before counts.
        let newer = self.ask(|source| source.roster()).await;
        if let Ok(newer) = newer {
            *self.roster.lock() = Arc::new(newer);
        }
        judge(&self.roster())
    }

    pub(super) async fn edges(&self) -> Result<Vec<Edge>, String> {
        self.ask(|source| source.edges()).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn RosterSource) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let source = Arc::clone(&self.source);
        let asked = tokio::task::spawn_blocking(move || question(&*source));
        asked
            .await
            .unwrap_or_else(|error| Err(format!("asking failed: {error}")))
    }
}
