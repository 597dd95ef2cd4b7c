//! Which keys the device has.

use std::time::Instant;

use kasane_verify::KeyAlgorithm;
use yubihsm::object::{self, Filter, Type};

use super::algorithm;
use super::core::Core;
use super::domain;
use super::lane::Who;
use crate::{Error, KeyInfo, KeyLabel, KeyRole};

/// A key and where it lies.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: u16,
    pub(super) info: KeyInfo,
}

impl Core {
    /// Every key under the process's credential that is ours, ordered by label.
    pub(super) fn walk(&self, deadline: Instant) -> Result<Vec<Found>, Error> {
        let entries = self.list(&[Filter::Type(Type::AsymmetricKey)], deadline)?;
        let mut found = Vec::with_capacity(entries.len());
        for id in entries {
            match self.look_at(id, deadline) {
                Ok(key) => found.extend(key),
                // Deleted since it was listed.
                Err(Error::KeyNotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_by(|a, b| a.info.label.cmp(&b.info.label));
        Ok(found)
    }

    /// The one key of that label.
    pub(super) fn find(&self, label: &KeyLabel, deadline: Instant) -> Result<Found, Error> {
        let ids = match self.foreign.iter().find(|key| key.label == *label) {
            Some(key) => match (key.id, &key.device_label) {
                (Some(id), _) => vec![id],
                (None, device_label) => {
                    self.labelled(device_label.as_deref().unwrap_or_default(), deadline)?
                }
            },
            None => self.labelled(label.as_str(), deadline)?,
        };
        let mut found = None;
        for id in ids {
            let Some(key) = self.look_at(id, deadline)? else {
                continue;
            };
            if key.info.label != *label {
                continue;
            }
            if found.replace(key).is_some() {
                return Err(Error::Damaged {
                    label: label.clone(),
                    reason: "two objects of the device have this label",
                });
            }
        }
        found.ok_or_else(|| self.not_found(label))
    }

    /// IDs of the signing keys that the device labels so.
    pub(super) fn labelled(&self, label: &str, deadline: Instant) -> Result<Vec<u16>, Error> {
        let label = self.device_label(label)?;
        self.list(
            &[Filter::Type(Type::AsymmetricKey), Filter::Label(label)],
            deadline,
        )
    }

    /// What Kasane calls an object, if it is a key of ours.
    pub(super) fn name_of(&self, info: &object::Info) -> Option<(KeyLabel, KeyRole)> {
        if let Some(key) = self.foreign.iter().find(|key| key.is(info)) {
            return Some((key.label.clone(), key.role));
        }
        let role = domain::role(info.domains)?;
        let label = KeyLabel::new(info.label.try_as_str().ok()?).ok()?;
        Some((label, role))
    }

    /// The field of an object's label.
    pub(super) fn device_label(&self, label: &str) -> Result<object::Label, Error> {
        object::Label::from_bytes(label.as_bytes())
            .map_err(|error| self.refuse("label", error.to_string()))
    }

    fn list(&self, filters: &[Filter], deadline: Instant) -> Result<Vec<u16>, Error> {
        let entries = self.on_device(Who::Main, "list keys", deadline, |session| {
            session.client.list_objects(filters)
        })?;
        Ok(entries.into_iter().map(|entry| entry.object_id).collect())
    }

    fn look_at(&self, id: u16, deadline: Instant) -> Result<Option<Found>, Error> {
        let looked = self
            .lane
            .run(Who::Main, "look at key", deadline, |session| {
                let info = session.client.get_object_info(id, Type::AsymmetricKey)?;
                let Some((label, role)) = self.name_of(&info) else {
                    return Ok(None);
                };
                let Some(algorithm) = info.algorithm.asymmetric().and_then(algorithm::from_device)
                else {
                    return Ok(None);
                };
                let key = session.client.get_public_key(id)?;
                Ok(Some((label, role, algorithm, key.bytes)))
            });
        match looked {
            Ok(None) | Err(super::fault::Fault::NotFound) => Ok(None),
            Ok(Some((label, role, algorithm, raw))) => {
                let info = self.key_info(&label, role, algorithm, &raw)?;
                Ok(Some(Found { id, info }))
            }
            Err(fault) => Err(fault.plain(&self.backend, "look at key")),
        }
    }

    /// The facts of a key from its raw public half.
    pub(super) fn key_info(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
        raw: &[u8],
    ) -> Result<KeyInfo, Error> {
        let spki = algorithm::spki(algorithm, raw).ok_or_else(|| Error::Damaged {
            label: label.clone(),
            reason: "the device's public key does not fit its algorithm",
        })?;
        Ok(KeyInfo {
            label: label.clone(),
            role,
            algorithm,
            spki,
        })
    }
}
