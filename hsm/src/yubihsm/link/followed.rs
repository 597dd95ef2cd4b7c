//! A session as its frames show it.

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::cmac;
use aws_lc_rs::error::Unspecified;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A block of AES.
type Block = [u8; 16];

/// Octets of a MAC that go over the wire.
const MAC_BYTES: usize = 8;

/// Derivation constants (GlobalPlatform Amendment D, table 4-1).
const SESSION_ENCRYPTION: u8 = 0x04;
const SESSION_MAC: u8 = 0x06;
const SESSION_RESPONSE_MAC: u8 = 0x07;

/// Codes of SESSION MESSAGE and of its answer.
const MESSAGE: u8 = 0x05;
const MESSAGE_ANSWER: u8 = 0x85;

/// Length of what follows the head when one encrypted block is carried: session, block, MAC.
const ONE_BLOCK: u8 = 1 + 16 + MAC_BYTES as u8;

/// CLOSE SESSION and its answer, which carry no data, padded (ISO/IEC 7816-4).
const CLOSE: Block = [0x40, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const CLOSED: Block = [0xc0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What one side of a secure channel (SCP03, GlobalPlatform Amendment D) has to know to say one more
/// thing in it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Followed {
    encryption: Block,
    mac: Block,
    response_mac: Block,
    /// The whole MAC of the last command, which the next one is chained to (§6.2.4).
    chaining: Block,
    /// Of the next message; the first after the authentication is 1 (§6.2.6).
    counter: u32,
}

/// The last message of a session and the one answer that says that it is closed.
pub(super) struct Closing {
    pub(super) frame: Vec<u8>,
    pub(super) answer: Vec<u8>,
}

impl Followed {
    /// A session that was created with those static keys, encryption key first, and those challenges.
    pub(super) fn created(
        keys: &[u8; 32],
        host_challenge: &[u8],
        card_challenge: &[u8],
    ) -> Result<Self, Unspecified> {
        let (encryption, mac) = keys.split_at(16);
        let derive = |key: &[u8], constant| {
            // NIST SP 800-108 in counter mode, one block of 128 bits (§4.1.5).
            let mut label = [0; 16];
            label[11..].copy_from_slice(&[constant, 0, 0, 128, 1]);
            authenticate(key, &[&label, host_challenge, card_challenge])
        };
        Ok(Self {
            encryption: derive(encryption, SESSION_ENCRYPTION)?,
            mac: derive(mac, SESSION_MAC)?,
            response_mac: derive(mac, SESSION_RESPONSE_MAC)?,
            chaining: [0; 16],
            counter: 1,
        })
    }

    /// A command of the session went to the device. `None`: it was none of this session.
    pub(super) fn sent(&mut self, frame: &[u8]) -> Option<()> {
        let (body, shown) = frame.split_last_chunk::<MAC_BYTES>()?;
        let mac = authenticate(&self.mac, &[&self.chaining, body]).ok()?;
        if !mac.starts_with(shown) {
            return None;
        }
        self.chaining = mac;
        if frame.first() == Some(&MESSAGE) {
            self.counter = self.counter.checked_add(1)?;
        }
        Some(())
    }

    /// What ends the session now.
    pub(super) fn closing(&self, session: u8) -> Result<Closing, Unspecified> {
        let mut counter = Zeroizing::new([0; 16]);
        counter[12..].copy_from_slice(&self.counter.to_be_bytes());
        let vector = encrypt(&self.encryption, &counter)?;
        // One block: cipher block chaining is one exclusive or.
        let seal = |code, plain: &Block, key, chaining: &Block| {
            let mut block = *plain;
            block.iter_mut().zip(&vector).for_each(|(it, by)| *it ^= by);
            let mut frame = vec![code, 0, ONE_BLOCK, session];
            frame.extend_from_slice(&encrypt(&self.encryption, &block)?);
            let mac = authenticate(key, &[chaining, &frame])?;
            frame.extend_from_slice(&mac[..MAC_BYTES]);
            Ok::<_, Unspecified>((frame, mac))
        };
        let (frame, mac) = seal(MESSAGE, &CLOSE, &self.mac, &self.chaining)?;
        let (answer, _) = seal(MESSAGE_ANSWER, &CLOSED, &self.response_mac, &mac)?;
        Ok(Closing { frame, answer })
    }
}

/// AES-128-CMAC over the parts, one after the other.
fn authenticate(key: &[u8], parts: &[&[u8]]) -> Result<Block, Unspecified> {
    let mut context = cmac::Context::with_key(&cmac::Key::new(cmac::AES_128, key)?);
    for part in parts {
        context.update(part)?;
    }
    context.sign()?.as_ref().try_into().map_err(|_| Unspecified)
}

/// AES-128 of one block.
fn encrypt(key: &[u8], block: &Block) -> Result<Block, Unspecified> {
    let mut block = *block;
    EncryptingKey::ecb(UnboundCipherKey::new(&AES_128, key)?)?
        .less_safe_encrypt(&mut block, EncryptionContext::None)?;
    Ok(block)
}
