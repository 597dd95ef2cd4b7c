//! Attestation.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    attestation::{self, AttestedObject},
    key::AsymmetricKey,
    object::Material,
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `key (2) | attesting key (2)`; answers a certificate. Attesting key 0 is the device's own;
    /// any other needs its certificate as opaque object of the same id.
    pub(in super::super) fn sign_attestation_certificate(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = reader.short()?;
        let attesting_id = reader.short()?;
        (touched.target, touched.second) = (id, attesting_id);
        reader.end()?;
        let capability = Capability::SignAttestationCertificate;
        grant.require(capability)?;
        let object = grant.find(&self.objects, ObjectType::AsymmetricKey, id)?;
        let (key, certificate) = self.attesting(grant, attesting_id)?;
        let attested = AttestedObject {
            info: &object.info,
            key: object.asymmetric_key()?,
            firmware: self.firmware,
            serial: self.serial,
        };
        let signed = attestation::attest(&attested, key, certificate)
            .map_err(|_| DeviceError::InvalidData)?;
        self.duration = self.pace.of_signature(key.algorithm());
        Ok(signed)
    }

    fn attesting(&self, grant: &Grant, id: u16) -> Result<(&AsymmetricKey, &[u8]), DeviceError> {
        if id == 0 {
            return Ok((&self.attestation.key, &self.attestation.certificate));
        }
        let capability = Capability::SignAttestationCertificate;
        let kind = ObjectType::AsymmetricKey;
        let key = grant.find_for(&self.objects, kind, id, capability)?;
        let certificate = grant.find(&self.objects, ObjectType::Opaque, id)?;
        match &*certificate.material {
            Material::Opaque(content) => Ok((key.asymmetric_key()?, content)),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
