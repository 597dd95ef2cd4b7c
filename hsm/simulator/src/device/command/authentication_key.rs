//! Authentication keys.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    object::{Material, ObjectKey},
    protocol::{Algorithm, Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `id (2) | algorithm (1) | K-ENC | K-MAC`; only of the session's own key. Open sessions stay.
    pub(in super::super) fn change_authentication_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
        let algorithm = Algorithm::from_code(reader.octet()?)
            .filter(|one| *one == Algorithm::Aes128YubicoAuthentication)
            .ok_or(DeviceError::InvalidData)?;
        let material = Material::import(algorithm, reader.rest())?;
        grant.require(Capability::ChangeAuthenticationKey)?;
        if id != grant.key_id {
            return Err(DeviceError::InvalidId);
        }
        let object = self
            .objects
            .find_mut(ObjectKey {
                kind: ObjectType::AuthenticationKey,
                id,
            })
            .ok_or(DeviceError::ObjectNotFound)?;
        object.material = material.into();
        self.changed = true;
        Ok(id.to_be_bytes().to_vec())
    }
}
