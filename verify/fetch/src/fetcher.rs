//! The fetcher.

use std::fmt;
use std::sync::Arc;

use kasane_verify::crypto::CryptoProvider;
use kasane_verify::path::{PathError, Question, VerifiedPath, Verifier};
use kasane_verify::revocation::{Evidence, EvidenceSource, RevocationRequest};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::cache::{AtHand, Cache, Intent, Key};
use crate::config::{ConfigError, FetchConfig, Preference};
use crate::disk::Disk;
use crate::drive::freshest;
use crate::error::FetchError;
use crate::http::Http;
use crate::inner::{Found, Inner};
use crate::{Clock, Metrics, RefreshTask};

/// Fetches and caches revocation evidence for every connection of a process. Cheap to clone; all
/// clones share one cache.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

impl Fetcher {
    /// A fetcher whose fetches run on the current tokio runtime. `crypto` checks the signature of
    /// each CRL once, when it comes. Reads the CRLs of an earlier run, when there is a folder.
    ///
    /// # Errors
    /// When a number of `config` is out of bounds, its folder cannot be used, or there is no
    /// runtime.
    pub fn new(
        config: FetchConfig,
        clock: Arc<dyn Clock>,
        crypto: Arc<dyn CryptoProvider>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let runtime = Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        let disk = config.folder.as_deref().map(Disk::open).transpose()?;
        let config = Arc::new(config);
        let cache = Cache::new(Arc::clone(&config));
        if let Some(disk) = &disk {
            let restored = disk.restore(&cache, &config, &*crypto, clock.now());
            restored.map_err(|error| ConfigError::Folder {
                folder: config.folder.clone().unwrap_or_default(),
                reason: error.to_string(),
            })?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                http: Http::new(&config),
                config,
                clock,
                crypto,
                cache,
                runtime,
                disk: disk.map(Arc::new),
                spread: std::hash::RandomState::new(),
            }),
        })
    }

    /// Verifies, and fetches the evidence that is missing: OCSP first, CRLs when it fails or is not
    /// accepted (or the other way round, see [`Preference`]). Waits no longer than
    /// [`FetchConfig::verification_timeout`] for the network; what a dropped future waited for goes
    /// on for others. Signature checks run within the future: a millisecond or so.
    ///
    /// # Errors
    /// As [`Verifier::verify`]; when evidence is missing the problems say why it was not fetched.
    pub async fn verify(
        &self,
        verifier: &Verifier<'_>,
        question: &Question<'_>,
    ) -> Result<VerifiedPath, PathError> {
        self.inner.verify(verifier, question).await
    }

    /// Fetches CRLs before they are needed, for those who verify with [`Verifier::verify_with`]. The
    /// background keeps them fresh like all others. What was not fetched comes back.
    pub async fn prefetch<S: AsRef<str>>(
        &self,
        crl_uris: impl IntoIterator<Item = S>,
    ) -> Vec<(String, FetchError)> {
        let deadline = Instant::now() + self.inner.longest();
        let keys: Vec<_> = crl_uris
            .into_iter()
            .map(|uri| Key::Crl(uri.as_ref().into()))
            .collect();
        let mut failed = Vec::new();
        // A few at a time: the whole network may be waiting behind them.
        for some in keys.chunks(self.inner.config.refreshes) {
            let begun: Vec<_> = some
                .iter()
                .map(|key| (key, self.inner.look(key, None, Intent::Use)))
                .collect();
            for (key, found) in begun {
                if let Err(error) = self.inner.settled(found, deadline).await {
                    failed.push((key.uri().to_owned(), error));
                }
            }
        }
        failed
    }

    /// Keeps the CRLs in the cache fresh, ahead of their time, until the task is dropped.
    pub fn refresh_in_background(&self) -> RefreshTask {
        RefreshTask::start(&self.inner)
    }

    /// What it did so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.inner.cache.metrics()
    }

    /// What is at hand, and the beginning of a fetch when it is not fresh.
    fn at_hand(&self, key: &Key, signer: Option<&Arc<[u8]>>) -> AtHand {
        match self.inner.look(key, signer, Intent::Use) {
            Ok(Found::AtHand(at_hand, _) | Found::UnderWay(at_hand, _)) => at_hand,
            Err(_) => AtHand::default(),
        }
    }
}

/// Evidence at hand, without waiting, for callbacks such as those of rustls. What is missing or not
/// fresh is fetched in the background, so that the next one finds it; [`Fetcher::prefetch`] and
/// [`Fetcher::refresh_in_background`] make that the exception.
impl EvidenceSource for Fetcher {
    fn evidence(&self, request: &RevocationRequest) -> Vec<Evidence> {
        let signer: Arc<[u8]> = request.issuer_spki.as_slice().into();
        let (mut found, mut answered) = (Vec::new(), false);
        if let Some(location) = &request.ocsp {
            for uri in &location.uris {
                let key = Key::Ocsp {
                    uri: uri.as_str().into(),
                    request: location.request.as_slice().into(),
                };
                let at_hand = self.at_hand(&key, None);
                found.extend(at_hand.evidence);
                answered |= at_hand.is_current;
                if answered {
                    break;
                }
            }
        }
        // CRLs are looked at in any case, and fetched when OCSP has nothing.
        let fetches = !answered || self.inner.config.preference == Preference::CrlFirst;
        let crl = |uri: &str, signer: Option<&Arc<[u8]>>| {
            let key = Key::Crl(uri.into());
            if fetches {
                self.at_hand(&key, signer).evidence
            } else {
                self.inner.cache.at_hand(&key)
            }
        };
        for location in &request.crls {
            if location.uris.is_empty() {
                found.extend(self.inner.cache.crls_of(&location.issuer, 16));
            }
            let signer = (location.issuer == request.issuer).then_some(&signer);
            let bases = location.uris.iter().map(|uri| crl(uri, signer));
            let base = bases.into_iter().find(|it| !it.is_empty());
            let base = base.unwrap_or_default();
            let named = freshest(&base);
            let deltas = location.delta_uris.iter().chain(&named);
            let delta = deltas.map(|uri| crl(uri, signer)).find(|it| !it.is_empty());
            found.extend(base);
            found.extend(delta.unwrap_or_default());
        }
        found
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("config", &self.inner.config)
            .field("metrics", &self.metrics())
            .finish_non_exhaustive()
    }
}
