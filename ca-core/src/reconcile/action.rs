//! Which commands a noted action explains, and how many of each.

/// Before the logs of all devices are read.
pub const RECONCILE_BEGUN: &str = "reconcile-begun";
/// After the logs of all devices were read to their ends.
pub const RECONCILED: &str = "reconciled";
/// People let a device sign again. Explains no command.
pub const ENABLE: &str = "enable";

const PUT_OPAQUE: u8 = 0x42;
const PUT_AUTHENTICATION_KEY: u8 = 0x44;
const PUT_ASYMMETRIC_KEY: u8 = 0x45;
const GENERATE_ASYMMETRIC_KEY: u8 = 0x46;
pub(super) const EXPORT_WRAPPED: u8 = 0x4a;
const IMPORT_WRAPPED: u8 = 0x4b;
/// The command that puts a wrap key into a device.
pub(crate) const PUT_WRAP_KEY: u8 = 0x4c;
const SET_OPTION: u8 = 0x4f;
pub(super) const DELETE_OBJECT: u8 = 0x58;
const ATTEST: u8 = 0x64;
const CHANGE_AUTHENTICATION_KEY: u8 = 0x6c;
const RESET_DEVICE: u8 = 0x08;
/// The first entry of a log that begins anew.
pub(super) const RESET_ENTRY: u8 = 0xff;

/// Every action: its name, and command codes with the most of each.
pub const ACTIONS: &[(&str, &[(u8, u32)])] = &[
    // What the device did before the authority knew it, and nobody can tell, is accepted.
    ("accept-history", &[(RESET_ENTRY, 1)]),
    ("attest", &[(ATTEST, 1)]),
    ("backup", &[(EXPORT_WRAPPED, 1)]),
    (
        "change-authentication-key",
        &[(CHANGE_AUTHENTICATION_KEY, 1)],
    ),
    // Earlier programs noted both devices so. What it explains beyond what a device does is
    // retired with the rest.
    (
        "clone",
        &[(EXPORT_WRAPPED, 1), (IMPORT_WRAPPED, 1), (ATTEST, 1)],
    ),
    ("clone-in", &[(IMPORT_WRAPPED, 1), (ATTEST, 1)]),
    ("clone-out", &[(EXPORT_WRAPPED, 1)]),
    // Roles' authentication keys are made, the factory's one is deleted, logging is set up.
    (
        "commission",
        &[
            (PUT_AUTHENTICATION_KEY, 8),
            (CHANGE_AUTHENTICATION_KEY, 8),
            (PUT_OPAQUE, 2),
            (PUT_WRAP_KEY, 1),
            (SET_OPTION, 128),
            (DELETE_OBJECT, 8),
            (RESET_DEVICE, 1),
            (RESET_ENTRY, 1),
        ],
    ),
    ("delete", &[(DELETE_OBJECT, 1)]),
    (ENABLE, &[]),
    ("generate", &[(GENERATE_ASYMMETRIC_KEY, 1), (ATTEST, 1)]),
    ("import", &[(PUT_ASYMMETRIC_KEY, 1), (ATTEST, 1)]),
    ("put-authentication-key", &[(PUT_AUTHENTICATION_KEY, 1)]),
    ("put-opaque", &[(PUT_OPAQUE, 1)]),
    ("put-wrap-key", &[(PUT_WRAP_KEY, 1)]),
    ("reset", &[(RESET_DEVICE, 1), (RESET_ENTRY, 1)]),
    ("restore", &[(IMPORT_WRAPPED, 1), (ATTEST, 1)]),
    ("set-option", &[(SET_OPTION, 1)]),
];

/// The commands that `action` explains.
pub(super) fn explains(action: &str) -> &'static [(u8, u32)] {
    ACTIONS
        .iter()
        .find(|(name, _)| *name == action)
        .map_or(&[], |(_, commands)| commands)
}
