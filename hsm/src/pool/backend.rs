//! A pool as a backend of keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_verify::KeyAlgorithm;

use super::asking::askable;
use super::entry::Slot;
use super::job::Otherwise;
use super::key::PoolKey;
use super::{Alarm, DrainError, Pool, QuarantineCause};
use crate::{
    Attestation, BackendKind, Disposition, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    RecordedQuarantine, SigningKey,
};

impl KeyBackend for Pool {
    /// The least that any of its devices is.
    fn kind(&self) -> BackendKind {
        let kinds: Vec<_> = self.devices().map(|device| device.kind()).collect();
        if kinds.contains(&BackendKind::Software) {
            BackendKind::Software
        } else if kinds.contains(&BackendKind::Simulator) {
            BackendKind::Simulator
        } else {
            BackendKind::Hardware
        }
    }

    fn describe(&self) -> String {
        let devices: Vec<_> = self.devices().map(|device| device.describe()).collect();
        format!("pool of {}", devices.join(", "))
    }

    /// Makes the key in one device: the first by preference. The others get it by cloning under a wrap
    /// key; until then they are skipped for it.
    ///
    /// Every device that is not out of service is asked first whether it holds the label, and one that
    /// does not answer ends it: the key might be there, and two keys of one label would divide the pool.
    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        let (indexes, deadlines) = self.inner.with(|state, _| {
            let deadlines = (state.options.call_deadline, state.options.generate_deadline);
            let entries = state.entries.iter().enumerate();
            let unlocked = entries.filter(|(_, entry)| !entry.health.locked());
            (
                unlocked.map(|(index, _)| index).collect::<Vec<_>>(),
                deadlines,
            )
        });
        let without = self.all_without(label, &indexes, deadlines.0)?;
        let made = self.first(&without, |index| {
            let label = label.clone();
            self.inner.call(
                index,
                "generate",
                deadlines.1,
                Otherwise::Waits,
                move |device| device.generate(&label, role, algorithm),
            )
        });
        self.refresh(label);
        made.unwrap_or_else(|| Err(self.nobody(label)))
    }

    /// The keys of every device that can be reached.
    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        let (indexes, deadline) = self
            .inner
            .with(|state, _| (askable(state), state.options.call_deadline));
        let begun: Vec<_> = indexes
            .into_iter()
            .map(|index| {
                let list = |device: &dyn crate::Device| device.keys();
                let waits = Otherwise::Waits;
                let begun = self.inner.begin(index, "list keys", deadline, waits, list);
                (index, begun)
            })
            .collect();
        let mut merged: BTreeMap<KeyLabel, KeyInfo> = BTreeMap::new();
        let (mut differing, mut failure, mut heard) = (Vec::new(), None, false);
        for (index, begun) in begun {
            match begun.and_then(|pending| self.inner.end(pending)) {
                Ok(keys) => {
                    heard = true;
                    for info in keys {
                        let first = merged
                            .entry(info.label.clone())
                            .or_insert_with(|| info.clone());
                        if first.spki != info.spki {
                            differing.push((index, info.label));
                        }
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        self.inner.with(|state, _| {
            for (index, label) in differing {
                let device = state.entries[index].name.clone();
                state.alarm(Alarm::KeyDiffers { device, label });
            }
        });
        match failure {
            Some(error) if !heard => Err(error),
            _ => Ok(merged.into_values().collect()),
        }
    }

    /// Opens the key on every device that can be reached and compares the public keys. A device
    /// that comes later opens it with its first signature.
    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let (place, known, indexes, deadline) = self.inner.with(|state, _| {
            let place = state.place(label);
            let known = state.keys[place].info.clone();
            (place, known, askable(state), state.options.call_deadline)
        });
        let info = match known {
            Some(info) => info,
            None => self.open_on(&indexes, place, label, role, deadline)?,
        };
        if info.role != role {
            return Err(Error::RoleMismatch {
                label: label.clone(),
                has: info.role,
                asked: role,
            });
        }
        Ok(Arc::new(PoolKey {
            inner: Arc::clone(&self.inner),
            place,
            info,
        }))
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        let (indexes, deadline) = self
            .inner
            .with(|state, _| (askable(state), state.options.call_deadline));
        let attested = self.first(&indexes, |index| {
            let label = label.clone();
            let elsewhere = Otherwise::Elsewhere;
            self.inner
                .call(index, "attest", deadline, elsewhere, move |device| {
                    device.attestation(&label)
                })
        });
        attested.unwrap_or_else(|| Err(self.nobody(label)))
    }

    /// A device that holds another key under this label is quarantined, now or when it is opened.
    fn expect(&self, label: &KeyLabel, spki: &[u8]) {
        self.inner.with(|state, _| {
            let place = state.place(label);
            state.keys[place].expected = Some(spki.to_vec());
            let wrong = |info: &KeyInfo| info.spki != spki;
            if state.keys[place].info.as_ref().is_some_and(wrong) {
                state.keys[place].info = None;
                state.left_service();
            }
            for index in 0..state.entries.len() {
                let slot = &mut state.entries[index].slots[place];
                match slot {
                    Slot::Open(key) if wrong(key.info()) => {}
                    Slot::Differs => {
                        *slot = Slot::Unopened;
                        continue;
                    }
                    _ => continue,
                }
                *slot = Slot::Unopened;
                let reason = format!("its key {label} is not the recorded one");
                state.quarantine(index, QuarantineCause::WrongKey, reason);
            }
        });
    }

    /// A device that does not answer is known by its name alone then: better one too many, which
    /// people enable, than a wrong one that signs.
    fn quarantine_recorded(&self, recorded: &[RecordedQuarantine]) {
        if recorded.is_empty() {
            return;
        }
        for (index, device) in self.devices.iter().enumerate() {
            let serial = device.identity().ok().map(|identity| identity.serial);
            let of = |it: &&RecordedQuarantine| match (&serial, it.serial.is_empty()) {
                (Some(serial), false) => *serial == it.serial,
                _ => device.name().as_str() == it.device,
            };
            let Some(found) = recorded.iter().find(of) else {
                continue;
            };
            self.inner.with(|state, _| {
                let cause = QuarantineCause::OnRecord;
                state.quarantine(index, cause, found.reason.clone());
            });
        }
    }

    fn keeps_command_log(&self) -> bool {
        self.devices().any(|device| device.command_log().is_some())
    }

    fn drain_command_logs(&self) -> Result<(), Error> {
        let mut first = None;
        for (device, drained) in self.drain_now() {
            if let Err(error) = drained {
                first.get_or_insert_with(|| match error {
                    DrainError::Device(error) => error,
                    other => Error::Device {
                        backend: device.to_string(),
                        operation: "drain log",
                        reason: other.to_string(),
                        disposition: Disposition::Stop,
                    },
                });
            }
        }
        first.map_or(Ok(()), Err)
    }
}
