//! A pool as a backend of keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_verify::KeyAlgorithm;

use super::entry::Slot;
use super::key::PoolKey;
use super::state::State;
use super::{Alarm, DeviceState, DrainError, Pool};
use crate::{
    Attestation, BackendKind, Disposition, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    SigningKey,
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
            self.inner
                .call(index, "generate", deadlines.1, move |device| {
                    device.generate(&label, role, algorithm)
                })
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
                let begun = self
                    .inner
                    .begin(index, "list keys", deadline, |device| device.keys());
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
            self.inner.call(index, "attest", deadline, move |device| {
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
                state.quarantine(index, format!("its key {label} is not the recorded one"));
            }
        });
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

impl Pool {
    /// The devices, once each of them said that it does not hold the label.
    fn all_without(
        &self,
        label: &KeyLabel,
        indexes: &[usize],
        deadline: std::time::Duration,
    ) -> Result<Vec<usize>, Error> {
        let begun: Vec<_> = indexes
            .iter()
            .map(|index| {
                let asked = label.clone();
                let call = move |it: &dyn crate::Device| it.key_id(&asked);
                (*index, self.inner.begin(*index, "find", deadline, call))
            })
            .collect();
        let (mut without, mut silent) = (Vec::new(), Vec::new());
        let mut holder = None;
        for (index, begun) in begun {
            match begun.and_then(|pending| self.inner.end(pending)) {
                Ok(_) => holder = holder.or(Some(index)),
                Err(Error::KeyNotFound { .. }) => without.push(index),
                Err(error) => silent.push((index, error)),
            }
        }
        if let Some(index) = holder {
            return Err(Error::KeyExists {
                label: label.clone(),
                backend: self.device_name(index),
            });
        }
        if silent.is_empty() {
            return Ok(without);
        }
        // Nobody answered: what the first said is more telling than anything said of it.
        if without.is_empty() {
            return Err(silent.swap_remove(0).1);
        }
        let silent: Vec<_> = silent
            .iter()
            .map(|(index, error)| format!("{} ({error})", self.device_name(*index)))
            .collect();
        Err(Error::NoDevice {
            label: label.clone(),
            reason: format!(
                "whether it exists already was not said by {}; connect what is away, or take it out of the configuration",
                silent.join(", ")
            ),
        })
    }

    /// The first device that can do it: others are asked only where the one before them certainly
    /// did nothing and another may.
    fn first<T>(
        &self,
        indexes: &[usize],
        ask: impl Fn(usize) -> Result<T, Error>,
    ) -> Option<Result<T, Error>> {
        let mut last = None;
        for index in indexes {
            let answer = ask(*index);
            let goes_on = answer.as_ref().is_err_and(|error| {
                !error.was_attempted() && error.disposition() != Disposition::Stop
            });
            // A key that one device lacks another may hold: the more telling error is kept.
            if !goes_on || !matches!((&last, &answer), (Some(_), Err(Error::KeyNotFound { .. }))) {
                last = Some(answer);
            }
            if !goes_on {
                break;
            }
        }
        last
    }

    fn open_on(
        &self,
        indexes: &[usize],
        place: usize,
        label: &KeyLabel,
        role: KeyRole,
        deadline: std::time::Duration,
    ) -> Result<KeyInfo, Error> {
        let begun: Vec<_> = indexes
            .iter()
            .map(|index| {
                let label = label.clone();
                let call = move |device: &dyn crate::Device| device.open(&label, role);
                (*index, self.inner.begin(*index, "open", deadline, call))
            })
            .collect();
        let (mut opened, mut errors) = (Vec::new(), Vec::new());
        for (index, begun) in begun {
            match begun.and_then(|pending| self.inner.end(pending)) {
                Ok(key) => opened.push((index, key)),
                Err(error) => errors.push((index, error)),
            }
        }
        self.inner.with(|state, now| {
            let recheck = now + state.options.key_recheck;
            for (index, error) in &errors {
                if matches!(error, Error::KeyNotFound { .. }) {
                    state.entries[*index].slots[place] = Slot::Absent { until: recheck };
                }
            }
            elect(state, place, opened)
        });
        let info = self.inner.with(|state, _| state.keys[place].info.clone());
        info.ok_or_else(|| {
            errors
                .into_iter()
                .map(|(_, error)| error)
                .min_by_key(telling)
                .unwrap_or_else(|| self.nobody(label))
        })
    }

    fn nobody(&self, label: &KeyLabel) -> Error {
        let states = self.inner.with(|state, _| {
            let states = state.entries.iter();
            states
                .map(|entry| format!("{}: {:?}", entry.name, entry.health.state()))
                .collect::<Vec<_>>()
        });
        Error::NoDevice {
            label: label.clone(),
            reason: states.join("; "),
        }
    }

    fn device_name(&self, index: usize) -> String {
        self.inner.state.lock().entries[index].name.to_string()
    }
}

/// The devices to ask for what is no signature: those in service, else those that rest.
fn askable(state: &State) -> Vec<usize> {
    let among = |fits: &dyn Fn(&DeviceState) -> bool| {
        let entries = state.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| fits(entry.health.state()) && !entry.hangs())
            .map(|(index, _)| index)
            .collect::<Vec<_>>()
    };
    let in_service = among(&|it| *it == DeviceState::InService);
    if in_service.is_empty() {
        among(&|it| matches!(it, DeviceState::Resting | DeviceState::Probing))
    } else {
        in_service
    }
}

/// Settles which public key a label has, and keeps the keys that fit: the recorded one, else the
/// one that most devices hold, else that of the first by preference.
fn elect(state: &mut State, place: usize, opened: Vec<(usize, Arc<dyn SigningKey>)>) {
    if state.reference(place).is_none() {
        let votes = |spki: &[u8]| {
            let same = opened.iter().filter(|(_, key)| key.info().spki == spki);
            same.count()
        };
        // Of the equal ones `max_by_key` takes the last: look from the end.
        let elected = opened
            .iter()
            .rev()
            .max_by_key(|(_, key)| votes(&key.info().spki));
        if let Some((_, key)) = elected {
            state.keys[place].info = Some(key.info().clone());
        }
    }
    for (index, key) in opened {
        let info = key.info().clone();
        if state.adopt(index, place, key) {
            state.keys[place].info.get_or_insert(info);
        }
    }
}

/// The most telling error first.
fn telling(error: &Error) -> u8 {
    match (error, error.disposition()) {
        (Error::KeyNotFound { .. }, _) => 2,
        (_, Disposition::Stop) => 0,
        _ => 1,
    }
}
