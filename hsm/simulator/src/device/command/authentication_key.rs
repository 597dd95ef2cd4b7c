//! Authentication keys.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    header,
};
use crate::{
    object::{Material, ObjectKey, Origin},
    protocol::{Algorithm, Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// Header with delegated capabilities, K-ENC, K-MAC.
    pub(in super::super) fn put_authentication_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::PutAuthenticationKey)?;
        let kind = ObjectType::AuthenticationKey;
        let info = header::read(&mut reader, kind, Origin::IMPORTED)?;
        let keys = reader.rest();
        self.create(grant, info, touched, |algorithm| {
            Material::import(algorithm, keys)
        })
    }

    /// `id (2) | algorithm (1) | K-ENC | K-MAC`; only of the session's own key. Open sessions stay.
    pub(in super::super) fn change_authentication_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = reader.short()?;
        touched.target = id;
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
