//! What a YubiHSM 2's commands do (YubiHSM 2 Command Reference).

/// What a command does, as far as reconciliation cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Makes a signature with a key of the authority.
    Signs,
    /// Opens sessions, reads, tells what is there.
    Harmless,
    /// The device started.
    Boot,
    /// The device was reset to what the factory made: the first entry of a log.
    Reset,
    /// Changes the device, lets a key out or in, or uses a key otherwise: must be noted.
    MustBeNoted,
}

/// What the command of that code does. A code that is not known must be noted.
#[must_use]
pub const fn class(code: u8) -> Class {
    match code {
        0x00 => Class::Boot,
        0xff => Class::Reset,
        0x47 | 0x55 | 0x56 | 0x6a => Class::Signs,
        // Echo, sessions, device and storage information, the device's public key, opaque objects,
        // lists, the log, object information, options, random numbers, public keys, templates,
        // the log's index, blinking.
        0x01
        | 0x03..=0x06
        | 0x0a
        | 0x40
        | 0x41
        | 0x43
        | 0x48
        | 0x4d
        | 0x4e
        | 0x50
        | 0x51
        | 0x54
        | 0x5f
        | 0x67
        | 0x6b => Class::Harmless,
        _ => Class::MustBeNoted,
    }
}

/// The command's name.
#[must_use]
pub const fn name(code: u8) -> &'static str {
    match code {
        0x00 => "start",
        0x01 => "echo",
        0x03 => "create session",
        0x04 => "authenticate session",
        0x05 => "session message",
        0x06 => "device info",
        0x08 => "reset device",
        0x0a => "get device public key",
        0x40 => "close session",
        0x41 => "get storage info",
        0x42 => "put opaque",
        0x43 => "get opaque",
        0x44 => "put authentication key",
        0x45 => "put asymmetric key",
        0x46 => "generate asymmetric key",
        0x47 => "sign pkcs1",
        0x48 => "list objects",
        0x49 => "decrypt pkcs1",
        0x4a => "export wrapped",
        0x4b => "import wrapped",
        0x4c => "put wrap key",
        0x4d => "get log entries",
        0x4e => "get object info",
        0x4f => "set option",
        0x50 => "get option",
        0x51 => "get pseudo random",
        0x52 => "put hmac key",
        0x53 => "sign hmac",
        0x54 => "get public key",
        0x55 => "sign pss",
        0x56 => "sign ecdsa",
        0x57 => "derive ecdh",
        0x58 => "delete object",
        0x59 => "decrypt oaep",
        0x5a => "generate hmac key",
        0x5b => "generate wrap key",
        0x5d => "sign ssh certificate",
        0x5e => "put template",
        0x5f => "get template",
        0x64 => "sign attestation certificate",
        0x67 => "set log index",
        0x68 => "wrap data",
        0x69 => "unwrap data",
        0x6a => "sign eddsa",
        0x6b => "blink device",
        0x6c => "change authentication key",
        0xff => "first entry after a reset",
        _ => "other command",
    }
}

/// Whether an entry says that the command was executed.
pub(crate) const fn succeeded(code: u8, result: u8) -> bool {
    result == code | 0x80
}
