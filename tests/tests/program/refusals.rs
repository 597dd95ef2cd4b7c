//! Bad requests at the program.

use std::fs;

use kasane_tests::bad_request;

use crate::World;

#[test]
fn each_bad_request_is_refused_with_its_code_and_nothing_is_recorded() {
    let world = World::new();
    let size = world.verified_ledger_size();
    let before = world.certificates().len();
    for bad in bad_request::every(world.folder.path()) {
        let csr = world.folder.path().join("bad.csr");
        fs::write(&csr, &bad.csr).unwrap();
        let refusal = world.refusal([
            "issue",
            "--profile",
            bad.profile,
            "--facility",
            bad.facility,
            "--terminal",
            "1",
            "--csr",
            csr.to_str().unwrap(),
        ]);
        assert_eq!(refusal.code, bad.code, "{}: {}", bad.name, refusal.message);
        assert!(
            matches!(refusal.exit, 3 | 4),
            "{}: exit code {}",
            bad.name,
            refusal.exit
        );
    }
    assert_eq!(world.certificates().len(), before);
    assert_eq!(
        world.verified_ledger_size(),
        size,
        "refusals leave no entry"
    );
}

#[test]
fn request_key_with_another_request_is_refused() {
    let world = World::new();
    let (first, second) = (world.csr(), world.csr());
    let issued = world.issue(&first, "order-1");
    assert_eq!(world.issue(&first, "order-1")["serial"], issued["serial"]);
    let refusal = world.refusal(kasane_tests::program::Kasane::issue_arguments(
        &second, "1", "order-1",
    ));
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("request-key.reused", 5)
    );
}
