//! Lists of a CA that was taken over.

use std::collections::BTreeSet;

use kasane_crl::CrlKind;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::{CrlIssuer, Freshness, check_crl};

use crate::common::imported::{self, IssuingKey};
use crate::scene::{TERMINALS, due, issue_in_one_shard, publisher, revoke, serials};

#[test]
fn certificate_of_before_is_on_no_list_of_an_imported_ca_and_no_list_speaks_of_it() {
    let world = imported::world(IssuingKey::Before, 4_711);
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (serial, der) = imported::certificate_of_before(&world);
    let (shard, issued) = issue_in_one_shard(&world, 1);
    revoke(&world, &issued[0], None);
    due(&world, &publisher);
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let ca = Certificate::from_der(&issuer.certificate_der).unwrap();
    let key = world.authority.crypto().public_key(&issuer.spki).unwrap();
    let by = CrlIssuer::from_certificate(&ca, &*key);
    let certificate = Certificate::from_der(&der).unwrap();
    for each in 0..issuer.crl_shards {
        for kind in [CrlKind::Full, CrlKind::Delta] {
            let crl = publisher.current(TERMINALS, each, kind).unwrap();
            let listed = if each == shard {
                BTreeSet::from([issued[0].serial.clone()])
            } else {
                BTreeSet::new()
            };
            assert_eq!(serials(&crl), listed, "{each} {kind:?}");
            assert!(!listed.contains(&serial));
            // Its distribution point is elsewhere, so no list here covers it: not good, not revoked.
            let list = CertificateList::from_der(&crl.der).unwrap();
            let now = world.authority.now();
            let judged = check_crl(&certificate, &by, &list, now, Freshness::Required);
            assert!(judged.is_err(), "{each} {kind:?}: {judged:?}");
        }
    }
}
