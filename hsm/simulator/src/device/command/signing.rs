//! Signatures.

use super::super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    key::AsymmetricKey,
    protocol::{Capability, DeviceError, ObjectType, Reader},
};

impl Device {
    /// `id (2) | digest`.
    pub(in super::super) fn sign_pkcs1(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        self.sign(
            grant,
            reader,
            touched,
            Capability::SignPkcs,
            |key, mut rest| key.sign_pkcs1(rest.rest()),
        )
    }

    /// `id (2) | MGF1 algorithm (1) | salt length (2) | digest`.
    pub(in super::super) fn sign_pss(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        self.sign(
            grant,
            reader,
            touched,
            Capability::SignPss,
            |key, mut rest| {
                let mgf1 = rest.octet()?;
                let salt = rest.short()?;
                key.sign_pss(mgf1, salt, rest.rest())
            },
        )
    }

    /// `id (2) | digest`.
    pub(in super::super) fn sign_ecdsa(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        self.sign(
            grant,
            reader,
            touched,
            Capability::SignEcdsa,
            |key, mut rest| key.sign_ecdsa(rest.rest()),
        )
    }

    /// `id (2) | message`.
    pub(in super::super) fn sign_eddsa(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        self.sign(
            grant,
            reader,
            touched,
            Capability::SignEddsa,
            |key, mut rest| key.sign_eddsa(rest.rest()),
        )
    }

    fn sign(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
        touched: &mut Touched,
        capability: Capability,
        make: impl FnOnce(&AsymmetricKey, Reader<'_>) -> Result<Vec<u8>, DeviceError>,
    ) -> Result<Vec<u8>, DeviceError> {
        let id = touched.names(&mut reader)?;
        let kind = ObjectType::AsymmetricKey;
        let object = grant.find_for(&self.objects, kind, id, capability)?;
        let signature = make(object.signing_key()?, reader)?;
        self.duration = self.pace.of_signature(object.info.algorithm);
        self.counters.count_signature(id);
        Ok(signature)
    }
}
