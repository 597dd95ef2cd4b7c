//! Opaque objects.

use super::{
    super::{Device, authorization::Grant, dispatch::Touched},
    header,
};
use crate::{
    object::{Material, Origin},
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// Header and content.
    pub(in super::super) fn put_opaque(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        grant.require(Capability::PutOpaque)?;
        let info = header::read(&mut reader, ObjectType::Opaque, Origin::IMPORTED)?;
        let content = reader.rest();
        self.create(grant, info, touched, |algorithm| {
            Material::import(algorithm, content)
        })
    }

    /// `id (2)`; answers the content. Object 0 is the certificate of the attestation key.
    pub(in super::super) fn get_opaque(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = reader.short()?;
        touched.target = id;
        reader.end()?;
        grant.require(Capability::GetOpaque)?;
        if id == 0 {
            return Ok(self.attestation.certificate.clone());
        }
        let object = grant.find(&self.objects, ObjectType::Opaque, id)?;
        match &*object.material {
            Material::Opaque(content) => Ok(content.clone()),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
