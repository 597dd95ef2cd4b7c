use kasane_ca_core::Error;
use kasane_ca_core::folder::FolderError;
use kasane_ca_core::store::StoreError;

use crate::control::{ExitClass, Problem};

#[test]
fn exit_codes_are_those_documented() {
    let codes = [
        (ExitClass::Negative, 1),
        (ExitClass::Usage, 2),
        (ExitClass::Refused, 3),
        (ExitClass::NotFound, 4),
        (ExitClass::Conflict, 5),
        (ExitClass::Integrity, 6),
        (ExitClass::Environment, 7),
        (ExitClass::Internal, 8),
        (ExitClass::NotVisible, 9),
    ];
    for (class, code) in codes {
        assert_eq!(class.exit_code(), code);
    }
}

#[test]
fn errors_of_each_kind_have_their_class() {
    let class = |error: Error| Problem::from(error).class;
    let in_use = FolderError::InUse { path: "x".into() };
    assert_eq!(class(in_use.into()), ExitClass::Conflict);
    let empty = FolderError::Empty { path: "x".into() };
    assert_eq!(class(empty.into()), ExitClass::NotFound);
    let stopped = Error::Stopped { reason: "x".into() };
    assert_eq!(class(stopped), ExitClass::Integrity);
    let mode = Error::Mode {
        mode: "production".into(),
        reason: "x".into(),
    };
    assert_eq!(class(mode), ExitClass::Refused);
    assert_eq!(
        class(kasane_ledger::Error::Closed.into()),
        ExitClass::Environment
    );
    let missing = kasane_ledger::Error::NoSuchEntry { index: 9, size: 3 };
    assert_eq!(class(missing.into()), ExitClass::NotFound);
    let blob = kasane_ledger::Error::BatchEmpty;
    assert_eq!(class(blob.into()), ExitClass::Refused);
    let backend = StoreError::Backend {
        operation: "write",
        reason: "x".into(),
    };
    assert_eq!(class(backend.into()), ExitClass::Environment);
    let damaged = StoreError::Damaged { table: "meta" };
    assert_eq!(class(damaged.into()), ExitClass::Integrity);
}
