//! What lists say of themselves.

use kasane_crl::CrlKind;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;

use crate::common::world;
use crate::scene::{due, kinds, publisher};

fn number(octets: Option<&[u8]>) -> Option<u64> {
    octets.map(|octets| {
        octets
            .iter()
            .fold(0, |number, octet| number << 8 | u64::from(*octet))
    })
}

#[test]
fn every_series_begins_with_an_empty_crl_and_rests_then() {
    let world = world();
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    let issuers = world.authority.issuers();
    let shards: u32 = issuers.iter().map(|issuer| issuer.crl_shards).sum();
    let roots = u32::try_from(issuers.iter().filter(|issuer| issuer.is_root()).count()).unwrap();
    assert_eq!(roots, 2);
    assert_eq!(
        published.len(),
        usize::try_from(2 * shards - roots).unwrap()
    );
    assert!(due(&world, &publisher).is_empty());

    for crl in published {
        let issuer = world.authority.issuer(&crl.issuer).unwrap();
        let list = CertificateList::from_der(&crl.der).unwrap();
        let place = format!("{}/{} {:?}", crl.issuer, crl.shard, crl.kind);
        // RFC 5280 §5.2.1; the wrong identifier would be that of the CA above.
        let certificate = Certificate::from_der(&issuer.certificate_der).unwrap();
        let aki = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(
            Some(aki),
            certificate.extensions().subject_key_id,
            "{place}"
        );
        if !issuer.is_root() {
            let above = certificate
                .extensions()
                .authority_key_id
                .unwrap()
                .key_id
                .unwrap();
            assert_ne!(aki, above, "{place}");
        }
        let key = world.authority.crypto().public_key(&issuer.spki).unwrap();
        list.verify_signature(&*key).unwrap();
        assert_eq!(list.entries().count(), 0, "{place}");
        assert_eq!(number(list.number()), Some(crl.number), "{place}");
        assert_eq!(number(list.base_number()), crl.base_number, "{place}");
        assert_eq!(list.next_update(), Some(crl.next_update), "{place}");

        let urls = &world.authority.configuration().urls;
        let scope: Vec<_> = list
            .issuing_distribution_point()
            .iter()
            .flat_map(|idp| idp.uris())
            .collect();
        if !issuer.is_root() {
            assert_eq!(scope, [urls.crl(&crl.issuer, crl.shard)], "{place}");
        } else {
            // A root's CRL covers all, the root's own certificate included.
            assert_eq!(list.issuing_distribution_point(), None, "{place}");
        }
        let freshest: Vec<_> = list
            .freshest_crl()
            .iter()
            .flat_map(|it| it.uris())
            .collect();
        if crl.kind == CrlKind::Full && !issuer.is_root() {
            assert_eq!(
                freshest,
                [urls.delta_crl(&crl.issuer, crl.shard)],
                "{place}"
            );
        } else {
            assert!(freshest.is_empty(), "{place}");
        }
        assert!(crl.kind == CrlKind::Full || !issuer.is_root(), "{place}");
        let days = if issuer.is_root() { 190 } else { 4 };
        assert_eq!(crl.next_update, crl.this_update.plus_days(days), "{place}");
    }
}

#[test]
fn intermediate_crl_aki_is_issuer_ski() {
    let world = world();
    let publisher = publisher(&world.authority);
    let published = publisher.publish("issuing-rsa", 0).unwrap();
    let issuer = world.authority.issuer("issuing-rsa").unwrap();
    let root = world.authority.issuer("root-rsa").unwrap();
    assert_ne!(issuer.signer.ski, root.signer.ski);
    assert_eq!(kinds(&published), [CrlKind::Full, CrlKind::Delta]);
    for crl in published {
        let list = CertificateList::from_der(&crl.der).unwrap();
        let aki = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(aki, issuer.signer.ski);
    }
}
