//! Objects under wrap.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    object::{Material, ObjectInfo, StoredObject, WrapKey},
    options::Firmware,
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `wrap key (2) | type (1) | id (2)`; answers `nonce (13) | ciphertext | tag (16)`. The object
    /// must be exportable, and its capabilities be delegated to the wrap key.
    pub(in super::super) fn export_wrapped(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let wrap_id = reader.short()?;
        let kind = ObjectType::from_code(reader.octet()?).ok_or(DeviceError::InvalidData)?;
        let id = reader.short()?;
        (touched.target, touched.second) = (wrap_id, id);
        // Since firmware 2.4: whether an Ed25519 key's seed is wanted. Here it is always there.
        if !reader.is_empty() && reader.octet()? > 1 {
            return Err(DeviceError::InvalidData);
        }
        reader.end()?;
        let (info, key) = self.wrap_key(grant, wrap_id, Capability::ExportWrapped)?;
        let object = grant.find(&self.objects, kind, id)?;
        let capabilities = object.info.capabilities;
        if !capabilities.has(Capability::ExportableUnderWrap)
            || !capabilities.within(info.delegated)
        {
            return Err(DeviceError::InsufficientPermissions);
        }
        key.wrap(object)
    }

    /// `wrap key (2) | nonce | ciphertext | tag`; answers `type (1) | id (2)`. The object's
    /// capabilities must be delegated to the wrap key, and it must be one that the session could
    /// have made.
    pub(in super::super) fn import_wrapped(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let wrap_id = touched.names(&mut reader)?;
        let (info, key) = self.wrap_key(grant, wrap_id, Capability::ImportWrapped)?;
        let object: StoredObject = key.unwrap(reader.rest())?;
        let imported = object.info.key;
        touched.second = imported.id;
        if !object.info.capabilities.within(info.delegated) {
            return Err(DeviceError::InsufficientPermissions);
        }
        grant.may_create(&object.info)?;
        if imported.id == 0 {
            return Err(DeviceError::InvalidId);
        }
        let id = self.store(object)?;
        Ok([&[imported.kind.code()], id.as_slice()].concat())
    }

    /// `wrap key (2) | data`; answers `nonce (13) | ciphertext | tag (16)`.
    pub(in super::super) fn wrap_data(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
        let key = self.data_key(grant, id, Capability::WrapData)?;
        key.wrap_octets(reader.rest())
    }

    /// `wrap key (2) | nonce | ciphertext | tag`; answers the data.
    pub(in super::super) fn unwrap_data(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
        let key = self.data_key(grant, id, Capability::UnwrapData)?;
        Ok(key.unwrap_octets(reader.rest())?.to_vec())
    }

    /// Firmware before 2.5 says "invalid data" when the key lacks the capability.
    fn data_key(
        &self,
        grant: &Grant,
        id: u16,
        capability: Capability,
    ) -> Result<&WrapKey, DeviceError> {
        grant.require(capability)?;
        let outcome = self.wrap_key(grant, id, capability);
        match outcome {
            Err(DeviceError::InsufficientPermissions) if self.firmware < Firmware(2, 5, 0) => {
                Err(DeviceError::InvalidData)
            }
            outcome => outcome.map(|(_, key)| key),
        }
    }

    fn wrap_key(
        &self,
        grant: &Grant,
        id: u16,
        capability: Capability,
    ) -> Result<(&ObjectInfo, &WrapKey), DeviceError> {
        let object = grant.find_for(&self.objects, ObjectType::WrapKey, id, capability)?;
        match &*object.material {
            Material::WrapKey(key) => Ok((&object.info, key)),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
