//! Issuance from request to outcome, through the real ledger and store.

mod common;

use common::{p384, requester, terminal_order, world};
use kasane_ca_core::authority::Status;

#[test]
fn certificate_is_issued_recorded_and_good() {
    let world = world();
    let key = p384();
    let order = terminal_order("terminal-ecc", 1, &key);
    let issued = world.authority.issue(&requester(), order).unwrap();
    assert_eq!(issued.outcome, issued.record + 1);
    let status = world
        .authority
        .status(&issued.issuer, &issued.serial)
        .unwrap();
    assert_eq!(status, Status::Good);
    let again = world
        .authority
        .certificate_by_serial(&issued.serial)
        .unwrap();
    assert_eq!(again.der.as_deref(), Some(issued.der.as_slice()));
}
