//! As much DER as certificates need, written by hand: no library stands between a case and its
//! octets, so that what none of them would write can be written as well.

use const_oid::ObjectIdentifier;

pub(crate) const NULL: [u8; 2] = [5, 0];
pub(crate) const TRUE: [u8; 3] = [1, 1, 0xff];

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(u8::try_from(short).unwrap()),
        long => {
            let octets = long.to_be_bytes();
            let first = octets.iter().position(|octet| *octet != 0).unwrap();
            out.push(0x80 | u8::try_from(octets.len() - first).unwrap());
            out.extend(&octets[first..]);
        }
    }
    out.extend(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// `SEQUENCE OF`.
pub(crate) fn list(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    tlv(0x30, &parts.into_iter().flatten().collect::<Vec<_>>())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    tlv(6, ObjectIdentifier::new_unwrap(text).as_bytes())
}

/// An INTEGER, with `tag` for implicitly tagged ones.
pub(crate) fn integer(tag: u8, value: u32) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let first = octets.iter().position(|octet| *octet != 0).unwrap_or(3);
    let mut content = octets[first..].to_vec();
    if content[0] >= 0x80 {
        content.insert(0, 0);
    }
    tlv(tag, &content)
}

/// A BIT STRING of named bits, trailing zeros left out (X.690 §11.2.2).
pub(crate) fn named_bits(bits: &[u8]) -> Vec<u8> {
    let last = bits.iter().max().copied().unwrap_or(0);
    let mut octets = vec![0; usize::from(last) / 8 + 1];
    for bit in bits {
        octets[usize::from(*bit) / 8] |= 0x80 >> (bit % 8);
    }
    octets.insert(0, 7 - last % 8);
    tlv(3, &octets)
}

pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], content].concat())
}

pub(crate) fn pem(der: &[u8]) -> String {
    der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der).unwrap()
}
