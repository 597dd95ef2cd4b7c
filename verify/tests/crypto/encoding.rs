//! DER, right and wrong.

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// Tag, shortest length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        0x80..0x100 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

/// A positive INTEGER in its shortest form.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = &magnitude[zeros..];
    let sign = digits.first().is_none_or(|first| *first >= 0x80);
    tlv(INTEGER, &[&vec![0; usize::from(sign)][..], digits].concat())
}

/// An SPKI: the algorithm's content in hexadecimal digits, then the key.
pub(crate) fn spki(algorithm: &str, key: &[u8]) -> Vec<u8> {
    let algorithm = tlv(SEQUENCE, &hex::decode(algorithm).unwrap());
    let bits = tlv(BIT_STRING, &[&[0][..], key].concat());
    tlv(SEQUENCE, &[algorithm, bits].concat())
}

/// `rsaEncryption`, NULL.
pub(crate) const RSA: &str = "06092a864886f70d0101010500";
/// `id-Ed25519`.
pub(crate) const ED25519: &str = "06032b6570";
/// `id-ecPublicKey` with each curve.
pub(crate) const P256: &str = "06072a8648ce3d020106082a8648ce3d030107";
pub(crate) const P384: &str = "06072a8648ce3d020106052b81040022";
pub(crate) const P521: &str = "06072a8648ce3d020106052b81040023";

/// `RSAPublicKey` in an SPKI.
pub(crate) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = tlv(SEQUENCE, &[integer(modulus), integer(exponent)].concat());
    spki(RSA, &key)
}
