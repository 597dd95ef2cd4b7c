//! An opened key.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::Instant;

use super::algorithm::{self, Input, MAX_ED25519_MESSAGE_BYTES};
use super::catalogue::Found;
use super::core::{Core, LONGEST};
use crate::{Error, KeyInfo, SignRequest, Signature, SigningKey};

/// A key whose object ID is known, so that no look-up happens per signature.
///
/// With the first signature of each session the public key under that ID is compared: a key that was
/// deleted or replaced while nobody looked is noticed before it signs. Within a session, who checks each
/// signature notices.
pub(super) struct YubiHsmKey {
    core: Arc<Core>,
    info: KeyInfo,
    id: AtomicU16,
    compared_in: AtomicU64,
}

/// What came of an attempt.
enum Attempt {
    Signed(Vec<u8>),
    /// Under the ID lies another key.
    Replaced,
}

impl YubiHsmKey {
    pub(super) fn new(core: Arc<Core>, found: Found) -> Self {
        Self {
            core,
            info: found.info,
            id: AtomicU16::new(found.id),
            compared_in: AtomicU64::new(0),
        }
    }

    fn attempt(&self, input: &Input, deadline: Instant) -> Result<Attempt, Error> {
        let id = self.id.load(Ordering::Acquire);
        self.core
            .on_key(&self.info.label, "sign", deadline, |session| {
                let client = session.client;
                if self.compared_in.load(Ordering::Acquire) != session.number {
                    let raw = client.get_public_key(id)?.bytes;
                    if algorithm::spki(self.info.algorithm, &raw).as_ref() != Some(&self.info.spki)
                    {
                        return Ok(Attempt::Replaced);
                    }
                    self.compared_in.store(session.number, Ordering::Release);
                }
                Ok(Attempt::Signed(match input {
                    Input::Digest(digest) => {
                        client.sign_ecdsa_prehash_raw(id, digest.as_slice())?
                    }
                    Input::Ed25519(message) => client
                        .sign_ed25519(id, message.as_slice())?
                        .to_bytes()
                        .to_vec(),
                    Input::RsaSha256(message) => {
                        client.sign_rsa_pkcs1v15_sha256(id, message)?.into_vec()
                    }
                }))
            })
    }

    /// The same key under another ID, or an error that says what lies there instead.
    fn look_again(&self, deadline: Instant) -> Result<(), Error> {
        let found = self.core.find(&self.info.label, deadline)?;
        if found.info != self.info {
            return Err(Error::KeyNotFound {
                label: self.info.label.clone(),
                backend: format!("{} (another key has its label now)", self.core.backend),
            });
        }
        self.id.store(found.id, Ordering::Release);
        self.compared_in.store(0, Ordering::Release);
        Ok(())
    }
}

impl SigningKey for YubiHsmKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        let deadline = Instant::now() + request.deadline.min(LONGEST);
        let input = Input::new(self.info.algorithm, request.algorithm, request.message)
            .ok_or_else(|| Error::SignatureUnsupported {
                label: self.info.label.clone(),
                key: self.info.algorithm,
                signature: request.algorithm,
            })?;
        if let Input::Ed25519(message) = &input
            && message.len() > MAX_ED25519_MESSAGE_BYTES
        {
            return Err(Error::NotPermitted {
                backend: self.core.backend.to_string(),
                operation: "sign",
                reason: format!(
                    "the device signs at most {MAX_ED25519_MESSAGE_BYTES} bytes with Ed25519, not {}",
                    message.len()
                ),
            });
        }
        let octets = match self.attempt(&input, deadline) {
            Ok(Attempt::Signed(octets)) => octets,
            // Nothing was signed.
            Ok(Attempt::Replaced) | Err(Error::KeyNotFound { .. }) => {
                self.look_again(deadline)?;
                match self.attempt(&input, deadline)? {
                    Attempt::Signed(octets) => octets,
                    Attempt::Replaced => return Err(self.core.not_found(&self.info.label)),
                }
            }
            Err(error) => return Err(error),
        };
        if !algorithm::is_signature(self.info.algorithm, &octets) {
            return Err(self.core.refuse(
                "sign",
                "what the device gave is no signature of the key's kind",
            ));
        }
        Ok(Signature {
            octets,
            device: self.core.name.clone(),
        })
    }
}

impl fmt::Debug for YubiHsmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YubiHsmKey")
            .field("device", &self.core.name)
            .field("label", &self.info.label)
            .field("algorithm", &self.info.algorithm)
            .finish_non_exhaustive()
    }
}
