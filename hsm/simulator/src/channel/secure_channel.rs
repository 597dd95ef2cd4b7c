//! The keys and the state of one channel.

use aws_lc_rs::{constant_time::verify_slices_are_equal, error::Unspecified};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{AuthenticationKey, cipher};
use crate::protocol::{CommandCode, DeviceError};

/// Octets of a MAC that go over the wire.
const MAC_BYTES: usize = 8;
/// Derivation constants (Amendment D, table 4-1).
const CARD_CRYPTOGRAM: u8 = 0x00;
const HOST_CRYPTOGRAM: u8 = 0x01;
const SESSION_ENCRYPTION: u8 = 0x04;
const SESSION_MAC: u8 = 0x06;
const SESSION_RESPONSE_MAC: u8 = 0x07;

/// Session keys, the MAC that the next one is chained to, and the counter of the encryption.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecureChannel {
    encryption: [u8; 16],
    mac: [u8; 16],
    response_mac: [u8; 16],
    chaining: [u8; 16],
    card_cryptogram: [u8; 8],
    host_cryptogram: [u8; 8],
    counter: u32,
}

impl SecureChannel {
    /// Derives everything from the static keys and both challenges.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn new(
        key: &AuthenticationKey,
        host_challenge: [u8; 8],
        card_challenge: [u8; 8],
    ) -> Result<Self, Unspecified> {
        let mut context = [0; 16];
        context[..8].copy_from_slice(&host_challenge);
        context[8..].copy_from_slice(&card_challenge);
        let mac = cipher::derive(&key.mac, SESSION_MAC, 128, &context)?;
        let cryptogram = |constant| -> Result<[u8; 8], Unspecified> {
            let [octets @ .., _, _, _, _, _, _, _, _] =
                cipher::derive(&mac, constant, 64, &context)?;
            Ok(octets)
        };
        Ok(Self {
            encryption: cipher::derive(&key.encryption, SESSION_ENCRYPTION, 128, &context)?,
            mac,
            response_mac: cipher::derive(&key.mac, SESSION_RESPONSE_MAC, 128, &context)?,
            chaining: [0; 16],
            card_cryptogram: cryptogram(CARD_CRYPTOGRAM)?,
            host_cryptogram: cryptogram(HOST_CRYPTOGRAM)?,
            counter: 1,
        })
    }

    /// What proves the device's knowledge of the key.
    #[must_use]
    pub const fn card_cryptogram(&self) -> [u8; 8] {
        self.card_cryptogram
    }

    /// Checks AUTHENTICATE SESSION: `data` is session, cryptogram, MAC.
    ///
    /// # Errors
    /// [`DeviceError::AuthenticationFailed`].
    pub fn authenticate(&mut self, data: &[u8]) -> Result<(), DeviceError> {
        let cryptogram = self.verified(CommandCode::AUTHENTICATE_SESSION, data)?;
        verify_slices_are_equal(cryptogram, &self.host_cryptogram)
            .map_err(|_| DeviceError::AuthenticationFailed)
    }

    /// Checks and decrypts SESSION MESSAGE: `data` is session, ciphertext, MAC.
    ///
    /// # Errors
    /// [`DeviceError::AuthenticationFailed`]; the channel's state is as before.
    pub fn open(&mut self, data: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let before = self.chaining;
        let text = self.verified(CommandCode::SESSION_MESSAGE, data)?;
        cipher::decrypt(&self.encryption, self.counter, text).map_err(|_| {
            self.chaining = before;
            DeviceError::AuthenticationFailed
        })
    }

    /// Encrypts an answer; the data of SESSION MESSAGE's answer: session, ciphertext, MAC.
    ///
    /// # Errors
    /// [`DeviceError::SessionFailed`] when the cryptographic library fails or the counter ends.
    pub fn seal(&mut self, session: u8, answer: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let failed = |_| DeviceError::SessionFailed;
        let text = cipher::encrypt(&self.encryption, self.counter, answer).map_err(failed)?;
        let code = CommandCode::SESSION_MESSAGE.response();
        let mac = cipher::mac(
            &self.response_mac,
            &[&self.chaining, &header(code, session, text.len()), &text],
        )
        .map_err(failed)?;
        self.counter = self
            .counter
            .checked_add(1)
            .ok_or(DeviceError::SessionFailed)?;
        let mut data = vec![session];
        data.extend_from_slice(&text);
        data.extend_from_slice(&mac[..MAC_BYTES]);
        Ok(data)
    }

    /// What stands between session and MAC, if the MAC is right; then the next is chained to it.
    fn verified<'a>(
        &mut self,
        command: CommandCode,
        data: &'a [u8],
    ) -> Result<&'a [u8], DeviceError> {
        let (session, rest) = data.split_first().ok_or(DeviceError::WrongLength)?;
        let (body, mac) = rest
            .split_last_chunk::<MAC_BYTES>()
            .ok_or(DeviceError::WrongLength)?;
        let expected = cipher::mac(
            &self.mac,
            &[
                &self.chaining,
                &header(command.0, *session, body.len()),
                body,
            ],
        )
        .map_err(|_| DeviceError::AuthenticationFailed)?;
        verify_slices_are_equal(mac, &expected[..MAC_BYTES])
            .map_err(|_| DeviceError::AuthenticationFailed)?;
        self.chaining = expected;
        Ok(body)
    }
}

/// Code, length with session and MAC, session: what a MAC begins with.
fn header(code: u8, session: u8, body_bytes: usize) -> [u8; 4] {
    let length = u16::try_from(1 + body_bytes + MAC_BYTES).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    [code, high, low, session]
}
