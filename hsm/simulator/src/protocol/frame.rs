//! One command or answer.

use super::{CommandCode, DeviceError, Reader};

/// `code | length (2, big endian) | data`, as it goes over the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame {
    /// Command, or command with the high bit, or `7f`.
    pub code: u8,
    /// At most 65,535 octets.
    pub data: Vec<u8>,
}

impl Frame {
    /// Octets before the data.
    pub const HEADER_BYTES: usize = 3;

    /// The successful answer to a command.
    #[must_use]
    pub const fn success(command: CommandCode, data: Vec<u8>) -> Self {
        Self {
            code: command.response(),
            data,
        }
    }

    /// The answer that says an error.
    #[must_use]
    pub fn error(error: DeviceError) -> Self {
        Self {
            code: CommandCode::ERROR.0,
            data: vec![error.code()],
        }
    }

    /// Takes a message apart. The length must say exactly what follows.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`] when it does not.
    pub fn parse(message: &[u8]) -> Result<Self, DeviceError> {
        let mut reader = Reader::new(message);
        let code = reader.octet()?;
        let length = reader.short()?;
        let data = reader.take(usize::from(length))?;
        reader.end()?;
        Ok(Self {
            code,
            data: data.to_vec(),
        })
    }

    /// The message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let length = u16::try_from(self.data.len()).unwrap_or(u16::MAX);
        let mut message = Vec::with_capacity(Self::HEADER_BYTES + self.data.len());
        message.push(self.code);
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(&self.data[..usize::from(length)]);
        message
    }
}
