//! The commands.

/// A command's octet. The answer to it carries the same octet with the high bit set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CommandCode(pub u8);

macro_rules! commands {
    ($($(#[$comment:meta])* $name:ident = $code:literal;)*) => {
        impl CommandCode {
            $($(#[$comment])* pub const $name: Self = Self($code);)*
        }
    };
}

commands! {
    /// Sends the data back.
    ECHO = 0x01;
    /// Begins a session.
    CREATE_SESSION = 0x03;
    /// Proves the host's knowledge of the authentication key.
    AUTHENTICATE_SESSION = 0x04;
    /// Carries another command through the secure channel.
    SESSION_MESSAGE = 0x05;
    /// Version, serial number, log, algorithms.
    DEVICE_INFO = 0x06;
    /// Back to the state of delivery.
    RESET_DEVICE = 0x08;
    /// Ends the session.
    CLOSE_SESSION = 0x40;
    /// Free records and pages.
    GET_STORAGE_INFO = 0x41;
    /// Imports an opaque object.
    PUT_OPAQUE = 0x42;
    /// Reads an opaque object.
    GET_OPAQUE = 0x43;
    /// Imports an authentication key.
    PUT_AUTHENTICATION_KEY = 0x44;
    /// Imports an asymmetric key.
    PUT_ASYMMETRIC_KEY = 0x45;
    /// Generates an asymmetric key.
    GENERATE_ASYMMETRIC_KEY = 0x46;
    /// RSASSA-PKCS1-v1_5.
    SIGN_PKCS1 = 0x47;
    /// Objects in the session's domains.
    LIST_OBJECTS = 0x48;
    /// An object under a wrap key.
    EXPORT_WRAPPED = 0x4a;
    /// An object from under a wrap key.
    IMPORT_WRAPPED = 0x4b;
    /// Imports a wrap key.
    PUT_WRAP_KEY = 0x4c;
    /// Reads the log.
    GET_LOG_ENTRIES = 0x4d;
    /// All about one object.
    GET_OBJECT_INFO = 0x4e;
    /// Sets a device-wide option.
    SET_OPTION = 0x4f;
    /// Reads a device-wide option.
    GET_OPTION = 0x50;
    /// Random octets.
    GET_PSEUDO_RANDOM = 0x51;
    /// Imports an HMAC key.
    PUT_HMAC_KEY = 0x52;
    /// HMAC.
    SIGN_HMAC = 0x53;
    /// The public key of an asymmetric key.
    GET_PUBLIC_KEY = 0x54;
    /// RSASSA-PSS.
    SIGN_PSS = 0x55;
    /// ECDSA.
    SIGN_ECDSA = 0x56;
    /// Deletes an object.
    DELETE_OBJECT = 0x58;
    /// Generates an HMAC key.
    GENERATE_HMAC_KEY = 0x5a;
    /// Generates a wrap key.
    GENERATE_WRAP_KEY = 0x5b;
    /// Checks an HMAC.
    VERIFY_HMAC = 0x5c;
    /// An X.509 certificate about a key of the device.
    SIGN_ATTESTATION_CERTIFICATE = 0x64;
    /// What has been read of the log may be overwritten.
    SET_LOG_INDEX = 0x67;
    /// Encrypts data with a wrap key.
    WRAP_DATA = 0x68;
    /// Decrypts data with a wrap key.
    UNWRAP_DATA = 0x69;
    /// EdDSA.
    SIGN_EDDSA = 0x6a;
    /// Blinks.
    BLINK_DEVICE = 0x6b;
    /// Replaces the session's own authentication key.
    CHANGE_AUTHENTICATION_KEY = 0x6c;
    /// An error's answer.
    ERROR = 0x7f;
}

impl CommandCode {
    /// The octet of the successful answer.
    #[must_use]
    pub const fn response(self) -> u8 {
        self.0 | 0x80
    }
}

/// The commands that GET OPTION lists for command-audit, in the device's order
/// (YubiHSM User Guide, "Audit options"): those that came with later firmware stand behind.
pub const AUDITED: [CommandCode; 65] = {
    let order: [u8; 65] = [
        0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x08, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46,
        0x47, 0x55, 0x56, 0x48, 0x49, 0x57, 0x4a, 0x4b, 0x4c, 0x4d, 0x67, 0x4e, 0x4f, 0x50, 0x51,
        0x52, 0x53, 0x54, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63,
        0x64, 0x65, 0x66, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x0a, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72,
        0x73, 0x74, 0x75, 0x76, 0x77,
    ];
    let mut codes = [CommandCode(0); 65];
    let mut at = 0;
    while at < codes.len() {
        codes[at] = CommandCode(order[at]);
        at += 1;
    }
    codes
};
