//! Steps of issuance beside the one signature check that none of them can avoid.
//!
//! `cargo bench -p kasane-ca-core --bench steps`

#![expect(clippy::unwrap_used, reason = "a benchmark stops on any error")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use der::{Decode, Encode};
use kasane_ca_core::key_quality::{self, WeakKeys};
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ledger_schema::{CertificateIssued, Entry};
use kasane_verify::SignatureAlgorithm;
use kasane_verify::crypto::{AwsLc, CryptoProvider};

fn steps(criterion: &mut Criterion) {
    let weak_keys = WeakKeys::built_in().unwrap();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let request = rcgen::CertificateParams::default()
        .serialize_request(&key)
        .unwrap();
    let der = request.der().to_vec();
    let parsed = x509_cert::request::CertReq::from_der(&der).unwrap();
    let spki = parsed.info.public_key.to_der().unwrap();
    let info = parsed.info.to_der().unwrap();
    let signature = parsed.signature.raw_bytes().to_vec();

    let mut group = criterion.benchmark_group("request-p384");
    group.bench_function("signature-check-alone", |bencher| {
        bencher.iter(|| {
            let algorithm = SignatureAlgorithm::EcdsaSha384;
            AwsLc
                .verify(algorithm, black_box(&spki), &info, &signature)
                .unwrap();
        });
    });
    group.bench_function("parse-and-prove", |bencher| {
        bencher.iter(|| EnrolmentRequest::parse(black_box(&der), &weak_keys).unwrap());
    });
    group.bench_function("key-quality", |bencher| {
        bencher.iter(|| key_quality::check(black_box(&spki), &weak_keys).unwrap());
    });
    group.finish();

    let entry = Entry {
        time: 1_800_000_000,
        actor: "local/uid-1000".into(),
        event: CertificateIssued {
            record: 1_000_000,
            signature: der::asn1::OctetString::new(signature).unwrap(),
        }
        .into(),
    };
    let bytes = entry.to_bytes().unwrap();
    let mut group = criterion.benchmark_group("ledger-entry");
    group.bench_function("encode", |bencher| {
        bencher.iter(|| black_box(&entry).to_bytes().unwrap())
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| Entry::from_bytes(black_box(&bytes)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
