//! The door itself.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kasane_hsm::{
    Attestation, BackendKind, DeviceName, KeyBackend, KeyInfo, KeyLabel, KeyRole, Priority,
    SignRequest, SigningKey,
};
use kasane_verify::crypto::{CryptoProvider, PublicKey};
use kasane_verify::spki::PublicKeyInfo;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use parking_lot::{Mutex, RwLock};

use super::usage::Usage;
use super::{Product, SignatureNotes, SigningError, WrongSignature};
use crate::pipeline::{Recorded, ToBeSigned};

/// How long one signature may take, queueing included: an RSA-4096 signature of a loaded device.
const DEADLINE: Duration = Duration::from_secs(30);

/// Attempts at devices for one OCSP response: whoever waits for it asks again anyway.
const MAX_OCSP_ATTEMPTS: u32 = 2;

/// Wrong signatures that wait for their alarm: one for each key of each device.
const MAX_WRONG_SIGNATURES: usize = 256;

/// The one door to the keys.
pub struct SigningDoor {
    backend: Arc<dyn KeyBackend>,
    crypto: Arc<dyn CryptoProvider>,
    keys: RwLock<HashMap<KeyLabel, Arc<OpenKey>>>,
    /// The public keys on record, DER.
    expected: RwLock<HashMap<KeyLabel, Vec<u8>>>,
    /// Attempts that are not recorded one by one.
    usage: RwLock<HashMap<KeyLabel, Arc<Usage>>>,
    notes: RwLock<Option<Weak<dyn SignatureNotes>>>,
    /// What came back wrong and was not told yet.
    wrong: Mutex<Vec<WrongSignature>>,
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
    /// What is on record of it: the device's word counts only where nothing is.
    info: KeyInfo,
    public: Arc<dyn PublicKey>,
}

impl SigningDoor {
    /// A door to the keys of `backend`.
    #[must_use]
    pub fn new(backend: Arc<dyn KeyBackend>, crypto: Arc<dyn CryptoProvider>) -> Self {
        Self {
            backend,
            crypto,
            keys: RwLock::new(HashMap::new()),
            expected: RwLock::new(HashMap::new()),
            usage: RwLock::new(HashMap::new()),
            notes: RwLock::new(None),
            wrong: Mutex::new(Vec::new()),
        }
    }

    /// The public key (DER `SubjectPublicKeyInfo`) on record for `label`: signatures are verified
    /// against it, whatever a device says today.
    pub fn expect(&self, label: &KeyLabel, spki: &[u8]) {
        self.backend.expect(label, spki);
        self.expected.write().insert(label.clone(), spki.to_vec());
        let mut keys = self.keys.write();
        if keys.get(label).is_some_and(|open| open.info.spki != spki) {
            keys.remove(label);
        }
    }

    /// Where attempts that have no entry of their own are reserved, and wrong signatures told.
    pub fn note_through(&self, notes: Weak<dyn SignatureNotes>) {
        *self.notes.write() = Some(notes);
    }

    /// Whether each attempt must be covered by the ledger before it is made.
    #[must_use]
    pub fn keeps_command_log(&self) -> bool {
        self.backend.keeps_command_log()
    }

    /// The same for the devices that hold keys of that role.
    #[must_use]
    pub fn logs_commands_of(&self, role: KeyRole) -> bool {
        self.backend.logs_commands_of(role)
    }

    /// Has every device's own log read to its end.
    ///
    /// # Errors
    /// [`SigningError::Key`]: one log at least was not read.
    pub fn drain_command_logs(&self) -> Result<(), SigningError> {
        Ok(self.backend.drain_command_logs()?)
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
        Ok(self.open(label, role)?.info.clone())
    }

