//! Objects are stored or made: what these commands have in common is all that they do.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    header,
};
use crate::{
    key::{AsymmetricKey, HmacKey},
    object::{Material, Origin, WrapKey},
    protocol::{Algorithm, Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// PUT OPAQUE, PUT AUTHENTICATION KEY, PUT ASYMMETRIC KEY, PUT WRAP KEY, PUT HMAC KEY: header and
    /// content; for authentication keys that is K-ENC and K-MAC. Answers `id (2)`.
    pub(in super::super) fn put(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
        (capability, kind): (Capability, ObjectType),
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(capability)?;
        let info = header::read(&mut reader, kind, Origin::IMPORTED)?;
        let content = reader.rest();
        self.create(grant, info, touched, |algorithm| {
            Material::import(algorithm, content)
        })
    }

    /// GENERATE ASYMMETRIC KEY, GENERATE WRAP KEY, GENERATE HMAC KEY: header. Answers `id (2)`.
    pub(in super::super) fn generate(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
        (capability, kind): (Capability, ObjectType),
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(capability)?;
        let info = header::read(&mut reader, kind, Origin::GENERATED)?;
        reader.end()?;
        self.create(grant, info, touched, |algorithm| generate(kind, algorithm))
    }
}

fn generate(kind: ObjectType, algorithm: Algorithm) -> Result<Material, DeviceError> {
    match kind {
        ObjectType::AsymmetricKey => {
            AsymmetricKey::generate(algorithm).map(|key| Material::AsymmetricKey(Box::new(key)))
        }
        ObjectType::HmacKey => HmacKey::generate(algorithm).map(Material::HmacKey),
        ObjectType::WrapKey => WrapKey::generate(algorithm).map(Material::WrapKey),
        ObjectType::Opaque | ObjectType::AuthenticationKey => Err(DeviceError::InvalidCommand),
    }
}
