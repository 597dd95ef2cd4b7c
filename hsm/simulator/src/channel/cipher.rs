//! The cryptography that SCP03 is made of.

use aws_lc_rs::{
    cipher::{
        AES_128, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
        UnboundCipherKey,
    },
    cmac,
    error::Unspecified,
    iv::FixedLength,
};

const BLOCK: usize = 16;

/// AES-128-CMAC over the parts, one after the other.
pub(super) fn mac(key: &[u8; 16], parts: &[&[u8]]) -> Result<[u8; 16], Unspecified> {
    let key = cmac::Key::new(cmac::AES_128, key)?;
    let mut context = cmac::Context::with_key(&key);
    for part in parts {
        context.update(part)?;
    }
    context.sign()?.as_ref().try_into().map_err(|_| Unspecified)
}

/// The key derivation of Amendment D §4.1.5 (NIST SP 800-108, counter mode, one block).
pub(super) fn derive(
    key: &[u8; 16],
    constant: u8,
    bits: u16,
    context: &[u8; 16],
) -> Result<[u8; 16], Unspecified> {
    let [high, low] = bits.to_be_bytes();
    let mut label = [0; 16];
    label[11..].copy_from_slice(&[constant, 0, high, low, 1]);
    mac(key, &[&label, context])
}

/// The initial vector of a message: its counter, encrypted (Amendment D §6.2.6).
fn initial_vector(key: &[u8; 16], counter: u32) -> Result<FixedLength<16>, Unspecified> {
    let mut block = [0; BLOCK];
    block[12..].copy_from_slice(&counter.to_be_bytes());
    EncryptingKey::ecb(UnboundCipherKey::new(&AES_128, key)?)?
        .less_safe_encrypt(&mut block, EncryptionContext::None)?;
    Ok(FixedLength::from(block))
}

/// Pads (ISO/IEC 7816-4) and encrypts.
pub(super) fn encrypt(key: &[u8; 16], counter: u32, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let vector = initial_vector(key, counter)?;
    let mut text = plain.to_vec();
    text.push(0x80);
    text.resize(text.len().next_multiple_of(BLOCK), 0);
    EncryptingKey::cbc(UnboundCipherKey::new(&AES_128, key)?)?
        .less_safe_encrypt(&mut text, EncryptionContext::Iv128(vector))?;
    Ok(text)
}

/// Decrypts and takes the padding off.
pub(super) fn decrypt(key: &[u8; 16], counter: u32, text: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let vector = initial_vector(key, counter)?;
    let mut plain = text.to_vec();
    let length = DecryptingKey::cbc(UnboundCipherKey::new(&AES_128, key)?)?
        .decrypt(&mut plain, DecryptionContext::Iv128(vector))?
        .len();
    plain.truncate(length);
    let end = plain
        .iter()
        .rposition(|octet| *octet != 0)
        .filter(|at| plain[*at] == 0x80)
        .ok_or(Unspecified)?;
    plain.truncate(end);
    Ok(plain)
}
