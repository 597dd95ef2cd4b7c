//! Asymmetric keys, shown.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::protocol::{DeviceError, ObjectType, Reader};

impl Device {
    /// `id (2)`; answers `algorithm (1) | public key`. Key 0 is the attestation key.
    pub(in super::super) fn get_public_key(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
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
