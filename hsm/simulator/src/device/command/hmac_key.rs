//! HMAC keys: made and used.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    header,
};
use crate::{
    key::HmacKey,
    object::{Material, Origin},
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// Header and key.
    pub(in super::super) fn put_hmac_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::PutHmacKey)?;
        let info = header::read(&mut reader, ObjectType::HmacKey, Origin::IMPORTED)?;
        let key = reader.rest();
        self.create(grant, info, touched, |algorithm| {
            Material::import(algorithm, key)
        })
    }

    /// Header.
    pub(in super::super) fn generate_hmac_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::GenerateHmacKey)?;
        let info = header::read(&mut reader, ObjectType::HmacKey, Origin::GENERATED)?;
        reader.end()?;
        self.create(grant, info, touched, |algorithm| {
            HmacKey::generate(algorithm).map(Material::HmacKey)
        })
    }

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
        let id = reader.short()?;
        touched.target = id;
        let object = grant.find_for(&self.objects, ObjectType::HmacKey, id, capability)?;
        match &*object.material {
            Material::HmacKey(key) => Ok(key),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