    /// The public key that the backend shows for a label today, DER.
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not there or has another role.
    pub(crate) fn shown_spki(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Vec<u8>, SigningError> {
        Ok(self.backend.open(label, role)?.info().spki.clone())
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
        let Some(label) = signer.key_label.clone() else {
            let issuer = signer.name.clone();
            let error = SigningError::KeyElsewhere { issuer };
            return Err(Refused { recorded, error });
        };
        let order = Order {
            label: &label,
            role: signer.key_role,
            product: tbs.product(),
            algorithm: signer.signature_algorithm(),
            priority: tbs.priority(),
        };
        match self.release(&order, tbs.der()) {
            Ok(signature) => {
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
        let usage = self.usage(label, order.role);
        let mut attempt = 1;
        loop {
            if !usage.take() {
                self.reserve(label, order.role)?;
                if !usage.take() {
                    continue;
                }
            }
            let error = match self.release(&order, response_data) {
                Ok(signature) => return Ok(signature),
                Err(error) => error,
            };
            if matches!(error, SigningError::SignatureWrong { .. })
                && let Some(notes) = self.notes()
            {
                notes.wrong_signature();
            }
            if !error.was_attempted() {
                usage.give_back();
                return Err(error);
            }
            if attempt >= MAX_OCSP_ATTEMPTS || !error.may_be_tried_again() {
                return Err(error);
            }
            attempt += 1;
        }
    }

    /// Signs the text of a ledger checkpoint. It must have been reserved: the ledger waits for this
    /// signature, so nothing is appended here.
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
        let usage = self.usage(label, order.role);
        if !usage.take() {
            return Err(SigningError::NotReserved {
                label: label.clone(),
                reason: "no checkpoint is reserved in the ledger".to_owned(),
            });
        }
        self.release(&order, text).inspect_err(|error| {
            if !error.was_attempted() {
                usage.give_back();
            }
        })
    }

    /// The attempts of a key that are not recorded one by one.
    pub(crate) fn usage(&self, label: &KeyLabel, role: KeyRole) -> Arc<Usage> {
        if let Some(usage) = self.usage.read().get(label) {
            return Arc::clone(usage);
        }
        let limited = self.backend.logs_commands_of(role);
        let made = || Arc::new(Usage::new(role, limited));
        Arc::clone(self.usage.write().entry(label.clone()).or_insert_with(made))
    }

    /// The attempts of every key that are not recorded one by one, by label.
    pub(crate) fn usages(&self) -> Vec<(KeyLabel, Arc<Usage>)> {
        let usages = self.usage.read();
        let mut all: Vec<_> = usages
            .iter()
            .map(|(label, usage)| (label.clone(), Arc::clone(usage)))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// Wrong signatures that nobody was told of yet: each key of each device once.
    /// What cannot be told comes back by [`SigningDoor::put_back_wrong_signatures`].
    pub(crate) fn take_wrong_signatures(&self) -> Vec<WrongSignature> {
        std::mem::take(&mut *self.wrong.lock())
    }

    /// They could not be told: they wait on.
    pub(crate) fn put_back_wrong_signatures(&self, wrong: Vec<WrongSignature>) {
        for one in wrong {
            self.keep_wrong(one);
        }
    }

    fn notes(&self) -> Option<Arc<dyn SignatureNotes>> {
        self.notes.read().as_ref()?.upgrade()
    }

    fn reserve(&self, label: &KeyLabel, role: KeyRole) -> Result<(), SigningError> {
        let failed = |reason: String| SigningError::NotReserved {
            label: label.clone(),
            reason,
        };
        let notes = self
            .notes()
            .ok_or_else(|| failed("the authority is not running".to_owned()))?;
        notes.reserve(label, role).map_err(failed)
    }

    fn release(&self, order: &Order<'_>, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let open = self.open(order.label, order.role)?;
        let info = &open.info;
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
                self.came_back_wrong(order.label, &signature.device);
                SigningError::SignatureWrong {
                    label: order.label.clone(),
                    device: signature.device.clone(),
                }
            })?;
        Ok(signature.octets)
    }

    fn came_back_wrong(&self, label: &KeyLabel, device: &DeviceName) {
        self.keep_wrong(WrongSignature {
            label: label.clone(),
            device: device.clone(),
        });
    }

    fn keep_wrong(&self, one: WrongSignature) {
        let mut wrong = self.wrong.lock();
        if wrong.len() < MAX_WRONG_SIGNATURES && !wrong.contains(&one) {
            wrong.push(one);
        }
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<OpenKey>, SigningError> {
        if let Some(open) = self.keys.read().get(label) {
            let has = open.info.role;
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
        let unusable = |source| SigningError::PublicKey {
            label: label.clone(),
            source,
        };
        let mut info = key.info().clone();
        if let Some(spki) = self.expected.read().get(label) {
            info.algorithm = PublicKeyInfo::from_der(spki)
                .map_err(|source| unusable(source.into()))?
                .algorithm();
            info.spki.clone_from(spki);
        }
        let public = self.crypto.public_key(&info.spki).map_err(unusable)?;
        let open = Arc::new(OpenKey { key, info, public });
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
