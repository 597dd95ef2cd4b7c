//! Keys that were there before Kasane.

use yubihsm::object;

use crate::config::ForeignKey;
use crate::{Error, KeyLabel, KeyRole};

/// A key under a name of its own, in whatever domains.
#[derive(Clone, Debug)]
pub(super) struct Foreign {
    pub(super) label: KeyLabel,
    pub(super) role: KeyRole,
    pub(super) id: Option<u16>,
    pub(super) device_label: Option<String>,
}

impl Foreign {
    /// Reads a `[[device.key]]` table: an object ID has up to four hexadecimal digits.
    pub(super) fn new(backend: &str, key: &ForeignKey) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::BadConfiguration {
            backend: backend.to_owned(),
            reason: format!("key {:?}: {reason}", key.label),
        };
        let id = key
            .device_id
            .as_ref()
            .map(|id| {
                u16::from_str_radix(id, 16).map_err(|_| {
                    refuse("device_id is no YubiHSM object ID: write 1 to 4 hexadecimal digits")
                })
            })
            .transpose()?;
        if key
            .device_label
            .as_ref()
            .is_some_and(|label| label.len() > object::LABEL_SIZE)
        {
            return Err(refuse("device_label is longer than 40 bytes"));
        }
        if id.is_none() && key.device_label.is_none() {
            return Err(refuse("write device_id, device_label or both"));
        }
        Ok(Self {
            label: KeyLabel::new(key.label.as_str())?,
            role: key.role.parse()?,
            id,
            device_label: key.device_label.clone(),
        })
    }

    /// Whether it is this object.
    pub(super) fn is(&self, info: &object::Info) -> bool {
        self.id.is_none_or(|id| id == info.object_id)
            && self.device_label.as_ref().is_none_or(|label| {
                info.label
                    .try_as_str()
                    .is_ok_and(|text| text == label.as_str())
            })
    }
}
