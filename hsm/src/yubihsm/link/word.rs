//! What the connector says of itself.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::upstream::Upstream;

/// How long the connector's own word is waited for.
const STATUS: Duration = Duration::from_secs(2);

/// Whether a device is none, by what the configuration and the connector say. An honest simulator says
/// so; that a device is a device is shown by its attestations alone.
#[derive(Debug)]
pub(in crate::yubihsm) struct Word {
    configured: bool,
    /// None by USB.
    connector: Option<Arc<Upstream>>,
    heard: OnceLock<bool>,
}

impl Word {
    /// Of a connector that no link was made to. What is no address says nothing.
    pub(in crate::yubihsm) fn of_connector(connector: &str) -> Self {
        Self::of(Upstream::new(connector).ok().map(Arc::new))
    }

    pub(super) const fn of(connector: Option<Arc<Upstream>>) -> Self {
        Self {
            configured: false,
            connector,
            heard: OnceLock::new(),
        }
    }

    /// With what the configuration says.
    pub(in crate::yubihsm) const fn configured(mut self, simulator: bool) -> Self {
        self.configured = simulator;
        self
    }

    /// The connector is asked until it has answered once.
    pub(in crate::yubihsm) fn is_simulator(&self) -> bool {
        if self.configured {
            return true;
        }
        if let Some(heard) = self.heard.get() {
            return *heard;
        }
        let Some(connector) = &self.connector else {
            return false;
        };
        connector.status(STATUS).is_ok_and(|status| {
            let simulator = status.to_ascii_lowercase().contains("simulator");
            *self.heard.get_or_init(|| simulator)
        })
    }
}
