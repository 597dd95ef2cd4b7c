//! The canary: a certificate that is good for nothing is issued, revoked, and looked for at every
//! endpoint, again and again. How long that takes is what a real revocation would have taken.

mod history;
mod report;
mod run;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kasane_ca_core::Authority;
use kasane_ca_core::authority::CanaryKey;
use kasane_ca_core::clock::Clock;
use kasane_ca_core::configuration::Mode;
use kasane_crl::Publisher;
use kasane_hsm::BackendKind;
use kasane_hsm::pool::MonotonicClock;
use kasane_verify::KeyFamily;
use kasane_verify::crypto::CryptoProvider;
use parking_lot::Mutex;

use crate::feed::Followers;
use crate::visibility::{AuthorityRoster, CanarySettings, Endpoint};
use history::History;

pub use report::{CanaryReport, EndpointReport};
pub use run::CanaryRun;
pub(crate) use summary::CanarySummary;

/// What a canary works with.
pub struct CanaryParts {
    /// Issues and revokes.
    pub authority: Arc<Authority>,
    /// Publishes the delta.
    pub publisher: Arc<Publisher>,
    /// Who is asked beside the edges.
    pub endpoints: Arc<[Endpoint]>,
    /// What edges said of themselves.
    pub followers: Followers,
    /// How.
    pub settings: CanarySettings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What measures.
    pub monotonic: Arc<dyn MonotonicClock>,
    /// What verifies signatures.
    pub crypto: Arc<dyn CryptoProvider>,
    /// The data folder: what was measured is kept there.
    pub folder: PathBuf,
}

/// Measures how soon revocations are seen. Has no thread of its own: whoever runs the service calls
/// [`run_if_due`](Self::run_if_due) every few seconds. Shared by `Arc`.
pub struct Canary {
    parts: CanaryParts,
    /// Why there is none.
    off: Option<String>,
    history: Mutex<History>,
    /// Made once: nobody has the private halves.
    keys: Mutex<BTreeMap<KeyFamily, CanaryKey>>,
    stopped: Arc<AtomicBool>,
}

impl Canary {
    /// Goes on where the one before ended.
    #[must_use]
    pub fn new(parts: CanaryParts) -> Self {
        let off = reason_to_be_off(&parts);
        let history = History::load(&parts.folder);
        Self {
            parts,
            off,
            history: Mutex::new(history),
            keys: Mutex::default(),
            stopped: Arc::default(),
        }
    }

    /// Why no canary lives here, if none does.
    #[must_use]
    pub fn off(&self) -> Option<&str> {
        self.off.as_deref()
    }

    /// Issues, revokes and looks, unless the last time was less than the interval ago. Blocks until
    /// all have seen it or the time is over; logs what took too long.
    pub fn run_if_due(&self) {
        if self.off.is_some() || self.stopped.load(Ordering::Acquire) || !self.is_due() {
            return;
        }
        let Some(run) = self.run() else {
            return;
        };
        run.log(&self.parts.settings);
        let mut history = self.history.lock();
        history.add(run);
        if let Err(error) = history.save(&self.parts.folder) {
            tracing::warn!(%error, "what the canary measured is not kept");
        }
    }

    /// Ends the waiting of a canary that is under way; no other follows.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    /// What was measured.
    #[must_use]
    pub fn report(&self) -> CanaryReport {
        let settings = &self.parts.settings;
        CanaryReport::new(settings, self.off.clone(), &self.history.lock())
    }

    /// What an earlier canary measured in `folder`, for whoever asks while no service runs.
    #[must_use]
    pub fn report_of(folder: &Path, settings: &CanarySettings) -> CanaryReport {
        let off = Some("no service runs".to_owned());
        CanaryReport::new(settings, off, &History::load(folder))
    }

    fn source(&self) -> AuthorityRoster {
        AuthorityRoster {
            authority: Arc::clone(&self.parts.authority),
            followers: self.parts.followers.clone(),
            endpoints: Arc::clone(&self.parts.endpoints),
        }
    }

    fn is_due(&self) -> bool {
        let now = self.parts.clock.now();
        let interval = i64::try_from(self.parts.settings.interval_seconds).unwrap_or(i64::MAX);
        // A clock that was ahead must not silence it.
        self.history
            .lock()
            .last()
            .is_none_or(|last| last.begun > now || now.seconds_since(last.begun) >= interval)
    }
}

fn reason_to_be_off(parts: &CanaryParts) -> Option<String> {
    let authority = &parts.authority;
    let is_play = authority.configuration().mode() == Mode::Demo
        && authority.door().backend_kind() == BackendKind::Software;
    match parts.settings.enabled {
        Some(false) => return Some("canary.enabled is false in revocation.toml".to_owned()),
        None if !is_play => {
            return Some(
                "its certificates are signed in production or by devices only when \
                 canary.enabled is true in revocation.toml"
                    .to_owned(),
            );
        }
        Some(true) | None => {}
    }
    authority.canary_issuers().is_empty().then(|| {
        "no issuing CA has the profile canary in force: this authority began without it".to_owned()
    })
}

impl std::fmt::Debug for Canary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Canary({})", self.off.as_deref().unwrap_or("on"))
    }
}
