//! Keys that leave the device encrypted, and come into another.

use std::time::Instant;

use yubihsm::object::{Filter, Type};
use yubihsm::{Capability, wrap};

use super::core::{COMMAND, Core, LONGEST};
use super::device::YubiHsmDevice;
use super::lane::Who;
use super::{algorithm, domain, object_id};
use crate::device::{WrappedKey, Wrapping};
use crate::{Error, KeyInfo, KeyLabel};

/// The label of the wrap key, in every device of an authority.
pub const WRAP_KEY_LABEL: &str = "kasane-wrap";

/// Octets of an AES-256-CCM wrap key.
const SECRET_BYTES: usize = 32;

/// Octets of the nonce that a wrapped object begins with (YubiHSM Command Reference, "Export Wrapped").
const NONCE_BYTES: usize = 13;

/// What a wrap key of ours may do itself.
pub(super) const WRAP: Capability = Capability::EXPORT_WRAPPED.union(Capability::IMPORT_WRAPPED);

impl Wrapping for YubiHsmDevice {
    fn export(&self, label: &KeyLabel) -> Result<WrappedKey, Error> {
        let deadline = Instant::now() + COMMAND;
        let core = &self.core;
        let found = core.find(label, deadline)?;
        let wrap_key = core.wrap_key(deadline)?;
        let message = core.on_key(label, "export", deadline, |session| {
            session
                .client
                .export_wrapped(wrap_key, Type::AsymmetricKey, found.id)
        })?;
        Ok(WrappedKey {
            label: label.clone(),
            wrap_key_id: wrap_key.to_be_bytes().to_vec(),
            octets: message.into_vec(),
        })
    }

    /// Object ID and label are those that the key had. A key that another wrap key encrypted is refused
    /// by the device.
    fn import(&self, key: &WrappedKey) -> Result<KeyInfo, Error> {
        let deadline = Instant::now() + LONGEST;
        let core = &self.core;
        if !core.labelled(key.label.as_str(), deadline)?.is_empty() {
            return Err(Error::KeyExists {
                label: key.label.clone(),
                backend: core.backend.to_string(),
            });
        }
        let wrap_key = core.wrap_key(deadline)?;
        if key.octets.len() <= NONCE_BYTES {
            return Err(core.refuse("import", "the wrapped key is too short"));
        }
        let message = wrap::Message::from_vec(key.octets.clone())
            .map_err(|error| core.refuse("import", error.to_string()))?;
        core.on_key(&key.label, "import", deadline, |session| {
            session.client.import_wrapped(wrap_key, message.clone())
        })?;
        match core.find(&key.label, deadline) {
            Ok(found) => Ok(found.info),
            Err(Error::KeyNotFound { .. }) => Err(Error::Damaged {
                label: key.label.clone(),
                reason: "it was imported under another label, or into a domain of no role",
            }),
            Err(error) => Err(error),
        }
    }

    /// The crate takes a copy of the secret that it does not erase: run it in a process that ends with
    /// the ceremony.
    fn put_wrap_key(&self, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let deadline = Instant::now() + COMMAND;
        let core = &self.core;
        let label = KeyLabel::new(WRAP_KEY_LABEL)?;
        if secret.len() != SECRET_BYTES {
            return Err(core.refuse(
                "store wrap key",
                format!("the secret has {} bytes, AES-256 takes 32", secret.len()),
            ));
        }
        let exists = || Error::KeyExists {
            label: label.clone(),
            backend: core.backend.to_string(),
        };
        if core.wrap_keys(deadline)?.next().is_some() {
            return Err(exists());
        }
        let device_label = core.device_label(WRAP_KEY_LABEL)?;
        let id = core.on_key(&label, "store wrap key", deadline, |session| {
            session.client.put_wrap_key(
                object_id::of(&label, 0),
                device_label.clone(),
                domain::all(),
                WRAP,
                algorithm::every_capability(),
                wrap::Algorithm::Aes256Ccm,
                secret,
            )
        })?;
        Ok(id.to_be_bytes().to_vec())
    }
}

impl Core {
    fn wrap_keys(&self, deadline: Instant) -> Result<impl Iterator<Item = u16> + use<>, Error> {
        let filters = [
            Filter::Type(Type::WrapKey),
            Filter::Label(self.device_label(WRAP_KEY_LABEL)?),
        ];
        let entries = self.on_device(Who::Main, "list wrap keys", deadline, |session| {
            session.client.list_objects(&filters)
        })?;
        Ok(entries.into_iter().map(|entry| entry.object_id))
    }

    /// The one wrap key.
    fn wrap_key(&self, deadline: Instant) -> Result<u16, Error> {
        let mut keys = self.wrap_keys(deadline)?;
        match (keys.next(), keys.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err(self.not_found(&KeyLabel::new(WRAP_KEY_LABEL)?)),
            (Some(_), Some(_)) => Err(self.refuse(
                "find wrap key",
                format!("two wrap keys have the label {WRAP_KEY_LABEL}"),
            )),
        }
    }
}
