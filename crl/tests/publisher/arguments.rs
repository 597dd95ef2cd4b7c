//! What is refused.

use std::sync::Arc;

use kasane_crl::{CrlKind, Publisher, Schedule};

use crate::common::world;
use crate::scene::{TERMINALS, kinds, publisher};

#[test]
fn unknown_issuers_and_shards_are_refused() {
    let world = world();
    let publisher = publisher(&world.authority);
    assert_eq!(
        publisher.publish("nobody", 0).unwrap_err().code(),
        "issuer.unknown"
    );
    assert!(publisher.publish(TERMINALS, 16).is_err());
    assert_eq!(publisher.current("nobody", 0, CrlKind::Full), None);
    assert_eq!(
        publisher
            .revoked("nobody", 0, world.authority.now())
            .failed
            .len(),
        1
    );
    assert_eq!(
        publisher
            .revoked(TERMINALS, 16, world.authority.now())
            .failed
            .len(),
        1
    );
    let roots = publisher.publish("root-ecc", 0).unwrap();
    assert_eq!(kinds(&roots), [CrlKind::Full]);
    let schedule = Schedule {
        issuing_interval_seconds: 0,
        ..Schedule::default()
    };
    let refused = Publisher::new(Arc::clone(&world.authority), schedule).unwrap_err();
    assert_eq!(refused.code(), "argument.bad");
}
