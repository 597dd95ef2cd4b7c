//! Asymmetric keys: made and shown.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    header,
};
use crate::{
    key::AsymmetricKey,
    object::{Material, Origin},
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// Header and private key.
    pub(in super::super) fn put_asymmetric_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::PutAsymmetricKey)?;
        let kind = ObjectType::AsymmetricKey;
        let info = header::read(&mut reader, kind, Origin::IMPORTED)?;
        let secret = reader.rest();
        self.create(grant, info, touched, |algorithm| {
            Material::import(algorithm, secret)
        })
    }

    /// Header.
    pub(in super::super) fn generate_asymmetric_key(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::GenerateAsymmetricKey)?;
        let kind = ObjectType::AsymmetricKey;
        let info = header::read(&mut reader, kind, Origin::GENERATED)?;
        reader.end()?;
        self.create(grant, info, touched, |algorithm| {
            let key = AsymmetricKey::generate(algorithm)?;
            Ok(Material::AsymmetricKey(Box::new(key)))
        })
    }

    /// `id (2)`; answers `algorithm (1) | public key`. Key 0 is the attestation key.
    pub(in super::super) fn get_public_key(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = reader.short()?;
        touched.target = id;
        reader.end()?;
        let key = if id == 0 {
            &self.attestation.key
        } else {
            grant
                .find(&self.objects, ObjectType::AsymmetricKey, id)?
                .asymmetric_key()?
        };
        Ok([&[key.algorithm().code()], key.public_key().as_slice()].concat())
    }
}
