//! The door itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kasane_hsm::{
    Attestation, BackendKind, KeyBackend, KeyInfo, KeyLabel, KeyRole, Priority, SignRequest,
    SigningKey,
};
use kasane_verify::crypto::{CryptoProvider, PublicKey};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use parking_lot::RwLock;

use super::{Product, SigningError};
use crate::pipeline::{Recorded, ToBeSigned};

/// How long one signature may take, queueing included: an RSA-4096 signature of a loaded device.
const DEADLINE: Duration = Duration::from_secs(30);

/// The one door to the keys.
pub struct SigningDoor {
    backend: Arc<dyn KeyBackend>,
    crypto: Arc<dyn CryptoProvider>,
    keys: RwLock<HashMap<KeyLabel, Arc<OpenKey>>>,
}

/// A signature that verified, with what it is over.
#[derive(Debug)]
pub struct Signed<T> {
    index: u64,
    tbs: T,
    signature: Vec<u8>,
}

/// No signature; the record comes back so that another attempt can be noted and made.
#[derive(Debug)]
pub struct Refused<T> {
    /// The unsigned record.
    pub recorded: Recorded<T>,
    /// Why.
    pub error: SigningError,
}

struct OpenKey {
    key: Arc<dyn SigningKey>,
    public: Arc<dyn PublicKey>,
    /// Signatures let out that are not recorded one by one.
    uncounted: AtomicU64,
}

impl SigningDoor {
    /// A door to the keys of `backend`.
    #[must_use]
    pub fn new(backend: Arc<dyn KeyBackend>, crypto: Arc<dyn CryptoProvider>) -> Self {
        Self {
            backend,
            crypto,
            keys: RwLock::new(HashMap::new()),
        }
    }

    /// What kind of backend holds the keys.
    #[must_use]
    pub fn backend_kind(&self) -> BackendKind {
        self.backend.kind()
    }

    /// Name and place of the backend, for people.
    #[must_use]
    pub fn describe_backend(&self) -> String {
        self.backend.describe()
    }

    /// Makes a key pair: ceremonies and the roll-over of OCSP signers.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, SigningError> {
        Ok(self.backend.generate(label, role, algorithm)?)
    }

    /// The public facts of a key, which must have `role`.
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not there or has another role.
    pub fn key(&self, label: &KeyLabel, role: KeyRole) -> Result<KeyInfo, SigningError> {
        Ok(self.open(label, role)?.key.info().clone())
    }

    /// The public facts of every key.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn keys(&self) -> Result<Vec<KeyInfo>, SigningError> {
        Ok(self.backend.keys()?)
    }

    /// The device's attestation of a key.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, SigningError> {
        Ok(self.backend.attestation(label)?)
    }

    /// Signs a recorded certificate or CRL. The record is consumed: at most one signature of it
    /// is ever let out.
    ///
    /// # Errors
    /// [`Refused`] gives the record back.
    pub fn sign<T: ToBeSigned>(&self, recorded: Recorded<T>) -> Result<Signed<T>, Refused<T>> {
        let tbs = recorded.tbs();
        let signer = tbs.signer();
        let order = Order {
            label: &signer.key_label,
            role: signer.key_role,
            product: tbs.product(),
            algorithm: signer.signature_algorithm(),
            priority: tbs.priority(),
        };
        match self.release(&order, tbs.der()) {
            Ok((signature, _)) => {
                let (index, tbs) = recorded.into_parts();
                Ok(Signed {
                    index,
                    tbs,
                    signature,
                })
            }
            Err(error) => Err(Refused { recorded, error }),
        }
    }

    /// Signs the `ResponseData` (RFC 6960 §4.2.1) of an OCSP response with a delegated signer.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn sign_ocsp_response(
        &self,
        label: &KeyLabel,
        algorithm: SignatureAlgorithm,
        response_data: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        let order = Order {
            label,
            role: KeyRole::OcspResponder,
            product: Product::OcspResponse,
            algorithm,
            priority: Priority::Status,
        };
        let (signature, key) = self.release(&order, response_data)?;
        key.uncounted.fetch_add(1, Ordering::Relaxed);
        Ok(signature)
    }

    /// Signs the text of a ledger checkpoint.
    pub(super) fn sign_checkpoint(
        &self,
        label: &KeyLabel,
        text: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        let order = Order {
            label,
            role: KeyRole::Ledger,
            product: Product::Checkpoint,
            algorithm: SignatureAlgorithm::Ed25519,
            priority: Priority::Issuance,
        };
        let (signature, key) = self.release(&order, text)?;
        key.uncounted.fetch_add(1, Ordering::Relaxed);
        Ok(signature)
    }

    /// Signatures let out since the last call that no ledger entry records, by key.
    pub fn take_counts(&self) -> Vec<(KeyLabel, KeyRole, u64)> {
        let keys = self.keys.read();
        keys.iter()
            .map(|(label, open)| {
                let count = open.uncounted.swap(0, Ordering::Relaxed);
                (label.clone(), open.key.info().role, count)
            })
            .filter(|(_, _, count)| *count > 0)
            .collect()
    }

    fn release(
        &self,
        order: &Order<'_>,
        message: &[u8],
    ) -> Result<(Vec<u8>, Arc<OpenKey>), SigningError> {
        let open = self.open(order.label, order.role)?;
        let info = open.key.info();
        if !order.product.may_be_signed_by(info.role) {
            return Err(SigningError::Role {
                label: order.label.clone(),
                role: info.role,
                product: order.product,
            });
        }
        let expected = info.algorithm.default_signature();
        if order.algorithm != expected {
            let (label, found) = (order.label.clone(), order.algorithm);
            return Err(SigningError::Algorithm {
                label,
                expected,
                found,
            });
        }
        let signature = open.key.sign(&SignRequest {
            algorithm: order.algorithm,
            message,
            priority: order.priority,
            deadline: DEADLINE,
        })?;
        open.public
            .verify(order.algorithm, message, &signature.octets)
            .map_err(|_| {
                open.key.reject(&signature.device);
                SigningError::SignatureWrong {
                    label: order.label.clone(),
                    device: signature.device.clone(),
                }
            })?;
        Ok((signature.octets, open))
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<OpenKey>, SigningError> {
        if let Some(open) = self.keys.read().get(label) {
            let has = open.key.info().role;
            if has == role {
                return Ok(Arc::clone(open));
            }
            return Err(kasane_hsm::Error::RoleMismatch {
                label: label.clone(),
                has,
                asked: role,
            }
            .into());
        }
        let key = self.backend.open(label, role)?;
        let public =
            self.crypto
                .public_key(&key.info().spki)
                .map_err(|source| SigningError::PublicKey {
                    label: label.clone(),
                    source,
                })?;
        let open = Arc::new(OpenKey {
            key,
            public,
            uncounted: AtomicU64::new(0),
        });
        Ok(Arc::clone(
            self.keys.write().entry(label.clone()).or_insert(open),
        ))
    }
}

impl<T> Signed<T> {
    /// Ledger index of the record, what was signed, and the signature.
    pub(crate) fn into_parts(self) -> (u64, T, Vec<u8>) {
        (self.index, self.tbs, self.signature)
    }
}

impl std::fmt::Debug for SigningDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningDoor({})", self.backend.describe())
    }
}

struct Order<'a> {
    label: &'a KeyLabel,
    role: KeyRole,
    product: Product,
    algorithm: SignatureAlgorithm,
    priority: Priority,
}
