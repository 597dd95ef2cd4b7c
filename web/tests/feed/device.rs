//! A device that counts what it signs, and lets issuing CAs wait when told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kasane_hsm::{
    Attestation, BackendKind, Error, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    SignRequest, Signature, SigningKey,
};
use kasane_verify::KeyAlgorithm;
use parking_lot::{Condvar, Mutex};

use crate::scene::PATIENCE;

#[derive(Debug)]
pub(crate) struct Device {
    inner: Arc<InMemoryBackend>,
    switch: Arc<Switch>,
}

#[derive(Debug, Default)]
struct Switch {
    held: Mutex<bool>,
    changed: Condvar,
    asked: AtomicU64,
    waiting: AtomicU64,
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

    /// Whether keys of issuing CAs wait.
    pub(crate) fn hold(&self, held: bool) {
        *self.switch.held.lock() = held;
        self.switch.changed.notify_all();
    }

    /// Signatures asked for so far.
    pub(crate) fn asked(&self) -> u64 {
        self.switch.asked.load(Ordering::SeqCst)
    }

    /// Signatures that wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.switch.waiting.load(Ordering::SeqCst)
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
        Ok(Arc::new(Key {
            inner: self.inner.open(label, role)?,
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
        let switch = &self.switch;
        switch.asked.fetch_add(1, Ordering::SeqCst);
        if self.info().role == KeyRole::IssuingCa {
            switch.waiting.fetch_add(1, Ordering::SeqCst);
            let mut held = switch.held.lock();
            while *held && !switch.changed.wait_for(&mut held, PATIENCE).timed_out() {}
            drop(held);
            switch.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        self.inner.sign(request)
    }
}
