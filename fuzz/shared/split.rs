//! Several structures in one input.

/// Cuts at what looks like the outermost SEQUENCE of a certificate, CRL or response.
pub fn split(mut data: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    while let [0x30, 0x82, high, low, ..] = data {
        let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
        let Some((block, rest)) = data.split_at_checked(length) else { break };
        blocks.push(block);
        data = rest;
    }
    blocks
}
