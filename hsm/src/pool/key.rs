//! A key of a pool.

use std::sync::Arc;

use super::QuarantineCause;
use super::inner::Inner;
use super::job::Command;
use super::state::State;
use super::ticket::Answer;
use crate::{DeviceName, Disposition, Error, KeyInfo, SignRequest, Signature, SigningKey};

/// A key that several devices may hold.
#[derive(Debug)]
pub(super) struct PoolKey {
    pub(super) inner: Arc<Inner>,
    /// Place in the list of opened keys.
    pub(super) place: usize,
    pub(super) info: KeyInfo,
}

impl SigningKey for PoolKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        let command = Command::Sign {
            key: self.place,
            algorithm: request.algorithm,
            message: request.message.into(),
        };
        let same = |state: &State| match state.reference(self.place) {
            Some(spki) if spki == self.info.spki => Ok(()),
            _ => Err(state.changed(self.place)),
        };
        match self
            .inner
            .ask(request.priority, command, request.deadline, same)?
        {
            Answer::Signature(signature) => Ok(signature),
            Answer::Done | Answer::Drained(_) => Err(Error::Device {
                backend: "pool".to_owned(),
                operation: "sign",
                reason: "the answer is no signature".to_owned(),
                disposition: Disposition::Stop,
            }),
        }
    }

    fn reject(&self, device: &DeviceName) {
        self.inner.with(|state, _| {
            let index = state.entries.iter().position(|it| it.name == *device);
            let Some(index) = index else { return };
            state.entries[index].counters[self.place].rejections += 1;
            let reason = format!("its signature by key {} does not verify", self.info.label);
            state.quarantine(index, QuarantineCause::WrongSignature, reason);
        });
    }
}
