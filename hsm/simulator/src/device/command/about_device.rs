//! The device as a whole.

use super::super::{Device, authorization::Grant};
use crate::{
    log::CAPACITY,
    protocol::{Algorithm, Capability, DeviceError, Reader},
    random,
};

/// What the second page of DEVICE INFO says in place of a chip's designation.
const PART_NUMBER: &[u8] = b"SIMULATOR";
/// Octets around random ones in an answer: frames, padding, MAC.
const OVERHEAD_BYTES: usize = 32;

impl Device {
    /// Nothing, or `page (1)`; answers
    /// `firmware (3) | serial (4) | log lines (1) | used (1) | algorithms`, or the part number.
    pub(in super::super) fn device_info(&self, data: &[u8]) -> Result<Vec<u8>, DeviceError> {
        match data {
            [] | [0] => {}
            [1] => return Ok(PART_NUMBER.to_vec()),
            [_] => return Err(DeviceError::InvalidData),
            _ => return Err(DeviceError::WrongLength),
        }
        let octet = |count| u8::try_from(count).unwrap_or(u8::MAX);
        let mut info = self.firmware.octets().to_vec();
        info.extend_from_slice(&self.serial.to_be_bytes());
        info.extend_from_slice(&[octet(CAPACITY), octet(self.log.len())]);
        info.extend_from_slice(&Algorithm::ANNOUNCED);
        Ok(info)
    }

    /// Answers five numbers of two octets.
    pub(in super::super) fn storage_info(
        &self,
        reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        reader.end()?;
        let info = self.objects.storage();
        Ok([
            info.total_records,
            info.free_records,
            info.total_pages,
            info.free_pages,
            info.page_bytes,
        ]
        .map(u16::to_be_bytes)
        .concat())
    }

    /// Ends this session; the answer still goes through it.
    pub(in super::super) fn close_session(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        reader.end()?;
        self.sessions.remove(grant.session);
        Ok(Vec::new())
    }

    /// Everything goes, and the device boots. Its serial number and attestation key stay.
    pub(in super::super) fn reset_device(
        &mut self,
        grant: &Grant,
        reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        reader.end()?;
        grant.require(Capability::ResetDevice)?;
        self.reset()?;
        self.boot();
        Ok(Vec::new())
    }

    /// `count (2)`.
    pub(in super::super) fn pseudo_random(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        let count = usize::from(reader.short()?);
        reader.end()?;
        grant.require(Capability::GetPseudoRandom)?;
        if count > self.firmware.message_limit() - OVERHEAD_BYTES {
            return Err(DeviceError::WrongLength);
        }
        let mut octets = vec![0; count];
        random::fill(&mut octets).map_err(|_| DeviceError::StorageFailed)?;
        Ok(octets)
    }

    /// `seconds (1)`. There is nothing to see.
    pub(in super::super) fn blink(&self, mut reader: Reader<'_>) -> Result<Vec<u8>, DeviceError> {
        reader.octet()?;
        reader.end()?;
        Ok(Vec::new())
    }
}
