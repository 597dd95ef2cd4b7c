//! Asking several devices for what is no signature, and what follows from their answers.

use std::sync::Arc;

use super::entry::Slot;
use super::job::Otherwise;
use super::state::State;
use super::{DeviceState, Pool};
use crate::{Disposition, Error, KeyInfo, KeyLabel, KeyRole, SigningKey};

impl Pool {
    /// The devices, once each of them said that it does not hold the label.
    pub(super) fn all_without(
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
                let waits = Otherwise::Waits;
                let begun = self.inner.begin(*index, "find", deadline, waits, call);
                (*index, begun)
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
    pub(super) fn first<T>(
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

    pub(super) fn open_on(
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
                // One that has no session free opens the key with its first signature.
                let elsewhere = Otherwise::Elsewhere;
                let begun = self.inner.begin(*index, "open", deadline, elsewhere, call);
                (*index, begun)
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

    pub(super) fn nobody(&self, label: &KeyLabel) -> Error {
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
pub(super) fn askable(state: &State) -> Vec<usize> {
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
