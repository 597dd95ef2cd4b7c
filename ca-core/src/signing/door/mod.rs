//! The door itself.

mod keys;
mod signed;
mod unrecorded;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kasane_hsm::{
    BackendKind, KeyBackend, KeyLabel, KeyRole, Priority, RecordedQuarantine, SignRequest,
};
use kasane_verify::SignatureAlgorithm;
use kasane_verify::crypto::CryptoProvider;
use parking_lot::{Mutex, RwLock};

use self::keys::OpenKey;
use super::usage::Usage;
use super::{Product, SignatureNotes, SigningError, WrongSignature};
use crate::pipeline::{Recorded, ToBeSigned};

pub use self::signed::{Refused, Signed};

/// How long one signature may take, queueing included: an RSA-4096 signature of a loaded device.
const DEADLINE: Duration = Duration::from_secs(30);

/// Attempts at devices for one OCSP response: whoever waits for it asks again anyway.
const MAX_OCSP_ATTEMPTS: u32 = 2;

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

    /// Devices that are quarantined on record.
    pub fn quarantine_recorded(&self, recorded: &[RecordedQuarantine]) {
        self.backend.quarantine_recorded(recorded);
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

    /// The serial number of a device; none if it does not say.
    #[must_use]
    pub fn serial_of(&self, device: &kasane_hsm::DeviceName) -> Option<String> {
        self.backend.serial_of(device)
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

    /// Signs the `CertificationRequestInfo` (RFC 2986 §4.1) of an OCSP signer's key, which proves that
    /// it is here. For keys whose commands no device logs: nothing is recorded.
    pub(crate) fn sign_signer_request(
        &self,
        label: &KeyLabel,
        algorithm: SignatureAlgorithm,
        request_info: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        self.release(
            &Order {
                label,
                role: KeyRole::OcspResponder,
                product: Product::CertificationRequest,
                algorithm,
                priority: Priority::Status,
            },
            request_info,
        )
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
