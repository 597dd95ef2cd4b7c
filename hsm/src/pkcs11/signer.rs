//! An opened key.

use std::sync::Arc;

use super::fault::Fault;
use super::mechanism;
use super::token::{self, Token};
use crate::{Disposition, Error, KeyInfo, SignRequest, Signature, SigningKey};

/// A key on a token. Its handle is the connection's affair.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) token: Arc<Token>,
    pub(super) info: KeyInfo,
}

impl SigningKey for Signer {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        let unsupported = || Error::SignatureUnsupported {
            label: self.info.label.clone(),
            key: self.info.algorithm,
            signature: request.algorithm,
        };
        if !mechanism::fits(self.info.algorithm, request.algorithm) {
            return Err(unsupported());
        }
        if request.deadline.is_zero() {
            return Err(Error::TimedOut {
                backend: self.token.describe(),
                operation: "sign",
                attempted: false,
            });
        }
        let deadline = token::deadline(request.deadline);
        let octets = self.token.run("sign", deadline, |lane| {
            let key = lane
                .key(&self.info.label, &self.token.foreign)?
                .ok_or_else(|| self.token.not_found(&self.info.label))?;
            // The token may have been exchanged since the key was opened.
            if key.info.spki != self.info.spki {
                return Err(Error::WrongDevice {
                    backend: self.token.describe(),
                    reason: format!(
                        "key {} has another public key than when it was opened",
                        self.info.label
                    ),
                }
                .into());
            }
            let plan = mechanism::plan(
                request.algorithm,
                request.message,
                self.token.hash_on,
                &lane.connection.mechanisms,
            )
            .ok_or_else(unsupported)?;
            let session = &lane.session;
            session
                .sign(&plan.mechanism, key.handle, &plan.data)
                .map_err(|error| match Fault::from(error) {
                    fault if fault.is_unsupported() => unsupported().into(),
                    fault => fault,
                })
        })?;
        let octets =
            mechanism::finish(self.info.algorithm, octets).map_err(|reason| Error::Device {
                backend: self.token.describe(),
                operation: "sign",
                reason,
                disposition: Disposition::OtherDevice,
            })?;
        Ok(Signature {
            octets,
            device: self.token.name.clone(),
        })
    }
}
