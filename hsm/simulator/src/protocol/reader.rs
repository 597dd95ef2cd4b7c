//! Reads the fields of a command.

use super::DeviceError;

/// A position in a command's data. Too little is [`DeviceError::WrongLength`], never a panic.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the beginning of `data`.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// The next `count` octets.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DeviceError> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(DeviceError::WrongLength)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next octets as an array.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DeviceError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DeviceError::WrongLength)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// One octet.
    ///
    /// # Errors
    /// None is left.
    pub fn octet(&mut self) -> Result<u8, DeviceError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two octets, big endian.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn short(&mut self) -> Result<u16, DeviceError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Eight octets, big endian.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn long(&mut self) -> Result<u64, DeviceError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// Something is.
    pub const fn end(self) -> Result<(), DeviceError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DeviceError::WrongLength)
        }
    }
}
