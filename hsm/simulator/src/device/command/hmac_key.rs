//! HMAC keys, used.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    key::HmacKey,
    object::Material,
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `id (2) | message`; answers the code.
    pub(in super::super) fn sign_hmac(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let key = self.hmac_key(grant, &mut reader, touched, Capability::SignHmac)?;
        Ok(key.sign(reader.rest()))
    }

    /// `id (2) | code | message`; answers 1 when they fit together, else 0.
    pub(in super::super) fn verify_hmac(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let key = self.hmac_key(grant, &mut reader, touched, Capability::VerifyHmac)?;
        Ok(vec![u8::from(key.verify(reader.rest())?)])
    }

    fn hmac_key(
        &self,
        grant: &Grant,
        reader: &mut Reader<'_>,
        touched: &mut Touched,
        capability: Capability,
    ) -> Result<&HmacKey, DeviceError> {
        let id = touched.names(reader)?;
        let object = grant.find_for(&self.objects, ObjectType::HmacKey, id, capability)?;
        match &*object.material {
            Material::HmacKey(key) => Ok(key),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
