//! What the service works with.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::clock::Clock;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::path::{IntermediateCache, SharedDatedPolicy, TrustAnchor, Verifier};
use kasane_verify::policy::{Class, Mode, Timeline};
use kasane_verify::revocation::{HeldCrls, RevocationRules};
use tokio::sync::Semaphore;

use super::problem::Problem;

/// A network has some dozens of CA certificates.
const CACHED_INTERMEDIATES: usize = 256;

/// What one service takes upon itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLimits {
    /// Longest request body: a chain and some CRLs. Large CRLs belong into the service's own folder.
    pub body_bytes: usize,
    /// How long a request may take, its body and waiting included.
    pub request: Duration,
    /// How long a request may wait for others.
    pub waiting: Duration,
    /// Verifications at a time; further ones wait.
    pub at_work: usize,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            body_bytes: 8 * 1024 * 1024,
            request: Duration::from_secs(15),
            waiting: Duration::from_secs(5),
            at_work: 16,
        }
    }
}

/// What a service is made of.
pub struct ServiceParts {
    /// What is trusted.
    pub anchors: Vec<TrustAnchor>,
    /// CA certificates (DER) that requests need not bring along, such as cross-certificates.
    pub intermediates: Vec<Vec<u8>>,
    /// The dated policy.
    pub timeline: Timeline,
    /// The class of end entities when a request does not say.
    pub class: Class,
    /// How revocation is checked.
    pub rules: RevocationRules,
    /// CRLs, kept up to date by somebody else.
    pub crls: Arc<HeldCrls>,
    /// What verifies signatures.
    pub crypto: Arc<dyn CryptoProvider>,
    /// The time when a request does not say.
    pub clock: Arc<dyn Clock>,
    /// Limits.
    pub limits: ServiceLimits,
}

/// A service that verifies.
pub struct Service {
    pub(super) parts: ServiceParts,
    pub(super) timeline: Arc<Timeline>,
    cache: IntermediateCache,
    work: Arc<Semaphore>,
}

impl Service {
    /// A service of these parts.
    #[must_use]
    pub fn new(parts: ServiceParts) -> Self {
        Self {
            timeline: Arc::new(parts.timeline.clone()),
            cache: IntermediateCache::new(CACHED_INTERMEDIATES),
            work: Arc::new(Semaphore::new(parts.limits.at_work)),
            parts,
        }
    }

    pub(super) const fn limits(&self) -> ServiceLimits {
        self.parts.limits
    }

    /// The dated policy for end entities of `class`, in live connections.
    pub(super) fn policy(&self, class: Class) -> SharedDatedPolicy {
        SharedDatedPolicy::new(Arc::clone(&self.timeline), class, Mode::Online)
    }

    pub(super) fn verifier<'v>(&'v self, policy: &'v SharedDatedPolicy) -> Verifier<'v> {
        Verifier::new(&*self.parts.crypto, &self.parts.anchors, policy)
            .with_revocation(self.parts.rules.clone())
            .with_cache(&self.cache)
    }

    /// The certificates of a request and those of the service, as far as they can be read.
    pub(super) fn own_intermediates(&self) -> impl Iterator<Item = Certificate<'_>> {
        let own = self.parts.intermediates.iter();
        own.filter_map(|der| Certificate::from_der(der).ok())
    }

    /// Verifies on a thread that may be kept busy, when it is this request's turn.
    pub(super) async fn work<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.work).acquire_owned();
        let turn = tokio::time::timeout(self.parts.limits.waiting, turn).await;
        let Ok(Ok(permit)) = turn else {
            return Err(Problem::busy());
        };
        // The permit goes along: a client that gives up does not free the thread.
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&self);
            drop(permit);
            result
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a verification panicked");
            Err(Problem::internal())
        })
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("anchors", &self.parts.anchors.len())
            .field("policy", &self.timeline.name())
            .field("rules", &self.parts.rules)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kasane_ca_core::clock::SystemClock;
    use kasane_verify::crypto::AwsLc;

    use super::*;

    fn service(at_work: usize) -> Arc<Service> {
        Arc::new(Service::new(ServiceParts {
            anchors: Vec::new(),
            intermediates: Vec::new(),
            timeline: Timeline::overlap().unwrap(),
            class: Class::Terminal,
            rules: RevocationRules::default(),
            crls: Arc::default(),
            crypto: Arc::new(AwsLc),
            clock: Arc::new(SystemClock),
            limits: ServiceLimits {
                waiting: Duration::from_millis(20),
                at_work,
                ..ServiceLimits::default()
            },
        }))
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_sent_away() {
        let busy = service(0).work(|_| Ok(())).await;
        assert_eq!(busy, Err(Problem::busy()));
        assert_eq!(service(1).work(|_| Ok(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn panic_is_a_problem_and_frees_its_turn() {
        let service = service(1);
        let panicked = Arc::clone(&service).work(|_| -> Result<(), _> { panic!("a fault") });
        assert_eq!(panicked.await, Err(Problem::internal()));
        assert_eq!(service.work(|_| Ok(7)).await, Ok(7));
    }
}
