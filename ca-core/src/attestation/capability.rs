//! What a key may do, by name.

/// Capabilities that an asymmetric key can have, by bit (YubiHSM 2 Core Concepts, "Capability").
const NAMES: &[(u32, &str)] = &[
    (0x05, "sign-pkcs"),
    (0x06, "sign-pss"),
    (0x07, "sign-ecdsa"),
    (0x08, "sign-eddsa"),
    (0x09, "decrypt-pkcs"),
    (0x0a, "decrypt-oaep"),
    (0x0b, "derive-ecdh"),
    (0x10, "exportable-under-wrap"),
    (0x19, "sign-ssh-certificate"),
    (0x22, "sign-attestation-certificate"),
];

/// The names of the bits that are set; a bit that no asymmetric key should have, as its number.
pub(super) fn names(capabilities: u64) -> Vec<String> {
    let set = (0..u64::BITS).filter(|bit| capabilities >> bit & 1 == 1);
    set.map(|bit| {
        let known = NAMES.iter().find(|(number, _)| *number == bit);
        known.map_or_else(
            || format!("bit-0x{bit:02x}"),
            |(_, name)| (*name).to_owned(),
        )
    })
    .collect()
}
