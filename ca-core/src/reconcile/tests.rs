//! Rules of the account that need no authority.

use super::*;

#[test]
fn every_code_has_one_meaning_and_signatures_are_the_four() {
    let signing: Vec<u8> = (0..=0xff)
        .filter(|code| class(*code) == Class::Signs)
        .collect();
    assert_eq!(signing, [0x47, 0x55, 0x56, 0x6a]);
    for code in [
        0x42, 0x44, 0x45, 0x46, 0x4a, 0x4b, 0x4c, 0x4f, 0x58, 0x64, 0x6c, 0x08,
    ] {
        assert_eq!(class(code), Class::MustBeNoted, "0x{code:02x}");
    }
    // Uses of a key that are no signature of ours, and codes that nobody knows yet.
    for code in [0x49, 0x53, 0x57, 0x59, 0x5d, 0x68, 0x69, 0x70, 0x77, 0x7e] {
        assert_eq!(class(code), Class::MustBeNoted, "0x{code:02x}");
    }
}

#[test]
fn every_action_explains_commands_that_must_be_noted() {
    for (action, commands) in ACTIONS {
        assert!(!commands.is_empty(), "{action}");
        for (code, count) in *commands {
            assert!(*count > 0, "{action}");
            assert!(
                matches!(class(*code), Class::MustBeNoted | Class::Reset),
                "{action} 0x{code:02x}"
            );
        }
    }
}
