//! A CA that was taken over, at an edge.

use kasane_ca_core::status_source::StatusSource;
use kasane_verify::ocsp::{CertStatus, archive_cutoff};

use crate::common::imported::{self, IssuingKey};
use crate::common::now;
use crate::scene::{Edge, TERMINALS, is_revoked, issue, revoke, with_basic};

#[test]
fn edge_knows_since_when_a_ca_is_here_and_calls_nothing_of_before_revoked() {
    let world = imported::world(IssuingKey::Before, 0);
    let (before, _) = imported::certificate_of_before(&world);
    let (good, revoked) = (issue(&world), issue(&world));
    revoke(&world, &revoked.serial);
    let edge = Edge::ready(&world, "edge-1");
    // Before and after a restart, by the replica alone.
    let check = |edge: &Edge| {
        assert_eq!(edge.status(&before), CertStatus::UNKNOWN);
        assert!(edge.ask(&before).cacheable.is_none());
        assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
        assert!(is_revoked(edge.status(&revoked.serial)));
        let issuer = edge.follower.issuer(TERMINALS).unwrap();
        assert_eq!(issuer.imported_at, Some(now()));
        with_basic(&edge.ask(&good.serial), |basic| {
            let cutoff = Some(vec![archive_cutoff(now()).unwrap()]);
            assert_eq!(basic.data.responses[0].single_extensions, cutoff);
        });
    };
    check(&edge);
    check(&edge.restart());
}
