//! Where `der` reads from.

use der::{EncodingRules, Error, ErrorKind, Length, Reader};

/// A `der` reader that is a slice and little else. Tags, lengths and their rules stay `der`'s; but
/// these few octets are all that moves, and every step can be inlined, where its own reader calls a
/// function for each octet of a header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// Octets of the whole input.
    input: Length,
    /// Octets of it behind `rest`, while a nested value is read.
    behind: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> der::Result<Self> {
        Ok(Self {
            rest: bytes,
            input: bytes.len().try_into()?,
            behind: 0,
        })
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[cold]
    fn incomplete(&self, wanted: Length) -> Error {
        let expected_len = self.position().saturating_add(wanted);
        self.position_of(ErrorKind::Incomplete {
            expected_len,
            actual_len: self.input,
        })
    }

    #[cold]
    fn position_of(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.position())
    }
}

impl<'a> Reader<'a> for Cursor<'a> {
    const CAN_READ_SLICE: bool = true;

    #[inline]
    fn encoding_rules(&self) -> EncodingRules {
        EncodingRules::Der
    }

    #[inline]
    fn input_len(&self) -> Length {
        self.input
    }

    fn position(&self) -> Length {
        let left = self.rest.len().saturating_add(self.behind);
        self.input
            .saturating_sub(Length::try_from(left).unwrap_or(self.input))
    }

    #[inline]
    fn remaining_len(&self) -> Length {
        // No longer than the input, whose length fits.
        Length::try_from(self.rest.len()).unwrap_or(Length::MAX)
    }

    #[inline]
    fn is_finished(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    fn read_slice(&mut self, length: Length) -> Result<&'a [u8], Error> {
        let Some((read, rest)) = self.rest.split_at_checked(length.try_into()?) else {
            return Err(self.incomplete(length));
        };
        self.rest = rest;
        Ok(read)
    }

    #[inline]
    fn read_byte(&mut self) -> Result<u8, Error> {
        let Some((byte, rest)) = self.rest.split_first() else {
            return Err(self.incomplete(Length::ONE));
        };
        self.rest = rest;
        Ok(*byte)
    }

    #[inline]
    fn peek_byte(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline]
    fn read_nested<T, F, E>(&mut self, length: Length, read: F) -> Result<T, E>
    where
        E: From<Error>,
        F: FnOnce(&mut Self) -> Result<T, E>,
    {
        let outer = *self;
        let inner = self.read_slice(length)?;
        let after = self.rest;
        self.rest = inner;
        self.behind = outer.behind.saturating_add(after.len());
        let value = read(self)?;
        if !self.rest.is_empty() {
            return Err(self
                .position_of(ErrorKind::TrailingData {
                    decoded: self.position(),
                    remaining: self.remaining_len(),
                })
                .into());
        }
        self.rest = after;
        self.behind = outer.behind;
        Ok(value)
    }
}
