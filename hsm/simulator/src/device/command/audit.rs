//! Log and options.

use super::super::{Device, authorization::Grant};
use crate::{
    log::AuditOption,
    protocol::{Capability, DeviceError, Reader},
    state::JournalRecord,
};

const FORCE_AUDIT: u8 = 1;
const COMMAND_AUDIT: u8 = 3;

impl Device {
    /// Answers `unlogged boots (2) | unlogged authentications (2) | count (1) | lines (32 each)`.
    pub(in super::super) fn get_log_entries(
        &self,
        grant: &Grant,
        reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        reader.end()?;
        grant.require(Capability::GetLogEntries)?;
        Ok(self.log.encode())
    }

    /// `number (2)` of the last line that was read.
    pub(in super::super) fn set_log_index(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        let number = reader.short()?;
        reader.end()?;
        grant.require(Capability::GetLogEntries)?;
        if !self.log.read_up_to(number) {
            return Err(DeviceError::InvalidData);
        }
        self.unsaved.push(JournalRecord::ReadUpTo(number));
        Ok(Vec::new())
    }

    /// `option (1) | length (2) | value`.
    pub(in super::super) fn set_option(
        &mut self,
        grant: &Grant,
        mut reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        let option = reader.octet()?;
        let length = reader.short()?;
        let value = reader.take(usize::from(length))?;
        reader.end()?;
        grant.require(Capability::SetOption)?;
        match (option, value) {
            (FORCE_AUDIT, [value]) => self.audit.force.set(AuditOption::from_code(*value)?)?,
            (FORCE_AUDIT, _) => return Err(DeviceError::WrongLength),
            (COMMAND_AUDIT, pairs) => self.audit.set(pairs)?,
            _ => return Err(DeviceError::InvalidData),
        }
        self.changed = true;
        Ok(Vec::new())
    }

    /// `option (1)`; answers its value.
    pub(in super::super) fn get_option(
        &self,
        grant: &Grant,
        mut reader: Reader<'_>,
    ) -> Result<Vec<u8>, DeviceError> {
        let option = reader.octet()?;
        reader.end()?;
        grant.require(Capability::GetOption)?;
        match option {
            FORCE_AUDIT => Ok(vec![self.audit.force.code()]),
            COMMAND_AUDIT => Ok(self.audit.encode()),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
