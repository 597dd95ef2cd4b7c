//! Which issuer a `CertID` means.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::status_source::StatusSource;
use kasane_verify::crypto::{CryptoProvider, Digest, DigestAlgorithm};
use kasane_verify::ocsp::CertId;
use kasane_verify::spki::key_bytes;
use parking_lot::RwLock;

/// Name and key digests of every issuer, made once.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    by_name: RwLock<HashMap<String, Arc<Identity>>>,
}

#[derive(Debug)]
struct Identity {
    digests: Vec<(DigestAlgorithm, Digest, Digest)>,
}

impl Identities {
    /// The issuer that `id` means, if it is one of the authority's.
    pub(crate) fn find(&self, source: &dyn StatusSource, id: &CertId) -> Option<Arc<Issuer>> {
        let digest = id.digest()?;
        source
            .issuers()
            .into_iter()
            .find(|issuer| self.is(source, issuer, digest, id))
    }

    fn is(
        &self,
        source: &dyn StatusSource,
        issuer: &Issuer,
        digest: DigestAlgorithm,
        id: &CertId,
    ) -> bool {
        // Name and key of an issuer never change, so its name is enough to remember it by.
        let known = self.by_name.read().get(issuer.name()).cloned();
        let identity = known.unwrap_or_else(|| {
            let identity = Arc::new(Identity::new(source.crypto(), issuer));
            self.by_name
                .write()
                .insert(issuer.name().to_owned(), Arc::clone(&identity));
            identity
        });
        identity.digests.iter().any(|(algorithm, name, key)| {
            *algorithm == digest
                && *name == id.issuer_name_hash.as_bytes()
                && *key == id.issuer_key_hash.as_bytes()
        })
    }
}

impl Identity {
    fn new(crypto: &dyn CryptoProvider, issuer: &Issuer) -> Self {
        let Ok(key) = key_bytes(&issuer.spki) else {
            return Self {
                digests: Vec::new(),
            };
        };
        let digests = DigestAlgorithm::ALL
            .into_iter()
            .map(|digest| {
                let name = crypto.digest(digest, &issuer.signer.subject_der);
                (digest, name, crypto.digest(digest, key))
            })
            .collect();
        Self { digests }
    }
}
