//! Opaque objects.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    object::Material,
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `id (2)`; answers the content. Object 0 is the certificate of the attestation key.
    pub(in super::super) fn get_opaque(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
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
