//! Serial numbers.

use crate::random::{RandomFailed, RandomSource};

/// Octets of a serial number: 16, so that at least 120 bits are random.
const SERIAL_BYTES: usize = 16;

/// A new serial number: first octet 0x01 to 0x7F (positive, never shortened by DER), the rest
/// random. Uniqueness is checked by whoever records it.
///
/// # Errors
/// [`RandomFailed`].
pub fn new_serial(random: &dyn RandomSource) -> Result<[u8; SERIAL_BYTES], RandomFailed> {
    let mut serial = [0; SERIAL_BYTES];
    loop {
        random.fill(&mut serial)?;
        serial[0] &= 0x7F;
        if serial[0] != 0 {
            return Ok(serial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn first_octet_is_between_0x01_and_0x7f() {
        for _ in 0..2_000 {
            let serial = new_serial(&SystemRandom).unwrap();
            assert!((0x01..=0x7F).contains(&serial[0]));
        }
    }
}
