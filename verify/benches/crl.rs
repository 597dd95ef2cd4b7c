//! A CRL of 1,000,000 entries: parsed, verified and indexed once; then look-ups.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop on a failure")]

#[path = "support/hierarchy.rs"]
mod hierarchy;
#[path = "support/list.rs"]
mod list;
#[path = "support/listed.rs"]
mod listed;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use rustls_pki_types::CertificateDer;
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, OwnedCertRevocationList,
    RevocationOptionsBuilder, anchor_from_trusted_cert,
};

use crate::hierarchy::{Hierarchy, NOW_SECONDS};
use crate::listed::Listed;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (hierarchy, key) in &hierarchy::all() {
        let der = list::million(hierarchy, key);
        let intermediate = Certificate::from_der(&hierarchy.intermediate).unwrap();
        let spki = intermediate.spki();
        let public_key = AwsLc.public_key(spki).unwrap();

        let mut group = criterion.benchmark_group(format!("crl of a million, {}", hierarchy.name));
        group.sample_size(10);
        group.throughput(Throughput::Bytes(der.len().try_into().unwrap()));
        group.bench_function("parse, verify signature and index", |bencher| {
            bencher.iter_batched(
                || der.clone(),
                |der| {
                    let crl = IndexedCrl::from_der(der).unwrap();
                    crl.verify_signature(&*public_key, spki).unwrap();
                    crl
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();

        let crl = IndexedCrl::from_der(der).unwrap();
        crl.verify_signature(&*public_key, spki).unwrap();
        println!(
            "{}: {} octets of DER, {:.3} times that in memory",
            hierarchy.name,
            crl.list().der().len(),
            ratio(crl.memory_bytes(), crl.list().der().len())
        );
        let mut group = criterion.benchmark_group(format!("look-up, {}", hierarchy.name));
        let mut number = 0_u32;
        let mut next = |range: std::ops::Range<u32>| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            list::serial(range.start + number % (range.end - range.start))
        };
        group.bench_function("revoked", |bencher| {
            bencher.iter_batched(
                || next(0..list::ENTRIES),
                |serial| crl.find(black_box(&serial)).unwrap().unwrap().reason,
                BatchSize::SmallInput,
            );
        });
        group.bench_function("not revoked", |bencher| {
            bencher.iter_batched(
                || next(list::ENTRIES..2 * list::ENTRIES),
                |serial| crl.find(black_box(&serial)).unwrap().is_none(),
                BatchSize::SmallInput,
            );
        });
        group.bench_function("signature again", |bencher| {
            bencher.iter(|| crl.verify_signature(&*public_key, black_box(spki)));
        });
        group.finish();
        chain(&mut criterion, hierarchy, crl);
    }
    criterion.final_summary();
}

/// A chain without the list, against the list, and the same with rustls-webpki.
fn chain(criterion: &mut Criterion, hierarchy: &Hierarchy, crl: IndexedCrl) {
    let mut group = criterion.benchmark_group(format!("chain and list, {}", hierarchy.name));
    let der = crl.list().der().to_vec();
    let listed = Listed::new(hierarchy, crl);
    group.bench_function("kasane, no list", |bencher| {
        bencher.iter(|| listed.without());
    });
    group.bench_function("kasane, list", |bencher| bencher.iter(|| listed.with()));

    let root = CertificateDer::from(&*hierarchy.root);
    let webpki_anchors = [anchor_from_trusted_cert(&root).unwrap()];
    let list = OwnedCertRevocationList::from_der(&der).unwrap();
    let list = list.into();
    let lists = [&list];
    let now = Duration::from_secs(NOW_SECONDS.into());
    group.bench_function("rustls-webpki, list", |bencher| {
        bencher.iter(|| {
            let end_entity = CertificateDer::from(&*hierarchy.end_entity);
            let intermediates = [CertificateDer::from(&*hierarchy.intermediate)];
            let revocation = RevocationOptionsBuilder::new(&lists).unwrap();
            EndEntityCert::try_from(&end_entity)
                .unwrap()
                .verify_for_usage(
                    ALL_VERIFICATION_ALGS,
                    &webpki_anchors,
                    &intermediates,
                    rustls_pki_types::UnixTime::since_unix_epoch(now),
                    KeyUsage::server_auth(),
                    Some(
                        revocation
                            .with_depth(webpki::RevocationCheckDepth::EndEntity)
                            .build(),
                    ),
                    None,
                )
                .map(drop)
                .unwrap();
        });
    });
    group.finish();
}

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
