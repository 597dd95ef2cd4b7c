//! What the authority makes, as programs of others see it: OpenSSL, GnuTLS and pkilint.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

mod checker;
mod crls;
mod gnutls;
mod haproxy;
mod java;
mod nginx;
mod nss;
mod openssl;
mod pkilint;
mod service;
mod status;
mod tls;
mod unknown;

use std::path::Path;
use std::sync::OnceLock;

use kasane_tests::sample::Sample;

/// The authority of this process: made once, read by every test.
fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| Sample::make(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("strangers")))
}

/// The chain from an issuer to each of the anchors: trust anchor, certificates between.
///
/// RSA leaves are reached from the ECC root, and ECC leaves from the RSA root, across the
/// cross-certificate.
fn ways(issuer: &str) -> [(&'static str, Vec<&str>); 2] {
    if issuer == "issuing-rsa" {
        [
            ("root-rsa", vec![issuer]),
            ("root-ecc", vec![issuer, "root-rsa-by-ecc"]),
        ]
    } else {
        [
            ("root-ecc", vec![issuer]),
            ("root-rsa", vec![issuer, "root-ecc-by-rsa"]),
        ]
    }
}
