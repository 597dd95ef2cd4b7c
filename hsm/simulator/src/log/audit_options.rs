//! What is logged, and what happens when the log is full.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::protocol::{CommandCode, DeviceError, command_code::AUDITED};

/// An option's value.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum AuditOption {
    /// 00
    #[default]
    Off = 0,
    /// 01
    On = 1,
    /// 02: on until the next reset.
    Fixed = 2,
}

impl AuditOption {
    /// The value of an octet.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`].
    pub const fn from_code(code: u8) -> Result<Self, DeviceError> {
        match code {
            0 => Ok(Self::Off),
            1 => Ok(Self::On),
            2 => Ok(Self::Fixed),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// The octet.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Takes a new value.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when it is fixed and would be weakened.
    pub fn set(&mut self, value: Self) -> Result<(), DeviceError> {
        if *self == Self::Fixed && value != Self::Fixed {
            return Err(DeviceError::InvalidData);
        }
        *self = value;
        Ok(())
    }
}

/// Force-audit and command-audit.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuditOptions {
    /// Whether a full log stops what would be logged.
    pub force: AuditOption,
    commands: BTreeMap<u8, AuditOption>,
}

impl AuditOptions {
    /// Commands that are never logged by themselves: echo, session message, device info, the boot
    /// loader, 09 and reading the log.
    const SILENT: [u8; 6] = [0x01, 0x05, 0x06, 0x07, 0x09, 0x4d];

    /// After a reset: firmware before 2.3.1 logs, later firmware does not.
    #[must_use]
    pub fn initial(logs_by_default: bool) -> Self {
        let commands = AUDITED.iter().map(|command| {
            let on = logs_by_default && !Self::SILENT.contains(&command.0);
            let option = if on {
                AuditOption::On
            } else {
                AuditOption::Off
            };
            (command.0, option)
        });
        Self {
            force: AuditOption::Off,
            commands: commands.collect(),
        }
    }

    /// Whether a command is logged.
    #[must_use]
    pub fn logs(&self, command: CommandCode) -> bool {
        self.commands
            .get(&command.0)
            .is_some_and(|option| *option != AuditOption::Off)
    }

    /// Sets pairs of command and value, all or none.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] for an unknown command or value, or a fixed one,
    /// [`DeviceError::WrongLength`].
    pub fn set(&mut self, pairs: &[u8]) -> Result<(), DeviceError> {
        let mut changed = self.commands.clone();
        let (pairs, rest) = pairs.as_chunks::<2>();
        if pairs.is_empty() || !rest.is_empty() {
            return Err(DeviceError::WrongLength);
        }
        for [command, value] in pairs {
            changed
                .get_mut(command)
                .ok_or(DeviceError::InvalidData)?
                .set(AuditOption::from_code(*value)?)?;
        }
        self.commands = changed;
        Ok(())
    }

    /// All pairs, in the device's order.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let value = |command: &CommandCode| self.commands.get(&command.0).copied();
        AUDITED
            .iter()
            .flat_map(|command| [command.0, value(command).unwrap_or_default().code()])
            .collect()
    }
}
