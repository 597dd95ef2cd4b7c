//! A device that refuses to sign when told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kasane_hsm::{
    Attestation, BackendKind, Error, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    SignRequest, Signature, SigningKey,
};
use kasane_verify::KeyAlgorithm;

#[derive(Debug)]
pub(crate) struct Device {
    inner: Arc<InMemoryBackend>,
    pub(crate) switch: Arc<Switch>,
}

#[derive(Debug, Default)]
pub(crate) struct Switch {
    fails: AtomicBool,
    /// The credential in use does not reach keys of roots.
    pub(crate) hides_roots: AtomicBool,
    asked: AtomicU64,
}

#[derive(Debug)]
struct Key {
    inner: Arc<dyn SigningKey>,
    switch: Arc<Switch>,
}

impl Device {
    pub(crate) fn new(inner: Arc<InMemoryBackend>) -> Self {
        Self {
            inner,
            switch: Arc::default(),
        }
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.switch.fails.store(fails, Ordering::SeqCst);
    }

    /// Signatures asked for so far.
    pub(crate) fn asked(&self) -> u64 {
        self.switch.asked.load(Ordering::SeqCst)
    }
}

impl KeyBackend for Device {
    fn kind(&self) -> BackendKind {
        self.inner.kind()
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        self.inner.generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.inner.keys()
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        if role == KeyRole::RootCa && self.switch.hides_roots.load(Ordering::SeqCst) {
            return Err(Error::KeyNotFound {
                label: label.clone(),
                backend: "device".into(),
            });
        }
        let inner = self.inner.open(label, role)?;
        Ok(Arc::new(Key {
            inner,
            switch: Arc::clone(&self.switch),
        }))
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.inner.attestation(label)
    }
}

impl SigningKey for Key {
    fn info(&self) -> &KeyInfo {
        self.inner.info()
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        self.switch.asked.fetch_add(1, Ordering::SeqCst);
        if self.switch.fails.load(Ordering::SeqCst) {
            return Err(Error::TimedOut {
                backend: "device".into(),
                operation: "sign",
                attempted: true,
            });
        }
        self.inner.sign(request)
    }
}
